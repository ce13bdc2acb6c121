import ModelIR
import TensorTypes

let normalizationLayers: [String: LowerLayer] = [
  "BatchNorm": { builder, view, inputs throws(LayerError) in
    let input = try builder.only(inputs, view)
    let channels = try view.positive(0, "channels")
    var operands = [input]
    for part in ["slope", "bias", "mean", "variance"] {
      operands.append(builder.weight("\(view.name)/\(part)", [channels]))
    }
    return [
      builder.emit(
        .normalization(
          Normalization(.batch(Normalization.Batch()), epsilon: try view.real(1))),
        view.name, operands, extents: try builder.extents(input))
    ]
  },
  "LayerNorm": { builder, view, inputs throws(LayerError) in
    try builder.rowNormalization(view, inputs, subtractsMean: true)
  },
  "RMSNorm": { builder, view, inputs throws(LayerError) in
    try builder.rowNormalization(view, inputs, subtractsMean: false)
  },
  "InstanceNorm": { builder, view, inputs throws(LayerError) in
    let input = try builder.only(inputs, view)
    let (scale, bias) = try builder.channelParameters(view, affine: 2, channels: 0)
    return [
      builder.emit(
        .normalization(
          Normalization(.instance, epsilon: try view.real(1, default: 0.001))),
        view.name, [input, scale, bias], extents: try builder.extents(input))
    ]
  },
  "GroupNorm": { builder, view, inputs throws(LayerError) in
    let input = try builder.only(inputs, view)
    let (scale, bias) = try builder.channelParameters(view, affine: 3, channels: 1)
    return [
      builder.emit(
        .normalization(
          Normalization(
            .group(Normalization.Group(count: try view.positive(0, "group", default: 1))),
            epsilon: try view.real(2, default: 0.001))),
        view.name, [input, scale, bias], extents: try builder.extents(input))
    ]
  },
  "MVN": { builder, view, inputs throws(LayerError) in
    guard try view.flag(0) else { throw .notModelled }
    let input = try builder.only(inputs, view)
    let rank = try builder.extents(input).count
    let first = try view.flag(1) ? 1 : 2
    guard rank >= first else { throw .notModelled }
    return [
      builder.emit(
        .normalization(
          Normalization(
            .meanVariance(axes: Array(first...rank)), epsilon: try view.real(2, default: 0.0001))),
        view.name, [input], extents: try builder.extents(input))
    ]
  },
  "LRN": { builder, view, inputs throws(LayerError) in
    // 1 is a window within each channel.
    guard try view.int(0) == 0 else { throw .notModelled }
    let input = try builder.only(inputs, view)
    return [
      builder.emit(
        .normalization(
          Normalization(
            .localResponse(
              size: try view.positive(1, "local_size", default: 5),
              alpha: try view.real(2, default: 1), beta: try view.real(3, default: 0.75),
              bias: try view.real(4, default: 1)))),
        view.name, [input], extents: try builder.extents(input))
    ]
  },
  "Normalize": { builder, view, inputs throws(LayerError) in
    // Only the form that detectors use: each position over its channels.
    guard try !view.flag(0), try view.flag(4) else { throw .notModelled }
    let input = try builder.only(inputs, view)
    let extents = try builder.extents(input)
    let rows = builder.emit(
      .normalization(Normalization(.lp(axis: 1, power: 2))), view.name, [input], extents: extents)
    let count = try view.positive(3, "scale_data_size")
    let scale = builder.weight(
      "\(view.name)/scale", [count] + Array(repeating: 1, count: extents.count - 1))
    return [
      builder.emit(
        .elementwise(Elementwise(.mul)), "\(view.name)/scale", [rows, scale], extents: extents)
    ]
  },
  "Softmax": { builder, view, inputs throws(LayerError) in
    let input = try builder.only(inputs, view)
    return [
      builder.emit(
        .softmax(Softmax(.softmax, axis: builder.axis(try view.int(0)))), view.name, [input],
        extents: try builder.extents(input))
    ]
  },
  "Reduction": { builder, view, inputs throws(LayerError) in
    try builder.reduction(view, inputs)
  },
]

/// By the number of the operation.
private let combinations: [Reduction.Combination] = [
  .sum, .l1, .sumSquare, .mean, .max, .min, .prod, .l1, .l2, .logSum, .logSumExp,
]

extension NCNNBuilder {
  /// Each row, or each plane where the parameters are as many as its elements.
  fileprivate mutating func rowNormalization(
    _ view: LayerView, _ inputs: [Value.ID], subtractsMean: Bool
  ) throws(LayerError) -> [Value.ID] {
    let input = try only(inputs, view)
    let size = try view.positive(0, "affine_size")
    settle(input, [.named("sequence_length"), .fixed(size)])
    let extents = try self.extents(input)
    var shape = [size]
    var axis = -1
    if let width = extents[extents.count - 1], width != size, extents.count > 1 {
      shape = [try view.quotient(size, width, "affine_size"), width]
      axis = -2
    }
    let epsilon = try view.real(1, default: 0.001)
    let isAffine = try view.flag(2, default: true)
    var operands = [input]
    if isAffine {
      operands.append(weight("\(view.name)/gamma", shape))
      if subtractsMean { operands.append(weight("\(view.name)/beta", shape)) }
    } else {
      guard
        let literal = TensorLiteral(
          TensorType(.float32, shape), .reals(Array(repeating: 1, count: min(size, 1 << 16))))
      else { throw .notModelled }
      operands.append(constant("\(view.name)/gamma", literal.elements, literal.type))
    }
    let function: Normalization.Function =
      subtractsMean
      ? .layer(axis: axis, statistics: .float32) : .rms(axis: axis, statistics: .float32)
    return [
      emit(
        .normalization(Normalization(function, epsilon: epsilon)), view.name, operands,
        extents: extents)
    ]
  }

  fileprivate mutating func channelParameters(
    _ view: LayerView, affine: Int, channels: Int
  ) throws(LayerError) -> (scale: Value.ID, bias: Value.ID) {
    guard try view.flag(affine, default: true) else { throw .notModelled }
    let count = try view.positive(channels, "channels")
    return (weight("\(view.name)/gamma", [count]), weight("\(view.name)/beta", [count]))
  }

  fileprivate mutating func reduction(
    _ view: LayerView, _ inputs: [Value.ID]
  ) throws(LayerError) -> [Value.ID] {
    let input = try only(inputs, view)
    let extents = try self.extents(input)
    let operation = try view.int(0)
    guard combinations.indices.contains(operation) else { throw .notModelled }
    let stated = try view.flag(1, default: true) ? nil : try view.ints(3)
    var axes = Set<Int>()
    for axis in stated ?? Array(0..<extents.count) {
      let position = axis < 0 ? axis + extents.count : axis
      guard extents.indices.contains(position) else { throw .invalid("reduces axis \(axis)") }
      axes.insert(position)
    }
    let keeps = try view.flag(4)
    let isWhole = axes.count == extents.count
    let kept: [Int?] = extents.indices.map { axes.contains($0) ? 1 : extents[$0] }
    let rest = extents.indices.filter { !axes.contains($0) }.map { extents[$0] }
    var value = emit(
      .reduction(
        Reduction(
          .reduce(
            combinations[operation],
            Reduction.Axes(axes.map { $0 + 1 }.sorted(), keepsAxes: keeps || isWhole)))),
      view.name, [input], extents: keeps || isWhole ? kept : rest)
    if isWhole, !keeps, extents.count > 1 {
      value = emit(.view(.reshape(to: [1, 1])), "\(view.name)/scalar", [value], extents: [1])
    }
    let factor = try view.real(2, default: 1)
    return [factor == 1 ? value : scaled(value, by: factor, view)]
  }
}
