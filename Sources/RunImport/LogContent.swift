/// A file as readers see it.
struct LogContent: Sendable {
  /// What places and errors call it.
  let file: String
  let bytes: [UInt8]
  /// `nil` when the text does not begin as JSON does.
  let json: JSONDocument?
  /// The lines of a text that is no JSON, or whose JSON is not whole.
  let lines: [LogLine]

  init(_ bytes: [UInt8], file: String) throws(RunImportError) {
    self.file = file
    self.bytes = bytes
    json = JSONDocument.isJSON(bytes) ? JSONDocument(bytes, file: file) : nil
    lines = json == nil || json?.fault != nil ? try LogLine.lines(bytes, file: file) : []
  }

  func place(_ line: Int) -> RunPlace { RunPlace(file: file, line: line) }

  func refusal(_ line: Int, _ reason: String) -> RunImportError {
    RunImportError(file: file, line: line, reason: reason)
  }

  func rejected(_ line: Int, _ problem: RowProblem) -> ImportedRuns.Rejected {
    ImportedRuns.Rejected(place: place(line), reason: problem.reason)
  }

  /// The lines in which a kind shows itself.
  var head: ArraySlice<LogLine> { lines.prefix(2000) }

  /// Whether one of those lines holds a text.
  func shows(_ text: String) -> Bool { head.contains { $0.text.contains(text) } }
}

/// A reader of one kind of file.
protocol LogReader {
  /// Whether the content is of this kind, by what no other kind has.
  static func recognizes(_ content: LogContent) -> Bool
  /// The runs, and what of the content is none. Throws when the content as a whole makes no sense.
  static func read(_ content: LogContent) throws(RunImportError) -> ImportedRuns
}
