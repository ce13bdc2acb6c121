import ModelIR
import TensorTypes

/// Functions without attributes; their names are those of their kinds.
private let plainFunctions: [Elementwise.Function] = [
  .abs, .acos, .acosh, .asin, .asinh, .atan, .atanh, .bitwiseNot, .ceil, .cos, .cosh, .erf, .exp,
  .floor, .hardSwish, .isNaN, .log, .mish, .neg, .not, .reciprocal, .relu, .round, .sigmoid,
  .sign, .sin, .sinh, .softplus, .softsign, .sqrt, .tan, .tanh, .fastGelu, .biasGelu, .add, .and,
  .bitwiseAnd, .bitwiseOr, .bitwiseXor, .div, .equal, .greater, .greaterOrEqual, .less,
  .lessOrEqual, .max, .mean, .min, .mul, .or, .pRelu, .pow, .sub, .sum, .where, .xor,
  .qLinearAdd, .qLinearMul, .qLinearSigmoid,
]

let elementwiseLowerings: [String: Lower] = plainFunctions.reduce(into: parametricFunctions) {
  lowerings, function in
  let operation = Elementwise(function)
  lowerings[operation.kind.rawValue] = { _ in .elementwise(operation) }
}

private let parametricFunctions: [String: Lower] = [
  "BitShift": { node throws(LoweringError) in
    switch try node.string("direction") {
    case "LEFT": return .elementwise(Elementwise(.bitShift(.left)))
    case "RIGHT": return .elementwise(Elementwise(.bitShift(.right)))
    case nil: throw node.error(.missingAttribute("direction"))
    case .some(let other):
      throw node.error(.invalidAttribute("direction", reason: "is '\(other)'"))
    }
  },
  "Celu": { node throws(LoweringError) in
    .elementwise(Elementwise(.celu(alpha: try node.float("alpha", default: 1))))
  },
  // Inputs since opset 11, attributes before.
  "Clip": { node throws(LoweringError) in
    .elementwise(
      Elementwise(.clip(min: try node.optionalFloat("min"), max: try node.optionalFloat("max"))))
  },
  "Elu": { node throws(LoweringError) in
    .elementwise(Elementwise(.elu(alpha: try node.float("alpha", default: 1))))
  },
  "Gelu": { node throws(LoweringError) in
    switch try node.string("approximate", default: "none") {
    case "none": return .elementwise(Elementwise(.gelu(.erf)))
    case "tanh": return .elementwise(Elementwise(.gelu(.tanh)))
    case let other: throw node.error(.invalidAttribute("approximate", reason: "is '\(other)'"))
    }
  },
  "HardSigmoid": { node throws(LoweringError) in
    .elementwise(
      Elementwise(
        .hardSigmoid(
          alpha: try node.float("alpha", default: 0.2), beta: try node.float("beta", default: 0.5)))
    )
  },
  "IsInf": { node throws(LoweringError) in
    .elementwise(
      Elementwise(
        .isInf(
          detectsNegative: try node.flag("detect_negative", default: true),
          detectsPositive: try node.flag("detect_positive", default: true))))
  },
  "LeakyRelu": { node throws(LoweringError) in
    .elementwise(Elementwise(.leakyRelu(alpha: try node.float("alpha", default: 0.01))))
  },
  "Mod": { node throws(LoweringError) in
    .elementwise(Elementwise(.mod(truncates: try node.flag("fmod"))))
  },
  "QLinearLeakyRelu": { node throws(LoweringError) in
    .elementwise(Elementwise(.qLinearLeakyRelu(alpha: try node.float("alpha", default: 0.01))))
  },
  "QuickGelu": { node throws(LoweringError) in
    .elementwise(Elementwise(.quickGelu(alpha: try node.float("alpha", default: 1.702))))
  },
  "Selu": { node throws(LoweringError) in
    .elementwise(
      Elementwise(
        .selu(
          alpha: try node.float("alpha", default: 1.673_263_192_176_818_8),
          gamma: try node.float("gamma", default: 1.050_701_022_148_132_3))))
  },
  "Shrink": { node throws(LoweringError) in
    .elementwise(
      Elementwise(
        .shrink(
          lambda: try node.float("lambd", default: 0.5), bias: try node.float("bias", default: 0))))
  },
  "Swish": { node throws(LoweringError) in
    .elementwise(Elementwise(.swish(alpha: try node.float("alpha", default: 1))))
  },
  "SwiGLU": { node throws(LoweringError) in
    .elementwise(Elementwise(.swiGLU(alpha: try node.float("alpha", default: 1))))
  },
  "ThresholdedRelu": { node throws(LoweringError) in
    .elementwise(Elementwise(.thresholdedRelu(alpha: try node.float("alpha", default: 1))))
  },
]
