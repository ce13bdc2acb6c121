import ModelIR

/// The operators that compute: each family's lowerings in a file of its own.
let arithmeticLowerings = [
  elementwiseLowerings, matrixProductLowerings, convolutionLowerings, poolingLowerings,
  normalizationLowerings, reductionLowerings, quantizationLowerings, attentionLowerings,
  recurrentLowerings,
]

extension NodeView {
  var isContributed: Bool { node.domain == "com.microsoft" }

  /// For a variant of a known operator that its family does not model.
  var opaque: Operator {
    .opaque(OpaqueOperator(name: node.operatorType, domain: node.domain))
  }

  /// A real attribute, `nil` when the node leaves it out.
  func optionalFloat(_ name: String) throws(LoweringError) -> Double? {
    has(name) ? try float(name, default: 0) : nil
  }

  /// An activation by its ONNX name, in any case, with the parameters that follow it; `nil` for a
  /// name that is no elementwise function.
  func activation(named name: String, _ alpha: Double?, _ beta: Double?) -> Elementwise.Function? {
    switch name.lowercased() {
    case "relu": .relu
    case "tanh": .tanh
    case "sigmoid": .sigmoid
    case "softplus": .softplus
    case "softsign": .softsign
    case "elu": .elu(alpha: alpha ?? 1)
    case "leakyrelu": .leakyRelu(alpha: alpha ?? 0.01)
    case "thresholdedrelu": .thresholdedRelu(alpha: alpha ?? 1)
    case "hardsigmoid": .hardSigmoid(alpha: alpha ?? 0.2, beta: beta ?? 0.5)
    case "clip": .clip(min: alpha ?? -.infinity, max: beta ?? .infinity)
    case "silu", "swish": .swish(alpha: 1)
    default: nil
    }
  }

  /// The activation that a runtime fused onto an operator; `nil` without one.
  func fusedActivation(
    _ alpha: Double?, _ beta: Double?
  ) throws(LoweringError) -> Elementwise.Function? {
    guard let name = try string("activation"), !name.isEmpty, name != "none" else { return nil }
    guard let function = activation(named: name, alpha, beta) else {
      throw error(.invalidAttribute("activation", reason: "is '\(name)'"))
    }
    return function
  }
}
