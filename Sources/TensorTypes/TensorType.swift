public import Quantities

/// The dtype and the extents of a tensor; every extent is known.
public struct TensorType: Sendable, Hashable, CustomStringConvertible {
  public let dtype: DType
  /// Extents, outermost first; empty for a scalar.
  public let dimensions: [Int]
  /// The product of the extents, `Int.max` when it does not fit.
  public let elementCount: Int

  public init(_ dtype: DType, _ dimensions: [Int]) {
    self.dtype = dtype
    self.dimensions = dimensions
    self.elementCount = dimensions.contains(0) ? 0 : dimensions.reduce(1, saturatingProduct)
  }

  public var rank: Int { dimensions.count }

  /// Bytes that one densely packed copy occupies.
  public var storageSize: Bytes { dtype.storageSize(of: elementCount) }

  /// "float32 1×3×224×224".
  public var description: String {
    dimensions.isEmpty
      ? "\(dtype.rawValue) scalar"
      : "\(dtype.rawValue) \(dimensions.map(String.init).joined(separator: "×"))"
  }
}

/// One extent of a shape as a model file states it.
public enum Dimension: Sendable, Hashable, CustomStringConvertible {
  case fixed(Int)
  /// A free extent with a name; the same name means the same extent throughout the model.
  case named(String)
  case unknown

  public var description: String {
    switch self {
    case .fixed(let extent): String(extent)
    case .named(let name): name
    case .unknown: "?"
    }
  }
}

/// Extents that may still be names, outermost first.
public struct Shape: Sendable, Hashable, CustomStringConvertible {
  public var dimensions: [Dimension]
  public init(_ dimensions: [Dimension]) { self.dimensions = dimensions }
  public var description: String { dimensions.map(\.description).joined(separator: "×") }
}
