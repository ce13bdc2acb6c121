import Quantities
public import TensorTypes

/// A function applied to each element, or to each tuple of elements that broadcasting brings
/// together.
public struct Elementwise: OperatorDefinition {
  public let function: Function
  /// How quantized functions make their results; the others have no use for it.
  public let requantization: Requantization
  public init(_ function: Function, requantization: Requantization = .real) {
    self.function = function
    self.requantization = requantization
  }

  public enum GeluForm: Sendable, Hashable { case erf, tanh }
  public enum ShiftDirection: Sendable, Hashable { case left, right }

  /// The functions; the names are ONNX's, and so are the defaults of the attributes.
  public enum Function: Sendable, Hashable {
    // One input.
    case abs, acos, acosh, asin, asinh, atan, atanh, bitwiseNot, ceil, cos, cosh, erf, exp, floor
    case hardSwish, isNaN, log, mish, neg, not, reciprocal, relu, round, sigmoid, sign, sin, sinh
    case softplus, softsign, sqrt, tan, tanh
    case celu(alpha: Double)
    /// A bound that is `nil` is input 1 (least) or 2 (greatest), or absent with it.
    case clip(min: Double?, max: Double?)
    case elu(alpha: Double)
    case gelu(GeluForm)
    /// The tanh form, after adding the optional input 1 as a bias.
    case fastGelu
    /// `x · sigmoid(alpha · x)`.
    case quickGelu(alpha: Double)
    /// The erf form, after adding input 1 as a bias.
    case biasGelu
    case hardSigmoid(alpha: Double, beta: Double)
    case isInf(detectsNegative: Bool, detectsPositive: Bool)
    case leakyRelu(alpha: Double)
    case selu(alpha: Double, gamma: Double)
    case shrink(lambda: Double, bias: Double)
    case swish(alpha: Double)
    /// `x · sigmoid(α · x) · y`.
    case swiGLU(alpha: Double)
    case thresholdedRelu(alpha: Double)
    // Several inputs.
    case add, and, bitwiseAnd, bitwiseOr, bitwiseXor, div, equal, greater, greaterOrEqual, less
    case lessOrEqual, max, mean, min, mul, or, pRelu, pow, sub, sum, `where`, xor
    case bitShift(ShiftDirection)
    /// The remainder's sign is the divisor's, or the dividend's as in C's `fmod`.
    case mod(truncates: Bool)
    // Affine-quantized: each operand is followed by its scale and its optional zero point.
    case qLinearAdd, qLinearMul, qLinearSigmoid
    case qLinearLeakyRelu(alpha: Double)
  }

  public var kind: OperatorKind { function.row.kind }

  public func outputTypes(
    for inputs: [Operand?], outputCount: Int
  ) throws(ShapeError) -> [TensorType?] {
    let row = function.row
    try inputs.requireCount(row.inputs)
    var shape: [Int] = []
    var first: [Int]?
    for position in row.operands.positions(of: inputs) {
      guard let operand = inputs[position] else {
        if position == 0 || !row.operands.mayBeAbsent {
          throw .wrongInputCount(expected: row.inputs, actual: inputs.count)
        }
        continue
      }
      shape = try broadcast(shape, operand.type.dimensions)
      if first == nil { first = operand.type.dimensions }
    }
    if case .slope = row.operands, let first, shape != first {
      throw .broadcastMismatch(left: first, right: inputs[1]?.type.dimensions ?? [])
    }
    switch row.result {
    case .boolean: return [TensorType(.bool, shape)]
    case .same(let position):
      return [TensorType(try inputs.required(position, count: row.inputs).type.dtype, shape)]
    }
  }

  /// The row's operations for each output element.
  public func work(inputs: [Operand?], outputs: [TensorType?]) -> Work? {
    Work(
      otherOperations: .product(
        operationsPerElement(inputs: inputs), outputs.optional(0)?.elementCount ?? 0),
      inputs: inputs, outputs: outputs)
  }

  func operationsPerElement(inputs: [Operand?]) -> Int {
    switch function.row.operations {
    case .each(let count): count
    case .chain(let extra): Swift.max(inputs.count - 1, 0) + extra
    case .bounds(let least, let greatest):
      (least || inputs.optional(1) != nil ? 1 : 0)
        + (greatest || inputs.optional(2) != nil ? 1 : 0)
    case .biased(let count): count + (inputs.optional(1) == nil ? 0 : 1)
    }
  }
}
