/// ``TidyTable`` among the other readers.
enum TidyTableLog: LogReader {
  static func recognizes(_ content: LogContent) -> Bool {
    content.json == nil && TidyTable.isTable(content.bytes)
  }
  static func read(_ content: LogContent) throws(RunImportError) -> ImportedRuns {
    try TidyTable.read(content.bytes, file: content.file)
  }
}
