/// Where the lines of a text file stop making sense, and what was expected there.
public struct MalformedLine: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Reason: Hashable, Sendable {
    case notText
    case wrongVersion(String)
    case missingCounts
    case unusableCount(String, what: String, limit: Int)
    case tooFewLayers(stated: Int, found: Int)
    case tooManyNames(stated: Int, what: String)
    case blobCount(stated: Int, found: Int)
    case missingField(String)
    case unreadableParameter(String)
    case unusableNumber(String)
    case listLength(stated: Int, found: Int)
    case duplicateParameter(Int)
    case duplicateBlob(String)
    case undefinedBlob(String)
    /// A later line computes it: the layers are cyclic or out of order.
    case laterBlob(String, line: Int)
    case layer(String, reason: String)
  }

  /// From 1.
  public let line: Int
  public let reason: Reason

  public init(line: Int, _ reason: Reason) {
    self.line = line
    self.reason = reason
  }

  public var description: String { "line \(line): \(reason)" }
}

extension MalformedLine.Reason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notText: "expected UTF-8 text"
    case .wrongVersion(let found): "expected the version 7767517, found '\(found)'"
    case .missingCounts: "expected the counts of layers and blobs"
    case .unusableCount(let text, let what, let limit):
      "expected the count of \(what), from 0 to \(limit), found '\(text)'"
    case .tooFewLayers(let stated, let found):
      "expected \(stated) layers as the file states, found \(found); was the file cut off?"
    case .tooManyNames(let stated, let what): "expected the names of \(stated) \(what)"
    case .blobCount(let stated, let found):
      "expected \(stated) blobs as the file states, found \(found)"
    case .missingField(let field): "expected \(field)"
    case .unreadableParameter(let text): "expected a parameter NUMBER=VALUE, found '\(text)'"
    case .unusableNumber(let text): "expected a number of 32 bits, found '\(text)'"
    case .listLength(let stated, let found):
      "expected a list of \(stated) numbers as it states, found \(found)"
    case .duplicateParameter(let id): "parameter \(id) is set twice"
    case .duplicateBlob(let name): "blob '\(name)' is written twice"
    case .undefinedBlob(let name): "blob '\(name)' is written nowhere"
    case .laterBlob(let name, let line):
      "blob '\(name)' is written only in line \(line): the layers are cyclic or out of order"
    case .layer(let name, let reason): "layer '\(name)': \(reason)"
    }
  }
}
