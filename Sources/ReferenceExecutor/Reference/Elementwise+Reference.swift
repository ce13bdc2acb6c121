import ModelIR
import TensorTypes

extension Elementwise {
  func reference<S: KernelScalar>(_ use: KernelUse<S>) throws(ReferenceError) -> [ReferenceTensor<
    S
  >] {
    let positions = broadcastOperands(inputCount: use.inputs.count)
    var shape: [Int] = []
    for position in positions {
      guard let operand = use.optional(position) else { continue }
      shape = try broadcastShape(shape, operand.dimensions)
    }
    var sources: [[S]?] = []
    for position in positions {
      sources.append(try use.optional(position)?.broadcast(to: shape).elements)
    }
    if requantization == .fixedPoint {
      switch function {
      case .qLinearAdd, .qLinearMul: return [try inFixedPoint(use, shape, sources)]
      case .qLinearLeakyRelu(let alpha): return [try leakyInFixedPoint(use, alpha)]
      default: break
      }
    }
    let parameters = use.inputs.map { $0?.elements.first }
    var elements: [S] = []
    elements.reserveCapacity(elementCount(shape))
    for element in 0..<elementCount(shape) {
      elements.append(value(sources.map { $0?[element] }, parameters))
    }
    if let parameters = Self.quantizedResults[kind] {
      let (scale, zeroPoint) = (use.scalar(parameters), use.scalar(parameters + 1))
      elements = elements.map {
        $0.quantized(scale: scale ?? .one, zeroPoint: zeroPoint, dtype: use.dtype())
      }
    }
    return [try use.result(shape, elements)]
  }

  private func inFixedPoint<S: KernelScalar>(
    _ use: KernelUse<S>, _ shape: [Int], _ sources: [[S]?]
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    func affine(_ position: Int) -> (scale: Float, zeroPoint: Int32) {
      (
        Float((use.scalar(position) ?? .one).doubleValue),
        use.scalar(position + 1)?.fixed ?? 0
      )
    }
    let result = affine(6)
    let combine = FixedPointBinary(
      multiplies: function == .qLinearMul, left: affine(1), right: affine(4),
      resultScale: result.scale)
    let (dtype, zero) = (use.dtype(), S(whole: Int(result.zeroPoint)))
    let elements = zip(sources[0] ?? [], sources[1] ?? []).map {
      (S(whole: Int(combine($0.fixed, $1.fixed))) + zero).clamped(to: dtype)
    }
    return try use.result(shape, elements)
  }

  private func leakyInFixedPoint<S: KernelScalar>(
    _ use: KernelUse<S>, _ alpha: Double
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let rectify = FixedPointLeakyRelu(
      alpha: alpha, scale: Float((use.scalar(1) ?? .one).doubleValue),
      zeroPoint: use.scalar(2)?.fixed ?? 0,
      resultScale: Float((use.scalar(3) ?? .one).doubleValue))
    let (operand, zero, dtype) = (try use.required(0), use.scalar(4) ?? .zero, use.dtype())
    return try use.result(
      operand.dimensions,
      operand.elements.map { (S(whole: Int(rectify($0.fixed))) + zero).clamped(to: dtype) })
  }

  /// Where the scale of a quantized result stands, its zero point behind it.
  private static let quantizedResults: [OperatorKind: Int] = [
    .qLinearAdd: 6, .qLinearMul: 6, .qLinearSigmoid: 3, .qLinearLeakyRelu: 3,
  ]

  /// The inputs that broadcast together; the others are parameters.
  private func broadcastOperands(inputCount: Int) -> [Int] {
    switch function {
    case .clip, .qLinearSigmoid, .qLinearLeakyRelu: [0]
    case .qLinearAdd, .qLinearMul: [0, 3]
    case .abs, .acos, .acosh, .asin, .asinh, .atan, .atanh, .bitwiseNot, .ceil, .cos, .cosh, .erf,
      .exp, .floor, .hardSwish, .isNaN, .log, .mish, .neg, .not, .reciprocal, .relu, .round,
      .sigmoid, .sign, .sin, .sinh, .softplus, .softsign, .sqrt, .tan, .tanh, .celu, .elu, .gelu,
      .fastGelu, .quickGelu, .biasGelu, .hardSigmoid, .isInf, .leakyRelu, .selu, .shrink, .swish,
      .swiGLU,
      .thresholdedRelu, .add, .and, .bitwiseAnd, .bitwiseOr, .bitwiseXor, .div, .equal, .greater,
      .greaterOrEqual, .less, .lessOrEqual, .max, .mean, .min, .mul, .or, .pRelu, .pow, .sub,
      .sum, .where, .xor, .bitShift, .mod:
      Array(0..<inputCount)
    }
  }

  /// The function of one tuple of operands; parameters are the first elements of all inputs.
  private func value<S: KernelScalar>(_ operands: [S?], _ parameters: [S?]) -> S {
    guard let x = operands[0] else { return .zero }
    func parameter(_ index: Int) -> S? { index < parameters.count ? parameters[index] : nil }
    func dequantized(_ operand: Int) -> S {
      (operands[operand] ?? .zero).dequantized(
        scale: parameter(3 * operand + 1) ?? .one, zeroPoint: parameter(3 * operand + 2))
    }
    switch function {
    case .sum: return operands.dropFirst().reduce(x) { $0 + ($1 ?? .zero) }
    case .mean:
      return operands.dropFirst().reduce(x) { $0 + ($1 ?? .zero) } / S(Double(operands.count))
    case .max: return operands.dropFirst().reduce(x) { S.maximum($0, $1 ?? $0) }
    case .min: return operands.dropFirst().reduce(x) { S.minimum($0, $1 ?? $0) }
    case .clip(let least, let greatest):
      var result = x
      if let bound = least.map({ S($0) }) ?? parameter(1) { result = S.maximum(result, bound) }
      if let bound = greatest.map({ S($0) }) ?? parameter(2) { result = S.minimum(result, bound) }
      return result
    case .qLinearAdd: return dequantized(0) + dequantized(1)
    case .qLinearMul: return dequantized(0) * dequantized(1)
    case .qLinearSigmoid: return Elementwise(.sigmoid).value(dequantized(0))
    case .qLinearLeakyRelu(let alpha):
      return Elementwise(.leakyRelu(alpha: alpha)).value(dequantized(0))
    case .abs, .acos, .acosh, .asin, .asinh, .atan, .atanh, .bitwiseNot, .ceil, .cos, .cosh, .erf,
      .exp, .floor, .hardSwish, .isNaN, .log, .mish, .neg, .not, .reciprocal, .relu, .round,
      .sigmoid, .sign, .sin, .sinh, .softplus, .softsign, .sqrt, .tan, .tanh, .celu, .elu, .gelu,
      .fastGelu, .quickGelu, .biasGelu, .hardSigmoid, .isInf, .leakyRelu, .selu, .shrink, .swish,
      .swiGLU,
      .thresholdedRelu, .add, .and, .bitwiseAnd, .bitwiseOr, .bitwiseXor, .div, .equal, .greater,
      .greaterOrEqual, .less, .lessOrEqual, .mul, .or, .pRelu, .pow, .sub, .where, .xor,
      .bitShift, .mod:
      return value(
        x, operands.count > 1 ? operands[1] : nil, operands.count > 2 ? operands[2] : nil)
    }
  }
}
