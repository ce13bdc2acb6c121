import Quantities
import TensorTypes

/// An axis counted from the front; negative axes count from the end.
func resolvedAxis(_ axis: Int, rank: Int) throws(ShapeError) -> Int {
  guard axis >= -rank, axis < rank else { throw .axisOutOfRange(axis: axis, rank: rank) }
  return axis < 0 ? axis + rank : axis
}

/// The shape of an elementwise result by numpy's rule: align at the end, extents equal or 1.
func broadcast(_ left: [Int], _ right: [Int]) throws(ShapeError) -> [Int] {
  var result = left.count >= right.count ? left : right
  let shorter = left.count >= right.count ? right : left
  let shift = result.count - shorter.count
  for (index, extent) in shorter.enumerated() {
    let other = result[shift + index]
    guard other == extent || other == 1 || extent == 1 else {
      throw .broadcastMismatch(left: left, right: right)
    }
    if other == 1 { result[shift + index] = extent }
  }
  return result
}

extension Array where Element == Operand? {
  /// The operand at `index`, which must be present.
  func required(_ index: Int, count: ClosedRange<Int>) throws(ShapeError) -> Operand {
    guard index < self.count, let operand = self[index] else {
      throw .wrongInputCount(expected: count, actual: self.count)
    }
    return operand
  }
  /// The operand at `index`, or `nil` when the node leaves it out.
  func optional(_ index: Int) -> Operand? { index < count ? self[index] : nil }
}
