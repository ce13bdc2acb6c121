import Quantities
public import TensorTypes

extension Generator: FoldableOperator {
  public func evaluate(
    _ inputs: [TensorLiteral?], outputs: [TensorType]
  ) -> [TensorLiteral]? {
    guard let output = outputs.first else { return nil }
    switch self {
    case .constant(_, let literal): return literal.map { [$0] }
    case .constantOfShape(let dtype, let value):
      let count = output.elementCount
      let limit =
        dtype.isFloatingPoint
        ? TensorLiteral.maximumRepeatedReals : TensorLiteral.maximumRepeatedCount
      guard count <= limit else { return nil }
      let elements: TensorLiteral.Elements
      if dtype.integerRange != nil {
        elements = .integers([Int](repeating: value?.integers?.first ?? 0, count: count))
      } else if dtype.isFloatingPoint {
        elements = .reals([Double](repeating: value?.reals.first ?? 0, count: count))
      } else {
        return nil
      }
      return TensorLiteral(output, elements).map { [$0] }
    case .range: return rangeElements(inputs, output).map { [$0] }
    case .eyeLike, .shape, .size, .window, .melWeightMatrix, .random, .priorBoxes: return nil
    }
  }

  /// What follows from the input's type alone: its extents or their product, or from nothing.
  func literal(of input: TensorType) -> TensorLiteral? {
    switch self {
    case .shape(let start, let end): TensorLiteral(vector: Array(input.extents(start, end)))
    case .size: TensorLiteral(scalar: input.elementCount)
    case .constant(_, let literal): literal
    case .constantOfShape, .eyeLike, .range, .window, .melWeightMatrix, .random, .priorBoxes: nil
    }
  }

  /// Whether the result does not depend on the input's elements.
  var readsOnlyExtents: Bool {
    switch self {
    case .shape, .size, .eyeLike, .priorBoxes: true
    case .constant, .constantOfShape, .range, .window, .melWeightMatrix, .random: false
    }
  }

  private func rangeElements(_ inputs: [TensorLiteral?], _ output: TensorType) -> TensorLiteral? {
    guard output.elementCount <= TensorLiteral.maximumElementCount,
      let first = inputs.element(0) ?? nil, let step = inputs.element(2) ?? nil
    else { return nil }
    if let start = first.integers?.first, let stride = step.integers?.first {
      let elements = (0..<output.elementCount).map { start &+ $0 &* stride }
      return TensorLiteral(output, .integers(elements))
    }
    guard let start = first.reals.first, let stride = step.reals.first else { return nil }
    let elements = (0..<output.elementCount).map { start + Double($0) * stride }
    return TensorLiteral(output, .reals(elements))
  }
}
