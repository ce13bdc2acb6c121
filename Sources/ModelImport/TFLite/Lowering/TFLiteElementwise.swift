import ModelIR
import TensorTypes

/// Functions of one or several tensors, computed on real numbers.
private let plainFunctions: [String: Elementwise.Function] = [
  "ABS": .abs, "CEIL": .ceil, "COS": .cos, "ELU": .elu(alpha: 1), "EXP": .exp, "FLOOR": .floor,
  "HARD_SWISH": .hardSwish, "LOG": .log, "NEG": .neg, "RELU": .relu,
  "RELU_N1_TO_1": .clip(min: -1, max: 1), "RELU6": .clip(min: 0, max: 6),
  "RELU_0_TO_1": .clip(min: 0, max: 1), "ROUND": .round, "SIGN": .sign, "SIN": .sin,
  "SQRT": .sqrt, "TANH": .tanh, "ADD_N": .sum, "FLOOR_MOD": .mod(truncates: false), "POW": .pow,
  "PRELU": .pRelu,
]

/// Functions that need no real numbers where all operands are stored alike.
private let storedFunctions: [String: Elementwise.Function] = [
  "MAXIMUM": .max, "MINIMUM": .min, "EQUAL": .equal, "GREATER": .greater,
  "GREATER_EQUAL": .greaterOrEqual, "LESS": .less, "LESS_EQUAL": .lessOrEqual,
  "LOGICAL_AND": .and, "LOGICAL_OR": .or, "LOGICAL_NOT": .not, "BITWISE_XOR": .bitwiseXor,
  "RIGHT_SHIFT": .bitShift(.right),
]

/// Functions that may be followed by an activation.
private let arithmeticFunctions: [String: Elementwise.Function] = [
  "ADD": .add, "SUB": .sub, "MUL": .mul, "DIV": .div,
]

let tfliteElementwise: [String: TFLiteLower] = [
  plainFunctions.mapValues(onReals), storedFunctions.mapValues(asStored),
  arithmeticFunctions.mapValues(withActivation), composedFunctions,
].reduce(into: [:]) { all, part in all.merge(part) { first, _ in first } }

private func onReals(_ function: Elementwise.Function) -> TFLiteLower {
  { node, builder throws(LoweringError) in
    builder.emitReal(
      .elementwise(Elementwise(function)), node.inputs, node, to: try node.output())
  }
}

private func asStored(_ function: Elementwise.Function) -> TFLiteLower {
  { node, builder throws(LoweringError) in
    let operands = node.inputs.compactMap { $0 }
    let first = try node.required(0)
    let output = try node.output()
    let op = Operator.elementwise(Elementwise(function))
    var areAlike = builder.affine(output) == nil || builder.haveSameNumbers(first, output)
    for operand in operands where !builder.haveSameNumbers(first, operand) { areAlike = false }
    if areAlike {
      builder.append(op, named: node.name, node.inputs, [output])
    } else {
      builder.emitReal(op, node.inputs, node, to: output)
    }
  }
}

private func withActivation(_ function: Elementwise.Function) -> TFLiteLower {
  { node, builder throws(LoweringError) in try builder.arithmetic(function, node) }
}

private let composedFunctions: [String: TFLiteLower] = [
  "LEAKY_RELU": { node, builder throws(LoweringError) in
    let alpha = node.real(0)
    try builder.function(.leakyRelu(alpha: alpha), quantized: .qLinearLeakyRelu(alpha: alpha), node)
  },
  "LOGISTIC": { node, builder throws(LoweringError) in
    try builder.function(.sigmoid, quantized: .qLinearSigmoid, node)
  },
  "GELU": { node, builder throws(LoweringError) in
    builder.emitReal(
      .elementwise(Elementwise(.gelu(node.flag(0) ? .tanh : .erf))), [try node.required(0)], node,
      to: try node.output())
  },
  "RSQRT": { node, builder throws(LoweringError) in
    let root = builder.apply(
      .elementwise(Elementwise(.sqrt)), [builder.real(try node.required(0), node)], node, "root")
    builder.emit(.elementwise(Elementwise(.reciprocal)), [root], node, to: try node.output())
  },
  "SQUARE": { node, builder throws(LoweringError) in
    let value = builder.real(try node.required(0), node)
    builder.emit(.elementwise(Elementwise(.mul)), [value, value], node, to: try node.output())
  },
  "SQUARED_DIFFERENCE": { node, builder throws(LoweringError) in
    let difference = builder.apply(
      .elementwise(Elementwise(.sub)),
      [
        builder.real(try node.required(0), node), builder.real(try node.required(1), node),
      ], node, "difference")
    builder.emit(
      .elementwise(Elementwise(.mul)), [difference, difference], node, to: try node.output())
  },
  "FLOOR_DIV": { node, builder throws(LoweringError) in
    let (left, right) = (try node.required(0), try node.required(1))
    // The quotient of integers is one already, but cut toward zero: without the rest it is exact.
    guard builder.type(left)?.dtype.isFloatingPoint == true else {
      let rest = builder.apply(
        .elementwise(Elementwise(.mod(truncates: false))), [left, right], node, "rest")
      let multiple = builder.apply(
        .elementwise(Elementwise(.sub)), [left, rest], node, "multiple")
      return builder.append(
        .elementwise(Elementwise(.div)), named: node.name, [multiple, right], [try node.output()])
    }
    let quotient = builder.apply(
      .elementwise(Elementwise(.div)), [left, right], node, "quotient")
    builder.emit(.elementwise(Elementwise(.floor)), [quotient], node, to: try node.output())
  },
  "NOT_EQUAL": { node, builder throws(LoweringError) in
    let (left, right) = (try node.required(0), try node.required(1))
    let areAlike = builder.haveSameNumbers(left, right)
    let equal = builder.apply(
      .elementwise(Elementwise(.equal)),
      areAlike ? [left, right] : [builder.real(left, node), builder.real(right, node)], node,
      "equal")
    builder.append(
      .elementwise(Elementwise(.not)), named: node.name, [equal], [try node.output()])
  },
  "SELECT": select,
  "SELECT_V2": select,
]

private let select: TFLiteLower = { node, builder throws(LoweringError) in
  var condition = try node.required(0)
  let (first, second) = (try node.required(1), try node.required(2))
  // The older operator lets a vector pick whole rows.
  if node.operatorType == "SELECT", builder.type(condition)?.rank == 1,
    let rank = builder.type(first)?.rank, rank > 1
  {
    condition = builder.apply(
      .view(.unsqueeze(axes: Array(1..<rank))), [condition], node, "rows")
  }
  builder.emitStored(
    .elementwise(Elementwise(.where)), [condition, first, second], node, to: try node.output())
}

extension TFLiteBuilder {
  /// A sum, difference, product or quotient with the activation that field 0 names.
  fileprivate mutating func arithmetic(
    _ function: Elementwise.Function, _ node: TFLiteNode
  ) throws(LoweringError) {
    let (left, right) = (try node.required(0), try node.required(1))
    let output = try node.output()
    let activation = try node.activation(0)
    let quantized: Elementwise.Function? =
      switch function {
      case .add: .qLinearAdd
      case .mul: .qLinearMul
      default: nil
      }
    let bounds = bounds(of: activation, on: output)
    if let quantized, bounds.isSupported, isByteTensor(left), isByteTensor(right),
      isByteTensor(output), let x = parameters(left), let y = parameters(right),
      let z = parameters(output)
    {
      return emitQuantized(
        .elementwise(Elementwise(quantized, requantization: .fixedPoint)),
        [left, x.scale, x.zeroPoint, right, y.scale, y.zeroPoint, z.scale, z.zeroPoint], node,
        to: output, bounds: bounds.range)
    }
    emitReal(
      .elementwise(Elementwise(function)), [left, right], node, to: output, activation: activation)
  }

  /// A function of one tensor that the IR also has on quantized numbers.
  fileprivate mutating func function(
    _ function: Elementwise.Function, quantized: Elementwise.Function, _ node: TFLiteNode
  ) throws(LoweringError) {
    let (input, output) = (try node.required(0), try node.output())
    if isByteTensor(input), isByteTensor(output), let x = parameters(input),
      let y = parameters(output)
    {
      return append(
        .elementwise(Elementwise(quantized, requantization: .fixedPoint)), named: node.name,
        [input, x.scale, x.zeroPoint, y.scale, y.zeroPoint], [output])
    }
    emitReal(.elementwise(Elementwise(function)), [input], node, to: output)
  }
}
