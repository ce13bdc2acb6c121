import TensorTypes

/// What the shape rule and the work formula need to know of an elementwise function.
struct ElementwiseRow {
  /// Which inputs broadcast together.
  enum Operands {
    /// Those at these positions; the others are parameters.
    case at([Int])
    case all
    /// Inputs 0 and, where present, 1.
    case optionalBias
    /// Inputs 0 and 1, where 1 must broadcast to the shape of 0.
    case slope

    func positions(of inputs: [Operand?]) -> [Int] {
      switch self {
      case .at(let positions): positions
      case .all: Array(inputs.indices)
      case .optionalBias: inputs.count > 1 ? [0, 1] : [0]
      case .slope: [0, 1]
      }
    }
    var mayBeAbsent: Bool {
      switch self {
      case .optionalBias: true
      case .at, .all, .slope: false
      }
    }
  }
  enum Result {
    /// The dtype of the input at this position.
    case same(Int)
    case boolean
  }
  /// Operations for one output element.
  enum Operations {
    case each(Int)
    /// One for each input beyond the first, and `extra`.
    case chain(extra: Int)
    /// One for each bound, given as attribute or as input 1 and 2.
    case bounds(least: Bool, greatest: Bool)
    /// One more when input 1 is present.
    case biased(Int)
  }

  let kind: OperatorKind
  let inputs: ClosedRange<Int>
  let operands: Operands
  let result: Result
  let operations: Operations

  static func unary(
    _ kind: OperatorKind, _ operations: Int = 1, result: Result = .same(0)
  ) -> Self {
    Self(
      kind: kind, inputs: 1...1, operands: .at([0]), result: result, operations: .each(operations))
  }
  static func binary(_ kind: OperatorKind, _ operations: Int = 1) -> Self {
    Self(
      kind: kind, inputs: 2...2, operands: .at([0, 1]), result: .same(0),
      operations: .each(operations))
  }
  static func relation(_ kind: OperatorKind) -> Self {
    Self(kind: kind, inputs: 2...2, operands: .at([0, 1]), result: .boolean, operations: .each(1))
  }
  static func variadic(_ kind: OperatorKind, extra: Int = 0) -> Self {
    Self(
      kind: kind, inputs: 1...Int.max, operands: .all, result: .same(0),
      operations: .chain(extra: extra))
  }
  /// One operand `x, x_scale, x_zero_point`, then `y_scale, y_zero_point`.
  static func quantizedUnary(_ kind: OperatorKind, _ operations: Int) -> Self {
    Self(
      kind: kind, inputs: 4...5, operands: .at([0]), result: .same(0),
      operations: .each(AffineCost.dequantize + operations + AffineCost.quantize))
  }
  /// Two operands with scale and zero point, then those of the result.
  static func quantizedBinary(_ kind: OperatorKind) -> Self {
    Self(
      kind: kind, inputs: 7...8, operands: .at([0, 3]), result: .same(0),
      operations: .each(2 * AffineCost.dequantize + 1 + AffineCost.quantize))
  }
}

/// Operations that one element costs on its way between real and affine-quantized numbers.
enum AffineCost {
  /// Subtract the zero point, multiply by the scale.
  static let dequantize = 2
  /// Divide by the scale, round, add the zero point, clamp at both ends.
  static let quantize = 5
}

extension Elementwise.Function {
  /// The table of elementwise functions. Operations follow the defining formula with one operation
  /// for each add, multiply, divide, comparison and elementary function (exp, log, tanh, erf, root,
  /// rounding); the logistic function `1 / (1 + exp(−x))` is four.
  var row: ElementwiseRow {
    switch self {
    case .abs: .unary(.abs)
    case .acos: .unary(.acos)
    case .acosh: .unary(.acosh)
    case .asin: .unary(.asin)
    case .asinh: .unary(.asinh)
    case .atan: .unary(.atan)
    case .atanh: .unary(.atanh)
    case .bitwiseNot: .unary(.bitwiseNot)
    case .ceil: .unary(.ceil)
    case .cos: .unary(.cos)
    case .cosh: .unary(.cosh)
    case .erf: .unary(.erf)
    case .exp: .unary(.exp)
    case .floor: .unary(.floor)
    // x · clamp(x / 6 + ½, 0, 1)
    case .hardSwish: .unary(.hardSwish, 5)
    case .isInf: .unary(.isInf, result: .boolean)
    case .isNaN: .unary(.isNaN, result: .boolean)
    case .log: .unary(.log)
    // x · tanh(log(1 + exp x))
    case .mish: .unary(.mish, 5)
    case .neg: .unary(.neg)
    case .not: .unary(.not, result: .boolean)
    case .reciprocal: .unary(.reciprocal)
    case .relu: .unary(.relu)
    case .round: .unary(.round)
    case .sigmoid: .unary(.sigmoid, 4)
    case .sign: .unary(.sign)
    case .sin: .unary(.sin)
    case .sinh: .unary(.sinh)
    // log(1 + exp x)
    case .softplus: .unary(.softplus, 3)
    // x / (1 + |x|)
    case .softsign: .unary(.softsign, 3)
    case .sqrt: .unary(.sqrt)
    case .tan: .unary(.tan)
    case .tanh: .unary(.tanh)
    // max(0, x) + min(0, α · (exp(x / α) − 1))
    case .celu: .unary(.celu, 7)
    case .clip(let least, let greatest):
      ElementwiseRow(
        kind: .clip, inputs: 1...3, operands: .at([0]), result: .same(0),
        operations: .bounds(least: least != nil, greatest: greatest != nil))
    // x < 0 ? α · (exp x − 1) : x
    case .elu: .unary(.elu, 4)
    // erf: ½ · x · (1 + erf(x / √2)); tanh: ½ · x · (1 + tanh(√(2/π) · (x + 0.044715 · x³)))
    case .gelu(.erf): .unary(.gelu, 5)
    case .gelu(.tanh): .unary(.gelu, 9)
    case .fastGelu:
      ElementwiseRow(
        kind: .fastGelu, inputs: 1...2, operands: .optionalBias, result: .same(0),
        operations: .biased(9))
    case .quickGelu: .unary(.quickGelu, 6)
    case .biasGelu: .binary(.biasGelu, 6)
    // clamp(α · x + β, 0, 1)
    case .hardSigmoid: .unary(.hardSigmoid, 4)
    case .leakyRelu: .unary(.leakyRelu, 2)
    // x > 0 ? γ · x : γ · (α · exp x − α)
    case .selu: .unary(.selu, 5)
    // x < −λ ? x + bias : x > λ ? x − bias : 0
    case .shrink: .unary(.shrink, 3)
    // x · sigmoid(α · x)
    case .swish: .unary(.swish, 6)
    case .swiGLU: .binary(.swiGLU, 7)
    case .thresholdedRelu: .unary(.thresholdedRelu)
    case .add: .binary(.add)
    case .and: .relation(.and)
    case .bitShift: .binary(.bitShift)
    case .bitwiseAnd: .binary(.bitwiseAnd)
    case .bitwiseOr: .binary(.bitwiseOr)
    case .bitwiseXor: .binary(.bitwiseXor)
    case .div: .binary(.div)
    case .equal: .relation(.equal)
    case .greater: .relation(.greater)
    case .greaterOrEqual: .relation(.greaterOrEqual)
    case .less: .relation(.less)
    case .lessOrEqual: .relation(.lessOrEqual)
    case .max: .variadic(.max)
    case .mean: .variadic(.mean, extra: 1)
    case .min: .variadic(.min)
    case .mod: .binary(.mod)
    case .mul: .binary(.mul)
    case .or: .relation(.or)
    case .pRelu:
      ElementwiseRow(
        kind: .pRelu, inputs: 2...2, operands: .slope, result: .same(0), operations: .each(2))
    case .pow: .binary(.pow)
    case .sub: .binary(.sub)
    case .sum: .variadic(.sum)
    case .where:
      ElementwiseRow(
        kind: .where, inputs: 3...3, operands: .at([0, 1, 2]), result: .same(1),
        operations: .each(1))
    case .xor: .relation(.xor)
    case .qLinearAdd: .quantizedBinary(.qLinearAdd)
    case .qLinearMul: .quantizedBinary(.qLinearMul)
    case .qLinearSigmoid: .quantizedUnary(.qLinearSigmoid, 4)
    case .qLinearLeakyRelu: .quantizedUnary(.qLinearLeakyRelu, 2)
    }
  }
}
