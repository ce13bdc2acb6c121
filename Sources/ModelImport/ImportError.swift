/// Why a model file could not be imported: the file, the place in it, and the reason.
public struct ImportError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Cause: Error, Hashable, Sendable {
    case file(FileError)
    case format(ForeignContent)
    case malformed(MalformedFile)
    case line(MalformedLine)
    case graph(GraphError)
    case node(LoweringError)
  }

  public let path: String
  public let cause: Cause

  public init(path: String, cause: Cause) {
    self.path = path
    self.cause = cause
  }

  /// Whether there was no file to read, rather than a file that is no good.
  public var isMissingFile: Bool {
    if case .file = cause { true } else { false }
  }

  /// Where in the file, when the trouble has a place: a byte, a line or a node.
  public var place: String? {
    switch cause {
    case .file, .format: nil
    case .malformed(let error): "byte \(error.offset)"
    case .line(let error): "line \(error.line)"
    case .graph(let error): error.node.map { "node '\($0)'" }
    case .node(let error): "node '\(error.node)'"
    }
  }

  /// One line, whatever bytes the file's names contain.
  public var description: String {
    let text =
      switch cause {
      case .file(let error): error.description
      case .format(let content): content.description
      case .malformed(let error): error.description
      case .line(let error): error.description
      case .graph(let error): error.description
      case .node(let error): error.description
      }
    return "\(path): \(singleLine(text))"
  }
}

/// Control characters, line breaks included, written as escapes; the middle of a very long text
/// left out.
func singleLine(_ text: String) -> String {
  let isPlain = text.utf8.allSatisfy { (0x20...0x7e).contains($0) }
  let line = isPlain ? text : String(text.unicodeScalars.flatMap(visible))
  return line.utf8.count <= 1000 ? line : "\(line.prefix(600)) … \(line.suffix(300))"
}

private func visible(_ scalar: Unicode.Scalar) -> String {
  switch scalar.properties.generalCategory {
  case .control, .lineSeparator, .paragraphSeparator: scalar.escaped(asASCII: true)
  default: String(scalar)
  }
}
