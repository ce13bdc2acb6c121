import ModelIR

let recurrentLowerings: [String: Lower] = [
  "LSTM": { node throws(LoweringError) in
    try node.recurrent(.lstm(couplesInputAndForget: try node.flag("input_forget")))
  },
  "GRU": { node throws(LoweringError) in
    try node.recurrent(.gru(linearBeforeReset: try node.flag("linear_before_reset")))
  },
  "RNN": { node throws(LoweringError) in try node.recurrent(.rnn) },
  "DynamicQuantizeLSTM": { node throws(LoweringError) in
    try node.recurrent(.dynamicQuantizeLSTM(couplesInputAndForget: try node.flag("input_forget")))
  },
]

extension NodeView {
  fileprivate func recurrent(_ cell: Recurrent.Cell) throws(LoweringError) -> Operator {
    let direction: Recurrent.Direction
    switch try string("direction", default: "forward") {
    case "forward": direction = .forward
    case "reverse": direction = .reverse
    case "bidirectional": direction = .bidirectional
    case let other: throw error(.invalidAttribute("direction", reason: "is '\(other)'"))
    }
    return .recurrent(
      Recurrent(
        cell, direction: direction, hiddenSize: try int("hidden_size"),
        batchFirst: try flag("layout"), activations: try activations(),
        clip: try optionalFloat("clip")))
  }

  /// The listed activations; each that has parameters takes the next alpha and beta.
  private func activations() throws(LoweringError) -> [Recurrent.Activation] {
    var alphas = (try floats("activation_alpha") ?? [])[...]
    var betas = (try floats("activation_beta") ?? [])[...]
    var activations: [Recurrent.Activation] = []
    for name in try strings("activations") {
      switch name.lowercased() {
      case "affine":
        activations.append(
          .affine(alpha: alphas.popFirst() ?? 1, beta: betas.popFirst() ?? 0))
      case "scaledtanh":
        activations.append(
          .scaledTanh(alpha: alphas.popFirst() ?? 1, beta: betas.popFirst() ?? 1))
      case let lowered:
        let takesAlpha = ["leakyrelu", "thresholdedrelu", "hardsigmoid", "elu"].contains(lowered)
        let alpha = takesAlpha ? alphas.popFirst() : nil
        let beta = lowered == "hardsigmoid" ? betas.popFirst() : nil
        guard let function = activation(named: name, alpha, beta) else {
          throw error(.invalidAttribute("activations", reason: "has '\(name)'"))
        }
        activations.append(.elementwise(function))
      }
    }
    return activations
  }
}
