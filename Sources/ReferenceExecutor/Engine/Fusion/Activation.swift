import CKernels
import ModelIR
import TensorTypes

/// A function of one number that kernels apply to their results.
struct Activation: Hashable {
  let function: bf_activation
  var a: Float = 0
  var b: Float = 0

  init(_ function: bf_activation, _ a: Double = 0, _ b: Double = 0) {
    self.function = function
    self.a = Float(a)
    self.b = Float(b)
  }

  static func == (lhs: Self, rhs: Self) -> Bool {
    lhs.function.rawValue == rhs.function.rawValue && lhs.a == rhs.a && lhs.b == rhs.b
  }
  func hash(into hasher: inout Hasher) {
    hasher.combine(function.rawValue)
    hasher.combine(a)
    hasher.combine(b)
  }

  static let identity = Activation(BF_IDENTITY)

  /// `nil` when no kernel has the function. The bounds of a clip are those of the node, which may
  /// be inputs.
  init?(_ function: Elementwise.Function, clip: (least: Double?, greatest: Double?) = (nil, nil)) {
    switch function {
    case .relu: self.init(BF_RELU)
    case .clip:
      self.init(BF_CLAMP, clip.least ?? -.infinity, clip.greatest ?? .infinity)
    case .leakyRelu(let alpha): self.init(BF_LEAKY_RELU, alpha)
    case .sigmoid: self.init(BF_SIGMOID)
    case .tanh: self.init(BF_TANH)
    case .swish(let alpha), .quickGelu(let alpha): self.init(BF_SILU, alpha)
    case .hardSigmoid(let alpha, let beta): self.init(BF_HARD_SIGMOID, alpha, beta)
    case .hardSwish: self.init(BF_HARD_SWISH)
    case .gelu(.erf): self.init(BF_GELU_ERF)
    case .gelu(.tanh), .fastGelu: self.init(BF_GELU_TANH)
    case .elu(let alpha): self.init(BF_ELU, alpha)
    case .softplus: self.init(BF_SOFTPLUS)
    case .mish: self.init(BF_MISH)
    case .abs, .acos, .acosh, .asin, .asinh, .atan, .atanh, .bitwiseNot, .ceil, .cos, .cosh, .erf,
      .exp, .floor, .isNaN, .log, .neg, .not, .reciprocal, .round, .sign, .sin, .sinh, .softsign,
      .sqrt, .tan, .celu, .swiGLU, .biasGelu, .isInf, .selu, .shrink, .thresholdedRelu, .add, .and,
      .bitwiseAnd, .bitwiseOr, .bitwiseXor, .div, .equal, .greater, .greaterOrEqual, .less,
      .lessOrEqual, .max, .mean, .min, .mul, .or, .pRelu, .pow, .sub, .sum, .where, .xor,
      .bitShift, .mod, .qLinearAdd, .qLinearMul, .qLinearSigmoid, .qLinearLeakyRelu:
      return nil
    }
  }
}

/// Functions written as several operators, known by their values.
enum CompositeActivation {
  /// Where a function is looked at.
  static let samples: [Double] = (-40...40).map { Double($0) * 0.2 + 0.03 }

  private static let known: [(Elementwise.Function, Activation)] = [
    (.swish(alpha: 1), Activation(BF_SILU, 1)), (.hardSwish, Activation(BF_HARD_SWISH)),
    (.gelu(.erf), Activation(BF_GELU_ERF)), (.gelu(.tanh), Activation(BF_GELU_TANH)),
    (.mish, Activation(BF_MISH)), (.swish(alpha: 1.702), Activation(BF_SILU, 1.702)),
    (.softplus, Activation(BF_SOFTPLUS)), (.sigmoid, Activation(BF_SIGMOID)),
    (
      .hardSigmoid(alpha: 1.0 / 6, beta: 0.5), Activation(BF_HARD_SIGMOID, 1.0 / 6, 0.5)
    ),
  ]

  private static let knownValues: [(values: [Double], activation: Activation)] =
    known.compactMap { function, activation in
      values(of: .elementwise(Elementwise(function)), [samples]).map { ($0, activation) }
    }

  /// The values of an elementwise operator of real numbers; an operand of one element is repeated.
  static func values(of op: Operator, _ operands: [[Double]?]) -> [Double]? {
    let inputs = operands.map { operand in
      operand.flatMap {
        ReferenceTensor<Double>(
          TensorType(.float32, $0.count == 1 ? [] : [$0.count]), $0)
      }
    }
    return try? op.reference(inputs).first?.elements
  }

  /// The function that has these values at ``samples``.
  static func recognized(_ values: [Double]) -> Activation? {
    knownValues.first { known in
      zip(known.values, values).allSatisfy { abs($0 - $1) <= 2e-6 + 2e-6 * abs($0) }
    }?.activation
  }
}
