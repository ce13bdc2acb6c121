/// Rows of comma-separated values as RFC 4180 has them: CRLF, a header, quotes where needed.
public enum CSV {
  /// One line for each object; the header has every key of any row, in the order met, and keys
  /// name their units. What is not a plain value is left out.
  public static func text(_ rows: [JSONObject]) -> String {
    var keys: [String] = []
    var known: Set<String> = []
    for member in rows.flatMap(\.members) where known.insert(member.key).inserted {
      keys.append(member.key)
    }
    var text = keys.map(field).joined(separator: ",") + "\r\n"
    for row in rows {
      let values = Dictionary(
        row.members.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
      text += keys.map { field(values[$0] ?? .null) }.joined(separator: ",") + "\r\n"
    }
    return text
  }

  private static func field(_ value: JSONValue) -> String {
    switch value {
    case .null, .array, .object: ""
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .number(let value): value.isFinite ? "\(value)" : ""
    case .string(let value): field(value)
    }
  }

  /// A text that opens like a formula is preceded by an apostrophe, so that no spreadsheet runs
  /// what a model file says.
  private static func field(_ text: String) -> String {
    let safe = text.neutralized
    let inert = safe.first.map { "=+-@".contains($0) } == true ? "'" + safe : safe
    guard inert.contains(where: { ",\"\r\n".contains($0) }) else { return inert }
    return "\"" + inert.replacing("\"", with: "\"\"") + "\""
  }
}
