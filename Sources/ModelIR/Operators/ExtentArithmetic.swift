import Quantities
import TensorTypes

// Extents and attributes come from files, so sums and products of them are checked: a shape that
// does not fit is an error, a count that does not fit saturates.

/// The sum of `terms`; throws where it does not fit.
func extentSum(_ terms: Int..., of what: String) throws(ShapeError) -> Int {
  var sum = 0
  for term in terms {
    let (next, overflow) = sum.addingReportingOverflow(term)
    if overflow { throw .tooLarge(what) }
    sum = next
  }
  return sum
}

/// The product of `factors`; throws where it does not fit.
func extentProduct(_ factors: Int..., of what: String) throws(ShapeError) -> Int {
  var product = 1
  for factor in factors {
    let (next, overflow) = product.multipliedReportingOverflow(by: factor)
    if overflow { throw .tooLarge(what) }
    product = next
  }
  return product
}

/// `total / parts`, which must have no remainder.
func extentQuotient(_ total: Int, by parts: Int, of what: String) throws(ShapeError) -> Int {
  guard parts > 0, total >= 0, total % parts == 0 else {
    throw .invalidAttribute(name: what, reason: "is \(parts), which does not divide \(total)")
  }
  return total / parts
}

/// `⌈numerator / denominator⌉` for a numerator ≥ 0 and a denominator > 0.
func ceilingQuotient(_ numerator: Int, _ denominator: Int) -> Int {
  numerator / denominator + (numerator % denominator == 0 ? 0 : 1)
}

/// The number of elements of a shape; saturates.
func elementCount(_ dimensions: some Sequence<Int>) -> Int {
  dimensions.reduce(1, saturatingProduct)
}

func requireEqual(_ what: String, _ actual: Int, _ expected: Int) throws(ShapeError) {
  guard actual == expected else {
    throw .extentMismatch(what: what, expected: expected, actual: actual)
  }
}

extension Array where Element == Operand? {
  /// The operand at `index`, which must be present and have one of the `ranks`.
  func required(
    _ index: Int, count: ClosedRange<Int>, ranks: ClosedRange<Int>
  ) throws(ShapeError) -> Operand {
    let operand = try required(index, count: count)
    guard ranks.contains(operand.type.rank) else {
      let expected =
        ranks.lowerBound == ranks.upperBound
        ? "\(ranks.lowerBound)"
        : ranks.upperBound == .max
          ? "\(ranks.lowerBound) or more" : "\(ranks.lowerBound) to \(ranks.upperBound)"
      throw .wrongRank(input: index, expected: expected, actual: operand.type.rank)
    }
    return operand
  }

  /// Throws unless the node has a permitted number of inputs.
  func requireCount(_ range: ClosedRange<Int>) throws(ShapeError) {
    guard range.contains(count) else { throw .wrongInputCount(expected: range, actual: count) }
  }

  /// The elements of the operand at `index`; zero when the node leaves it out.
  func elementCount(_ index: Int) -> Int { optional(index)?.type.elementCount ?? 0 }
}

extension Array where Element == TensorType? {
  /// The type of the output at `index`, or `nil` when the node leaves it out.
  func optional(_ index: Int) -> TensorType? { index < count ? self[index] : nil }
}
