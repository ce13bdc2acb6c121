import ModelIR
import TensorTypes

/// Layers of one input that need no parameters.
let plainLayers: [String: Elementwise.Function] = [
  "AbsVal": .abs, "Sigmoid": .sigmoid, "TanH": .tanh, "Mish": .mish, "Softplus": .softplus,
  "Erf": .erf, "Swish": .swish(alpha: 1),
]

/// By the number of the operation.
private let binaryFunctions: [Elementwise.Function] = [
  .add, .sub, .mul, .div, .max, .min, .pow, .sub, .div,
]
private let unaryFunctions: [Int: Elementwise.Function] = [
  0: .abs, 1: .neg, 2: .floor, 3: .ceil, 5: .sqrt, 7: .exp, 8: .log, 9: .sin, 10: .cos, 11: .tan,
  12: .asin, 13: .acos, 14: .atan, 15: .reciprocal, 16: .tanh, 18: .round,
]

let elementwiseLayers: [String: LowerLayer] = [
  "ReLU": { builder, view, inputs throws(LayerError) in
    let slope = try view.real(0)
    return [
      builder.applied(
        slope == 0 ? .relu : .leakyRelu(alpha: slope), try builder.only(inputs, view), view.name)
    ]
  },
  "Clip": { builder, view, inputs throws(LayerError) in
    let limit = Double(Float.greatestFiniteMagnitude)
    return [
      builder.applied(
        .clip(min: try view.real(0, default: -limit), max: try view.real(1, default: limit)),
        try builder.only(inputs, view), view.name)
    ]
  },
  "ELU": { builder, view, inputs throws(LayerError) in
    [
      builder.applied(
        .elu(alpha: try view.real(0, default: 0.1)), try builder.only(inputs, view), view.name)
    ]
  },
  "SELU": { builder, view, inputs throws(LayerError) in
    [
      builder.applied(
        .selu(
          alpha: try view.real(0, default: 1.67326324),
          gamma: try view.real(1, default: 1.050700987)), try builder.only(inputs, view), view.name)
    ]
  },
  "GELU": { builder, view, inputs throws(LayerError) in
    [
      builder.applied(
        .gelu(try view.flag(0) ? .tanh : .erf), try builder.only(inputs, view), view.name)
    ]
  },
  "HardSigmoid": { builder, view, inputs throws(LayerError) in
    [
      builder.applied(
        .hardSigmoid(
          alpha: try view.real(0, default: 0.2), beta: try view.real(1, default: 0.5)),
        try builder.only(inputs, view), view.name)
    ]
  },
  "HardSwish": { builder, view, inputs throws(LayerError) in
    [
      builder.hardSwish(
        try builder.only(inputs, view), alpha: try view.real(0, default: 0.2),
        beta: try view.real(1, default: 0.5), view.name)
    ]
  },
  "PReLU": { builder, view, inputs throws(LayerError) in
    let input = try builder.only(inputs, view)
    let count = try view.positive(0, "num_slope")
    let rank = try builder.extents(input).count
    let slope = builder.weight(
      "\(view.name)/slope", [count] + Array(repeating: 1, count: rank - 1))
    return [
      builder.emit(
        .elementwise(Elementwise(.pRelu)), view.name, [input, slope],
        extents: builder.facts[input.index].extents)
    ]
  },
  "UnaryOp": { builder, view, inputs throws(LayerError) in
    let input = try builder.only(inputs, view)
    let type = try view.int(0)
    switch type {
    case 4:
      return [
        builder.emit(
          .elementwise(Elementwise(.mul)), view.name, [input, input],
          extents: try builder.extents(input))
      ]
    case 6:
      let root = builder.applied(.sqrt, input, "\(view.name)/sqrt")
      return [builder.applied(.reciprocal, root, view.name)]
    default:
      guard let function = unaryFunctions[type] else { throw .notModelled }
      return [builder.applied(function, input, view.name)]
    }
  },
  "BinaryOp": { builder, view, inputs throws(LayerError) in
    let type = try view.int(0)
    guard binaryFunctions.indices.contains(type) else { throw .notModelled }
    var operands = try builder.several(inputs, view, 1...2)
    if operands.count == 1 {
      guard try view.flag(1) else { throw .invalid("has one input and no scalar") }
      _ = try builder.extents(operands[0])
      operands.append(builder.constant("\(view.name)/scalar", try view.real(2)))
    } else {
      operands = try builder.aligned(operands, view)
    }
    let extents = try builder.broadcast(operands)
    // 7 and 8 take the second from the first.
    if type >= 7 { operands.reverse() }
    return [
      builder.emit(
        .elementwise(Elementwise(binaryFunctions[type])), view.name, operands, extents: extents)
    ]
  },
  "Eltwise": { builder, view, inputs throws(LayerError) in
    var operands = try builder.several(inputs, view, 2...4096)
    let type = try view.int(0)
    let functions: [Elementwise.Function] = [.mul, .add, .max]
    guard functions.indices.contains(type) else { throw .invalid("op_type is \(type)") }
    if type == 1, let factors = try view.reals(1), !factors.isEmpty {
      guard factors.count == operands.count else {
        throw .invalid("has \(factors.count) coefficients for \(operands.count) inputs")
      }
      for index in operands.indices where factors[index] != 1 {
        operands[index] = builder.scaled(operands[index], by: factors[index], view, "\(index)")
      }
    }
    let extents = try builder.extents(operands[0])
    var value = operands[0]
    for (index, operand) in operands.enumerated().dropFirst() {
      let isLast = index == operands.count - 1
      value = builder.emit(
        .elementwise(Elementwise(functions[type])), isLast ? view.name : "\(view.name)/\(index)",
        [value, operand], extents: extents)
    }
    return [value]
  },
  "Power": { builder, view, inputs throws(LayerError) in
    var value = try builder.only(inputs, view)
    value = try builder.affine(value, scale: 1, shift: 2, view)
    let power = try view.real(0, default: 1)
    guard power != 1 else { return [value] }
    let exponent = builder.constant("\(view.name)/power", power)
    return [
      builder.emit(
        .elementwise(Elementwise(.pow)), view.name, [value, exponent],
        extents: builder.facts[value.index].extents)
    ]
  },
  "Exp": { builder, view, inputs throws(LayerError) in
    guard try view.real(0, default: -1) == -1 else { throw .notModelled }
    let value = try builder.affine(try builder.only(inputs, view), scale: 1, shift: 2, view)
    return [builder.applied(.exp, value, view.name)]
  },
  "Log": { builder, view, inputs throws(LayerError) in
    guard try view.real(0, default: -1) == -1 else { throw .notModelled }
    let value = try builder.affine(try builder.only(inputs, view), scale: 1, shift: 2, view)
    return [builder.applied(.log, value, view.name)]
  },
  "Scale": { builder, view, inputs throws(LayerError) in
    let size = try view.int(0)
    let operands = try builder.several(inputs, view, 1...2)
    let extents = try builder.extents(operands[0])
    let ones = Array(repeating: 1, count: extents.count - 1)
    let scale: Value.ID
    if size == -233 {
      guard operands.count == 2 else { throw .invalid("has no input for the scale") }
      scale = builder.emit(
        .view(.reshape(to: [1, -1] + ones)), "\(view.name)/scale", [operands[1]],
        extents: [nil] + ones)
    } else {
      guard size > 0, operands.count == 1 else { throw .invalid("scale_data_size is \(size)") }
      scale = builder.weight("\(view.name)/scale", [size] + ones)
    }
    var value = builder.emit(
      .elementwise(Elementwise(.mul)), view.name, [operands[0], scale], extents: extents)
    if try view.flag(1) {
      guard size > 0 else { throw .notModelled }
      let bias = builder.weight("\(view.name)/bias", [size] + ones)
      value = builder.emit(
        .elementwise(Elementwise(.add)), "\(view.name)/shift", [value, bias], extents: extents)
    }
    return [value]
  },
  "Bias": { builder, view, inputs throws(LayerError) in
    let input = try builder.only(inputs, view)
    let extents = try builder.extents(input)
    let bias = builder.weight(
      "\(view.name)/bias",
      [try view.positive(0, "bias_data_size")] + Array(repeating: 1, count: extents.count - 1))
    return [
      builder.emit(.elementwise(Elementwise(.add)), view.name, [input, bias], extents: extents)
    ]
  },
]

extension NCNNBuilder {
  mutating func applied(
    _ function: Elementwise.Function, _ value: Value.ID, _ name: String
  ) -> Value.ID {
    let extents = (try? extents(value)) ?? nil
    return emit(.elementwise(Elementwise(function)), name, [value], extents: extents)
  }

  mutating func scaled(
    _ value: Value.ID, by factor: Double, _ view: LayerView, _ suffix: String = "scale"
  ) -> Value.ID {
    let factor = constant("\(view.name)/\(suffix)/factor", factor)
    let extents = (try? extents(value)) ?? nil
    return emit(
      .elementwise(Elementwise(.mul)), "\(view.name)/\(suffix)", [value, factor], extents: extents)
  }

  /// `shift + x · scale`, with the numbers of two parameters.
  fileprivate mutating func affine(
    _ value: Value.ID, scale: Int, shift: Int, _ view: LayerView
  ) throws(LayerError) -> Value.ID {
    var value = value
    let extents = try extents(value)
    let factor = try view.real(scale, default: 1)
    if factor != 1 { value = scaled(value, by: factor, view) }
    let addend = try view.real(shift)
    guard addend != 0 else { return value }
    let number = constant("\(view.name)/shift/addend", addend)
    return emit(
      .elementwise(Elementwise(.add)), "\(view.name)/shift", [value, number], extents: extents)
  }

  /// `x · clamp(alpha · x + beta, 0, 1)`.
  mutating func hardSwish(
    _ value: Value.ID, alpha: Double, beta: Double, _ name: String
  ) -> Value.ID {
    if (alpha * 6 - 1).magnitude < 1e-5, beta == 0.5 { return applied(.hardSwish, value, name) }
    let gate = applied(.hardSigmoid(alpha: alpha, beta: beta), value, "\(name)/gate")
    return emit(
      .elementwise(Elementwise(.mul)), name, [value, gate], extents: facts[value.index].extents)
  }

  /// The layer's fused activation as a node of its own.
  mutating func activated(_ value: Value.ID, _ view: LayerView) throws(LayerError) -> Value.ID {
    let name = "\(view.name)/activation"
    let parameters = try view.reals(10) ?? []
    func parameter(_ index: Int) throws(LayerError) -> Double {
      guard index < parameters.count else {
        throw .invalid("the activation lacks parameter \(index)")
      }
      return parameters[index]
    }
    switch try view.int(9) {
    case 0: return value
    case 1: return applied(.relu, value, name)
    case 2: return applied(.leakyRelu(alpha: try parameter(0)), value, name)
    case 3: return applied(.clip(min: try parameter(0), max: try parameter(1)), value, name)
    case 4: return applied(.sigmoid, value, name)
    case 5: return applied(.mish, value, name)
    case 6: return hardSwish(value, alpha: try parameter(0), beta: try parameter(1), name)
    case 7: return applied(.gelu(.erf), value, name)
    case let other: throw .invalid("activation_type is \(other)")
    }
  }

  /// Operands of one rank: the axes of a smaller blob are those that its extents suit, the channels
  /// first (ncnn wiki, "binaryop broadcasting").
  fileprivate mutating func aligned(
    _ operands: [Value.ID], _ view: LayerView
  ) throws(LayerError) -> [Value.ID] {
    let shapes = [try extents(operands[0]), try extents(operands[1])]
    guard shapes[0].count != shapes[1].count else { return operands }
    let small = shapes[0].count < shapes[1].count ? 0 : 1
    let (lesser, greater) = (shapes[small], shapes[1 - small])
    var axes = Array(1...greater.count)
    if lesser.count == 1 {
      let isScalar = lesser[0] == 1
      let matchesFirst = greater[0] == nil || lesser[0] == nil || greater[0] == lesser[0]
      axes.remove(at: !isScalar && matchesFirst ? 0 : greater.count - 1)
    } else {
      // A matrix is one row, or plane, for each channel where it suits; else one plane for all.
      let suits = zip(lesser, greater).allSatisfy { $0 == $1 || $0 == nil || $1 == nil }
      axes =
        suits ? Array(lesser.count + 1...greater.count) : Array(1...greater.count - lesser.count)
    }
    var result = operands
    let ones = Set(axes)
    var rest = lesser
    let extents: [Int?] = (1...greater.count).map { ones.contains($0) ? 1 : rest.removeFirst() }
    result[small] = emit(
      .view(.unsqueeze(axes: axes)), "\(view.name)/align", [operands[small]], extents: extents)
    return result
  }

  /// What is known of the extents of a sum of operands of one rank.
  fileprivate mutating func broadcast(_ operands: [Value.ID]) throws(LayerError) -> [Int?] {
    let first = try extents(operands[0])
    let second = try extents(operands[1])
    guard first.count == second.count else { return first }
    return zip(first, second).map { left, right in
      if left == 1 { return right }
      if right == 1 { return left }
      return left ?? right
    }
  }
}
