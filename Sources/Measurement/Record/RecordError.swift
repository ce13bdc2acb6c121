/// Why a record file cannot be written or read.
public enum RecordError: Error, Hashable, Sendable, CustomStringConvertible {
  case unwritable(path: String, reason: String)
  case unreadable(path: String, reason: String)
  /// A line that is not the last of a measurement, and means nothing.
  case malformed(path: String, line: Int, reason: String)

  public var description: String {
    switch self {
    case .unwritable(let path, let reason): "cannot write '\(path)': \(reason)"
    case .unreadable(let path, let reason): "cannot read '\(path)': \(reason)"
    case .malformed(let path, let line, let reason): "\(path):\(line): \(reason)"
    }
  }
}
