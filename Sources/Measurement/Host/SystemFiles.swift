import Platform

/// The files in which a system describes itself; tests have texts of their own.
public struct SystemFiles: Sendable {
  /// The text of a file; `nil` when it is not there.
  public var text: @Sendable (String) -> String?
  public init(text: @escaping @Sendable (String) -> String?) { self.text = text }

  /// `/proc` and `/sys` of this system.
  public static let current = SystemFiles { path in
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    return String(decoding: data, as: UTF8.self)
  }

  /// The first line, without spaces around it; `nil` when there is none.
  func line(_ path: String) -> String? {
    guard let text = text(path) else { return nil }
    let line = text.prefix { $0 != "\n" && $0 != "\0" }.trimmed
    return line.isEmpty ? nil : String(line)
  }

  /// The value of "key : value", or "key=value", of the first such line.
  func value(of key: String, in path: String, separator: Character = ":") -> String? {
    guard let text = text(path) else { return nil }
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: separator, maxSplits: 1)
      guard parts.count == 2, parts[0].trimmed == key else { continue }
      let value = parts[1].trimmed { " \t\"".contains($0) }
      return value.isEmpty ? nil : String(value)
    }
    return nil
  }
}
