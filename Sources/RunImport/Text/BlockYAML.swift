/// A value of a YAML file that a program wrote: block mappings, block lists and plain scalars.
struct YAMLNode: Sendable {
  enum Value: Sendable {
    case scalar(String)
    case mapping([Member])
    case list([YAMLNode])
  }
  struct Member: Sendable {
    let key: String
    let value: YAMLNode
  }
  let line: Int
  let value: Value

  subscript(key: String) -> YAMLNode? { members?.first { $0.key == key }?.value }
  var members: [Member]? {
    if case .mapping(let members) = value { members } else { nil }
  }
  var text: String? {
    if case .scalar(let text) = value { text } else { nil }
  }
}

/// The part of YAML 1.2 that generated files use. What is outside of it (anchors, flow collections, block
/// texts, tabs) is an error with its line, not a guess.
struct BlockYAML {
  static let depthLimit = 32

  private struct Line {
    let number: Int
    let indent: Int
    let text: Substring
  }

  private var lines: [Line]
  private var position = 0
  private let file: String

  static func read(_ lines: [LogLine], file: String) throws(RunImportError) -> YAMLNode {
    var reader = BlockYAML(file: file)
    for line in lines {
      let text = line.text.drop { $0 == " " }
      guard let first = text.first, first != "#", text.trimmed != "---" else { continue }
      guard first != "\t" else { throw reader.refusal(line.number, "a tab as indentation") }
      reader.lines.append(
        Line(
          number: line.number, indent: line.text.utf8.count - text.utf8.count, text: text.trimmed))
    }
    guard let first = reader.lines.first else {
      throw RunImportError(file: file, reason: "empty")
    }
    let node = try reader.block(indent: first.indent, depth: 1)
    if reader.position < reader.lines.count {
      throw reader.refusal(
        reader.lines[reader.position].number, "an indentation that matches nothing above it")
    }
    return node
  }

  private init(file: String) {
    lines = []
    self.file = file
  }

  private func refusal(_ line: Int, _ reason: String) -> RunImportError {
    RunImportError(file: file, line: line, reason: "YAML: \(reason)")
  }

  /// The mapping or list whose lines stand at this indentation.
  private mutating func block(indent: Int, depth: Int) throws(RunImportError) -> YAMLNode {
    let start = lines[position].number
    guard depth <= Self.depthLimit else {
      throw refusal(start, "more than \(Self.depthLimit) levels deep")
    }
    if lines[position].text.hasPrefix("- ") || lines[position].text == "-" {
      var elements: [YAMLNode] = []
      while position < lines.count, lines[position].indent == indent,
        lines[position].text.hasPrefix("-")
      {
        let line = lines[position]
        position += 1
        elements.append(
          YAMLNode(
            line: line.number,
            value: .scalar(try scalar(line.text.dropFirst().trimmed, line.number))))
      }
      return YAMLNode(line: start, value: .list(elements))
    }
    var members: [YAMLNode.Member] = []
    var keys: Set<String> = []
    while position < lines.count, lines[position].indent == indent {
      let line = lines[position]
      let (key, rest) = try entry(line)
      guard keys.insert(key).inserted else {
        throw refusal(line.number, "the key '\(key.prefix(40))' stands twice")
      }
      position += 1
      let value: YAMLNode
      if !rest.isEmpty {
        value = YAMLNode(line: line.number, value: .scalar(try scalar(rest, line.number)))
      } else if position < lines.count,
        lines[position].indent > indent
          || lines[position].indent == indent && lines[position].text.hasPrefix("- ")
      {
        value = try block(indent: lines[position].indent, depth: depth + 1)
      } else {
        value = YAMLNode(line: line.number, value: .scalar(""))
      }
      members.append(YAMLNode.Member(key: key, value: value))
    }
    return YAMLNode(line: start, value: .mapping(members))
  }

  /// "key: value", where the key may hold colons that no space follows.
  private func entry(_ line: Line) throws(RunImportError) -> (String, Substring) {
    if line.text.last == ":" {
      return (try scalar(line.text.dropLast(), line.number), "")
    }
    guard let colon = line.text.firstRange(of: ": ") else {
      throw refusal(line.number, "expected 'key: value', found '\(line.text.prefix(60))'")
    }
    return (
      try scalar(line.text[..<colon.lowerBound], line.number),
      line.text[colon.upperBound...].trimmed
    )
  }

  private func scalar(_ text: Substring, _ line: Int) throws(RunImportError) -> String {
    guard let first = text.first else { return "" }
    if first == "'" || first == "\"" {
      guard text.count >= 2, text.last == first else {
        throw refusal(line, "a quote without its end")
      }
      return String(text.dropFirst().dropLast())
    }
    guard !"[{&*!|>%@`".contains(first) || text == "[]" || text == "{}" else {
      throw refusal(line, "'\(text.prefix(40))' is a form that generated files do not use")
    }
    return String(text)
  }
}
