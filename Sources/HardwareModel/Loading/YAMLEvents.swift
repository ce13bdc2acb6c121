import CYAML

/// One event of a YAML text.
struct YAMLEvent {
  enum Kind {
    case streamStart, streamEnd, documentStart, documentEnd
    case scalar(String)
    case sequenceStart, mappingStart
    /// Of a sequence or a mapping.
    case end
    case alias
  }
  let kind: Kind
  /// Where it begins, both from 1; columns count Unicode scalars.
  let line: Int
  let column: Int
  /// A tag that is written out; `nil` where the value has none.
  let tag: String?
  let hasAnchor: Bool
}

/// Why a text is no YAML, in libyaml's words.
struct YAMLSyntaxError: Error {
  /// Both from 1; 0 when the place is not known.
  let line: Int
  let column: Int
  let problem: String
}

/// The events of a YAML text in UTF-8, one by one, from libyaml's parser.
///
/// The parser holds the levels that are open and no more than the text of one key ahead, so that
/// whoever reads events bounds what it does.
@safe struct YAMLEvents: ~Copyable {
  private let bytes: UnsafeMutableBufferPointer<UInt8>
  /// On the heap, because the parser holds its own address.
  private let parser: UnsafeMutablePointer<yaml_parser_t>

  init(_ text: [UInt8]) {
    unsafe bytes = .allocate(capacity: text.count)
    _ = unsafe bytes.initialize(from: text)
    unsafe parser = .allocate(capacity: 1)
    let isReady = unsafe yaml_parser_initialize(parser)
    precondition(isReady == 1, "no memory for the YAML parser")
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    unsafe yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
  }

  deinit {
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
    unsafe bytes.deallocate()
  }

  /// The next event; behind the end of the stream there is none to ask for.
  mutating func next() throws(YAMLSyntaxError) -> YAMLEvent {
    var event = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw failure }
    defer { unsafe yaml_event_delete(&event) }
    let start = unsafe event.start_mark
    func made(
      _ kind: YAMLEvent.Kind, tag: UnsafeMutablePointer<yaml_char_t>? = nil,
      anchor: UnsafeMutablePointer<yaml_char_t>? = nil
    ) -> YAMLEvent {
      YAMLEvent(
        kind: kind, line: start.line + 1, column: start.column + 1,
        tag: unsafe tag.map { unsafe String(cString: $0) }, hasAnchor: unsafe anchor != nil)
    }
    switch unsafe event.type {
    case YAML_SCALAR_EVENT:
      let scalar = unsafe event.data.scalar
      let text = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      return unsafe made(
        .scalar(String(decoding: text, as: UTF8.self)), tag: scalar.tag, anchor: scalar.anchor)
    case YAML_SEQUENCE_START_EVENT:
      let start = unsafe event.data.sequence_start
      return unsafe made(.sequenceStart, tag: start.tag, anchor: start.anchor)
    case YAML_MAPPING_START_EVENT:
      let start = unsafe event.data.mapping_start
      return unsafe made(.mappingStart, tag: start.tag, anchor: start.anchor)
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return made(.end)
    case YAML_ALIAS_EVENT: return made(.alias)
    case YAML_STREAM_START_EVENT: return made(.streamStart)
    case YAML_DOCUMENT_START_EVENT: return made(.documentStart)
    case YAML_DOCUMENT_END_EVENT: return made(.documentEnd)
    default: return made(.streamEnd)
    }
  }

  /// What made the parser stop.
  private var failure: YAMLSyntaxError {
    let problem =
      unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "the parser gave up"
    switch unsafe parser.pointee.error {
    case YAML_READER_ERROR:
      let before = unsafe bytes.prefix(parser.pointee.problem_offset)
      let line = unsafe 1 + before.count { $0 == UInt8(ascii: "\n") }
      let lineStart = unsafe before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
      let column = unsafe 1 + before[lineStart...].count { $0 & 0xC0 != 0x80 }
      return YAMLSyntaxError(line: line, column: column, problem: problem)
    case YAML_SCANNER_ERROR, YAML_PARSER_ERROR:
      let mark = unsafe parser.pointee.problem_mark
      let context = unsafe parser.pointee.context.map { unsafe "\(String(cString: $0)), " } ?? ""
      return YAMLSyntaxError(
        line: mark.line + 1, column: mark.column + 1, problem: context + problem)
    default: return YAMLSyntaxError(line: 0, column: 0, problem: problem)
    }
  }
}
