/// What can be written: prose and tables for people, keys and values for programs.
public protocol Report: Sendable {
  var document: Document { get }
  /// The whole answer with stable keys that name their units.
  var json: JSONObject { get }
  /// The rows of the main table.
  var records: [JSONObject] { get }
}

/// The forms of a report but for HTML.
public enum ReportFormat: Sendable, Hashable {
  case table(TerminalStyle)
  case json
  case csv
  case markdown
}

extension Report {
  public func text(_ format: ReportFormat) -> String {
    switch format {
    case .table(let style): document.terminalText(style)
    case .json: JSONValue.object(json).text
    case .csv: CSV.text(records)
    case .markdown: document.markdown()
    }
  }
}

/// How a report came to be: what ran, when, and on which files.
public struct Origin: Sendable, Hashable {
  public struct File: Sendable, Hashable {
    public var name: String
    /// SHA-256 in hexadecimal.
    public var digest: String
    public init(name: String, digest: String) {
      self.name = name
      self.digest = digest
    }
  }
  /// "boardfit 0.1.0".
  public var tool: String
  /// The command line as it was typed.
  public var command: String
  /// ISO 8601; `nil` leaves the date out, for output that is compared byte by byte.
  public var date: String?
  /// Models and profiles.
  public var files: [File]
  public init(tool: String, command: String, date: String? = nil, files: [File] = []) {
    self.tool = tool
    self.command = command
    self.date = date
    self.files = files
  }

  /// The major version of the JSON that this module writes; it changes when a key changes meaning.
  static let schemaVersion = 1

  /// The opening members of every JSON report.
  func header(_ kind: String) -> JSONObject {
    [
      "schemaVersion": .integer(Self.schemaVersion), "kind": .string(kind), "tool": .string(tool),
      "command": .string(command), "date": JSONValue(date),
      "files": .array(
        files.map { .object(["name": .string($0.name), "sha256": .string($0.digest)]) }),
    ]
  }

  var section: Document.Section {
    var pairs = [Document.Pair("tool", tool), Document.Pair("command", command)]
    if let date { pairs.append(Document.Pair("date", date)) }
    pairs += files.map { Document.Pair($0.name, "SHA-256 \($0.digest)") }
    return Document.Section("How this report came to be", isDetail: true, [.pairs(pairs)])
  }
}

extension JSONValue {
  init(_ text: String?) { self = text.map { .string($0) } ?? .null }
  init(_ number: Double?) { self = number.map { .number($0) } ?? .null }
  init(_ count: Int?) { self = count.map { .integer($0) } ?? .null }
  init(strings: [String]) { self = .array(strings.map { .string($0) }) }
  init(objects: [JSONObject]) { self = .array(objects.map { .object($0) }) }
}
