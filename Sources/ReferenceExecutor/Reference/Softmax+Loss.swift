import ModelIR
import TensorTypes

extension Softmax.Loss {
  func reference<S: KernelScalar>(
    _ use: KernelUse<S>, _ scores: ReferenceTensor<S>
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let labels = try use.required(1)
    let weights = use.optional(2)?.elements
    let split = AxisSplit(scores.dimensions, axis: 1)
    var losses: [S] = []
    var factors: [S] = []
    var kept = 0
    for (row, label) in zip(split.rows, labels.integers) {
      let isIgnored = label == ignored
      guard isIgnored || (0..<split.extent).contains(label), split.extent > 0 else {
        throw .invalidElement(input: 1, reason: "names class \(label) of \(split.extent)")
      }
      let place = isIgnored ? 0 : label
      var loss = -scores.elements[row[place]]
      if let weights {
        let weight = isIgnored ? .zero : weights[place]
        loss = loss * weight
        factors.append(weight)
      }
      losses.append(isIgnored ? .zero : loss)
      kept += isIgnored ? 0 : 1
    }
    switch reduction {
    case .none: return try use.result(labels.dimensions, losses)
    case .sum: return try use.result([], [total(losses)])
    case .mean:
      let divisor = weights == nil ? S(Double(kept)) : total(factors)
      return try use.result([], [total(losses) / divisor])
    }
  }
}
