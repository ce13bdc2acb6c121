/// A value of a JSON text.
struct JSONNode: Sendable {
  enum Value: Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONNode])
    case object([Member])
  }
  struct Member: Sendable {
    let key: String
    let value: JSONNode
  }
  /// On which the value begins, from 1.
  let line: Int
  let value: Value

  /// The member of an object; `nil` where there is none, or this is no object.
  subscript(key: String) -> JSONNode? {
    guard case .object(let members) = value else { return nil }
    return members.first { $0.key == key }?.value
  }

  // Inlined, these accessors stop the optimizer of Swift 6.3.1 ("Found outside of lifetime use").
  @inline(never) var elements: [JSONNode]? {
    if case .array(let elements) = value { elements } else { nil }
  }
  @inline(never) var members: [Member]? {
    if case .object(let members) = value { members } else { nil }
  }
  @inline(never) var number: Double? {
    if case .number(let number) = value { number } else { nil }
  }
  @inline(never) var text: String? {
    if case .string(let text) = value { text } else { nil }
  }
  var isNull: Bool {
    if case .null = value { true } else { false }
  }
  /// A whole number, written as one or as text.
  @inline(never) var integer: Int? {
    switch value {
    case .number(let number): Int(exactly: number)
    case .string(let text): Int(text)
    case .null, .bool, .array, .object: nil
    }
  }
  /// A number, written as one or as text, which some tools do.
  var looseNumber: Double? { number ?? text.flatMap { Double($0) } }
}

/// A JSON text as logs have it: one value, an array of records, or a record a line.
///
/// An array that ends early, as that of a killed process does, keeps its whole elements.
struct JSONDocument: Sendable {
  /// The elements of the array, or the values one after the other.
  let records: [JSONNode]
  let isArray: Bool
  /// Why the reading ended early.
  let fault: RunImportError?

  /// The one object of the text; `nil` when there are several, or an array.
  var object: JSONNode? { !isArray && records.count == 1 ? records[0] : nil }

  /// Whether text begins as JSON does.
  static func isJSON(_ bytes: [UInt8]) -> Bool {
    let first = bytes.first { !JSONScanner.isSpace($0) && $0 < 0x80 }
    guard first == UInt8(ascii: "{") else {
      // A log line may begin with a bracket: "[I] Latency".
      guard first == UInt8(ascii: "["), let start = bytes.firstIndex(of: UInt8(ascii: "[")) else {
        return false
      }
      let next = bytes[(start + 1)...].first { !JSONScanner.isSpace($0) }
      return next == nil || next == UInt8(ascii: "{") || next == UInt8(ascii: "]")
    }
    return true
  }

  init(_ bytes: [UInt8], file: String) {
    var scanner = JSONScanner(bytes, file: file)
    var records: [JSONNode] = []
    var fault: RunImportError?
    var isArray = false
    do throws(RunImportError) {
      isArray = try scanner.readRecords { records.append($0) }
    } catch {
      fault = error
      isArray = scanner.isInArray
    }
    self.records = records
    self.isArray = isArray
    self.fault = fault
  }
}
