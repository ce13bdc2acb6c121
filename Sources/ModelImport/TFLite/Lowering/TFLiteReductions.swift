import ModelIR
import TensorTypes

let tfliteReductions: [String: TFLiteLower] = [
  "MEAN": { node, builder throws(LoweringError) in try builder.mean(node) },
  "SUM": { node, builder throws(LoweringError) in try builder.reduction(.sum, node) },
  "REDUCE_PROD": { node, builder throws(LoweringError) in try builder.reduction(.prod, node) },
  "REDUCE_MAX": { node, builder throws(LoweringError) in try builder.reduction(.max, node) },
  "REDUCE_MIN": { node, builder throws(LoweringError) in try builder.reduction(.min, node) },
  // Of truth values.
  "REDUCE_ANY": { node, builder throws(LoweringError) in try builder.reduction(.max, node) },
  "REDUCE_ALL": { node, builder throws(LoweringError) in try builder.reduction(.min, node) },
  "ARG_MAX": { node, builder throws(LoweringError) in
    try builder.position(node) { axis in
      .argMax(axis: axis, keepsAxis: false, selectsLast: false)
    }
  },
  "ARG_MIN": { node, builder throws(LoweringError) in
    try builder.position(node) { axis in
      .argMin(axis: axis, keepsAxis: false, selectsLast: false)
    }
  },
  "CUMSUM": { node, builder throws(LoweringError) in
    builder.emitReal(
      .reduction(
        Reduction(.cumulativeSum(isExclusive: node.flag(0), isReversed: node.flag(1)))),
      [try node.required(0), try node.required(1)], node, to: try node.output())
  },
  "SOFTMAX": { node, builder throws(LoweringError) in try builder.softmax(node) },
  "LOG_SOFTMAX": { node, builder throws(LoweringError) in
    builder.emitReal(
      .softmax(Softmax(.logSoftmax, axis: -1)), [try node.required(0)], node,
      to: try node.output())
  },
  "L2_NORMALIZATION": { node, builder throws(LoweringError) in
    builder.emitReal(
      .normalization(Normalization(.lp(axis: -1, power: 2))), [try node.required(0)], node,
      to: try node.output())
  },
]

extension TFLiteBuilder {
  /// Inputs are the data and the axes; field 0 says whether these stay with the extent 1.
  fileprivate mutating func reduction(
    _ combination: Reduction.Combination, _ node: TFLiteNode
  ) throws(LoweringError) {
    let (input, axes) = (try node.required(0), try node.required(1))
    let output = try node.output()
    let op = Operator.reduction(
      Reduction(
        .reduce(combination, .init(keepsAxes: node.flag(0), emptyIsNone: true))))
    if combination == .max || combination == .min, haveSameNumbers(input, output) {
      return append(op, named: node.name, [input, axes], [output])
    }
    emit(op, [real(input, node), axes], node, to: output)
  }

  /// The mean of whole planes is a pooling that integer kernels know.
  fileprivate mutating func mean(_ node: TFLiteNode) throws(LoweringError) {
    let (input, output) = (try node.required(0), try node.output())
    let rank = type(input)?.rank ?? 0
    let axes = Set((ints(node.input(1)) ?? []).map { $0 < 0 ? $0 + rank : $0 })
    guard rank == 4, axes == [1, 2], isByteTensor(input), isByteTensor(output),
      let x = parameters(input), let y = parameters(output)
    else { return try reduction(.mean, node) }
    let op = Operator.pooling(
      Pooling(.qLinearGlobalAverage(channelsLast: true), requantization: .fixedPoint))
    let operands = [input, x.scale, x.zeroPoint, y.scale, y.zeroPoint]
    if node.flag(0) { return append(op, named: node.name, operands, [output]) }
    let planes = addValue("\(node.name)/planes", origin: .captured)
    append(op, named: node.name, operands, [planes])
    append(.view(.squeeze(axes: [1, 2])), named: "\(node.name)/shape", [planes], [output])
  }

  /// The place of the greatest or least element, in the dtype that the file states.
  fileprivate mutating func position(
    _ node: TFLiteNode, _ function: (Int) -> Reduction.Function
  ) throws(LoweringError) {
    let (input, output) = (try node.required(0), try node.output())
    guard let axis = ints(node.input(1))?.first else { return addOpaque(node) }
    emitIndices(.reduction(Reduction(function(axis))), [input], node, to: output)
  }

  /// Appends an operator whose result is of int64, and a cast where the file has another dtype.
  mutating func emitIndices(
    _ op: Operator, _ inputs: [Value.ID?], _ node: TFLiteNode, to output: Value.ID
  ) {
    guard let dtype = type(output)?.dtype, dtype != .int64 else {
      return append(op, named: node.name, inputs, [output])
    }
    let wide = addValue("\(node.name)/result", origin: .captured)
    append(op, named: node.name, inputs, [wide])
    append(.movement(.cast(to: dtype)), named: "\(node.name)/cast", [wide], [output])
  }

  /// Of the last axis, after a product with `beta`.
  fileprivate mutating func softmax(_ node: TFLiteNode) throws(LoweringError) {
    let (input, output) = (try node.required(0), try node.output())
    let beta = node.real(0)
    if beta == 1, isByteTensor(input), isByteTensor(output), let x = parameters(input),
      let y = parameters(output)
    {
      return append(
        .softmax(Softmax(.qLinearSoftmax, axis: -1)), named: node.name,
        [input, x.scale, x.zeroPoint, y.scale, y.zeroPoint], [output])
    }
    var value = real(input, node)
    if beta != 1, let factor = TensorLiteral(TensorType(.float32, []), .reals([beta])) {
      value = apply(
        .elementwise(Elementwise(.mul)), [value, stated(factor, "\(node.name)/beta")], node,
        "scaled")
    }
    emit(.softmax(Softmax(.softmax, axis: -1)), [value], node, to: output)
  }
}
