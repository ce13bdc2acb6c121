import Quantities
import TensorTypes

extension Softmax.Loss {
  func outputTypes(
    _ inputs: [Operand?], _ outputCount: Int
  ) throws(ShapeError) -> [TensorType?] {
    let scores = try inputs.required(0, count: 2...3).type
    let labels = try inputs.required(1, count: 2...3).type
    guard scores.rank >= 2 else {
      throw .wrongRank(input: 0, expected: "at least 2", actual: scores.rank)
    }
    guard labels.rank == scores.rank - 1 else {
      throw .wrongRank(input: 1, expected: "\(scores.rank - 1)", actual: labels.rank)
    }
    let places = Array(scores.dimensions[..<1] + scores.dimensions[2...])
    guard labels.dimensions == places else {
      throw .invalidInput(index: 1, reason: "is \(labels), not a label for each of \(scores)")
    }
    if let weights = inputs.optional(2)?.type, weights.dimensions != [scores.dimensions[1]] {
      throw .invalidInput(index: 2, reason: "is \(weights), not a weight for each class")
    }
    let loss = TensorType(scores.dtype, reduction == .none ? labels.dimensions : [])
    return Array([loss, scores].prefix(outputCount))
  }

  /// A label's score is negated and weighted; a sum adds it; a mean also adds the weights and
  /// divides.
  func operations(_ inputs: [Operand?]) -> FLOPs {
    let labels = inputs.optional(1)?.type.elementCount ?? 0
    let weights = inputs.optional(2) == nil ? 0 : 1
    switch reduction {
    case .none: return .product(labels, 1 + weights)
    case .sum: return .product(labels, 2 + weights)
    case .mean: return .product(labels, 2 + 2 * weights) + FLOPs(1)
    }
  }
}
