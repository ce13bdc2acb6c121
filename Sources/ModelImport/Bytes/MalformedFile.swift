/// Where the bytes of a file stop making sense, and what was expected there.
public struct MalformedFile: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Reason: Hashable, Sendable {
    case truncated(what: String, needed: Int, available: Int)
    case overlongVarint
    case invalidTag(UInt64)
    case unsupportedWireType(Int)
    case wrongWireType(field: String, expected: String)
    case invalidText(field: String)
    case nestedTooDeeply(limit: Int)
    case tooMany(String, limit: Int)
    case missing(String)
    /// An offset that points outside of what it should stay in.
    case outside(what: String, place: Int, size: Int)
    case tensor(name: String, TensorDefect)
  }

  /// What is wrong with a stored tensor.
  public enum TensorDefect: Error, Hashable, Sendable {
    case negativeDimension(Int)
    case tooLarge(dimensions: [Int])
    case unknownDataType(Int)
    case dataSize(expected: Int, found: Int)
    /// Variable-length elements take 1 to 10 bytes each.
    case elementCount(expected: Int, foundBytes: Int)
    case externalData(ExternalDataError)
    case bufferIndex(Int, count: Int)
    /// Several scales are one for each slice of an axis.
    case scaleCount(Int, dimensions: [Int], axis: Int)
  }

  /// Bytes from the start of the file.
  public let offset: Int
  public let reason: Reason

  public init(at offset: Int, _ reason: Reason) {
    self.offset = offset
    self.reason = reason
  }

  public var description: String { "at byte \(offset): \(reason)" }
}

extension MalformedFile.Reason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .truncated(let what, let needed, let available):
      "expected \(what) of \(needed) bytes, but only \(available) remain"
    case .overlongVarint: "expected an integer of at most 64 bits in 10 bytes"
    case .invalidTag(let tag): "expected a field tag, found \(tag)"
    case .unsupportedWireType(let type): "expected wire type 0, 1, 2 or 5, found \(type)"
    case .wrongWireType(let field, let expected): "expected '\(field)' as \(expected)"
    case .invalidText(let field): "expected UTF-8 text in '\(field)'"
    case .nestedTooDeeply(let limit): "expected at most \(limit) nested messages"
    case .tooMany(let what, let limit): "expected at most \(limit) \(what)"
    case .missing(let what): "expected \(what)"
    case .outside(let what, let place, let size):
      "expected \(what) below byte \(size), but it is said to be at \(place)"
    case .tensor(let name, let defect): "tensor '\(name)' \(defect)"
    }
  }
}

extension MalformedFile.TensorDefect: CustomStringConvertible {
  public var description: String {
    switch self {
    case .negativeDimension(let extent): "has the negative extent \(extent)"
    case .tooLarge(let dimensions): "has extents \(dimensions), whose product does not fit"
    case .unknownDataType(let number): "has the unknown data type \(number)"
    case .dataSize(let expected, let found):
      "should have \(expected) bytes of data by its type, found \(found)"
    case .elementCount(let expected, let foundBytes):
      "should have \(expected) stored elements, found \(foundBytes) bytes"
    case .externalData(let error): "\(error)"
    case .bufferIndex(let index, let count):
      "has the buffer \(index), but the model has \(count) buffers"
    case .scaleCount(let count, let dimensions, let axis):
      "has \(count) scales for axis \(axis) of \(dimensions)"
    }
  }
}
