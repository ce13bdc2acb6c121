import Quantities
import TensorTypes

/// Integers that steer an operator: axes, extents, starts; an attribute in old operator sets, an
/// input in new ones.
enum Parameter {
  case absent
  /// An input that only a run fills.
  case unknown
  case known([Int])
}

extension Array where Element == Operand? {
  /// The integers of the attribute, or else of the input at `index`.
  func parameter(_ index: Int, attribute: [Int]? = nil) throws(ShapeError) -> Parameter {
    if let attribute { return .known(attribute) }
    guard let operand = optional(index) else { return .absent }
    guard let literal = operand.literal else { return .unknown }
    guard let integers = literal.integers else {
      throw .invalidInput(index: index, reason: "is not of integers")
    }
    return .known(integers)
  }

  /// The one integer of the input at `index`; `nil` when the input is absent or unknown.
  func integer(_ index: Int) throws(ShapeError) -> Int? {
    switch try parameter(index) {
    case .absent, .unknown: nil
    case .known(let values):
      if let value = values.first, values.count == 1 {
        value
      } else {
        throw .invalidInput(index: index, reason: "is not one integer")
      }
    }
  }
}

/// Axes counted from the front, each at most once.
func resolvedAxes(_ axes: [Int], rank: Int) throws(ShapeError) -> [Int] {
  var resolved: [Int] = []
  resolved.reserveCapacity(axes.count)
  var seen: Set<Int> = []
  for axis in axes {
    let position = try resolvedAxis(axis, rank: rank)
    guard seen.insert(position).inserted else {
      throw .invalidAttribute(name: "axes", reason: "names axis \(axis) twice")
    }
    resolved.append(position)
  }
  return resolved
}

/// A product of extents; throws when it does not fit, or when a factor is negative.
func extent(_ lhs: Int, times rhs: Int) throws(ShapeError) -> Int {
  let (product, overflow) = lhs.multipliedReportingOverflow(by: rhs)
  guard !overflow, lhs >= 0, rhs >= 0 else { throw .tooLarge("an extent") }
  return product
}

/// A sum of extents; throws when it does not fit.
func extent(_ lhs: Int, plus rhs: Int) throws(ShapeError) -> Int {
  let (sum, overflow) = lhs.addingReportingOverflow(rhs)
  guard !overflow else { throw .tooLarge("an extent") }
  return sum
}

/// A requested shape; throws when an extent is negative.
func validExtents(_ extents: [Int], input: Int) throws(ShapeError) -> [Int] {
  guard extents.allSatisfy({ $0 >= 0 }) else {
    throw .invalidInput(index: input, reason: "holds a negative extent")
  }
  return extents
}

/// The least `k` with `2ᵏ ≥ count`.
func ceilingLog2(_ count: Int) -> Int {
  count <= 1 ? 0 : Int.bitWidth - (count - 1).leadingZeroBitCount
}

extension Work {
  /// Bytes that move without arithmetic, the data of input 0 to output 0: `read` bytes of it, all
  /// other inputs once, each output once.
  init(moving read: Bytes, inputs: [Operand?], outputs: [TensorType?], operations: FLOPs = .zero) {
    self.init(otherOperations: operations, inputs: inputs, outputs: outputs)
    if !reads.isEmpty { reads[0] = read }
  }

  /// No traffic and no arithmetic: a matter of names, or of load time.
  static func free(inputs: [Operand?], outputs: [TensorType?]) -> Work {
    Work(
      reads: inputs.map { _ in .zero }, writes: outputs.map { _ in .zero })
  }
}
