public import TensorTypes

/// A small tensor whose elements are known before any run: axes, indices, shapes, scalars.
public struct TensorLiteral: Sendable, Hashable {
  /// Elements in row-major order; the case follows from the dtype.
  public enum Elements: Sendable, Hashable {
    /// Integers and Booleans (0 and 1).
    case integers([Int])
    case reals([Double])
  }

  public let type: TensorType
  public let elements: Elements

  /// Literals above this element count are data, not shape arithmetic, and are never read.
  public static let maximumElementCount = 1 << 16

  /// `nil` when the count of elements is not the shape's, or is above the limit.
  public init?(_ type: TensorType, _ elements: Elements) {
    let count =
      switch elements {
      case .integers(let values): values.count
      case .reals(let values): values.count
      }
    guard count == type.elementCount, count <= Self.maximumElementCount else { return nil }
    self.type = type
    self.elements = elements
  }

  /// A vector of int64.
  public init(vector: [Int]) {
    type = TensorType(.int64, [vector.count])
    elements = .integers(vector)
  }

  /// An int64 scalar.
  public init(scalar: Int) {
    type = TensorType(.int64, [])
    elements = .integers([scalar])
  }

  /// The elements as integers; `nil` for real elements.
  public var integers: [Int]? {
    if case .integers(let values) = elements { values } else { nil }
  }

  /// The elements as real numbers, converted from integers where needed.
  public var reals: [Double] {
    switch elements {
    case .integers(let values): values.map(Double.init)
    case .reals(let values): values
    }
  }
}
