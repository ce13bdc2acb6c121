/// Comma-separated text by RFC 4180: quoted fields may hold commas, line breaks and doubled quotes.
struct CSVText {
  struct Row {
    /// The line on which the row begins, from 1.
    let line: Int
    let fields: [String]
  }

  let rows: [Row]

  /// Blank lines are no rows. Throws where a quote is never closed, or where text that is no UTF-8 or
  /// holds a zero byte stands: such a file was cut, or is no text.
  init(_ bytes: [UInt8], file: String) throws(RunImportError) {
    var rows: [Row] = []
    var fields: [String] = []
    var field: [UInt8] = []
    var line = 1
    var rowLine = 1
    var quoteLine = 0
    var wasQuoted = false
    var isQuoted = false
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0

    func text(_ field: [UInt8]) throws(RunImportError) -> String {
      guard let text = String(validating: field, as: UTF8.self) else {
        throw RunImportError(file: file, line: line, reason: "not UTF-8 text")
      }
      return text
    }
    func endRow() throws(RunImportError) {
      let isBlank = fields.isEmpty && field.isEmpty && !wasQuoted
      if !isBlank {
        fields.append(try text(field))
        rows.append(Row(line: rowLine, fields: fields))
      }
      fields.removeAll(keepingCapacity: true)
      field.removeAll(keepingCapacity: true)
      wasQuoted = false
    }

    var index = start
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if byte == 0 {
        throw RunImportError(file: file, line: line, reason: "a zero byte: not a text file")
      }
      if isQuoted {
        if byte == UInt8(ascii: "\"") {
          if index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
            field.append(byte)
            index += 1
          } else {
            isQuoted = false
          }
        } else {
          if byte == UInt8(ascii: "\n") { line += 1 }
          field.append(byte)
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\"") where field.isEmpty && !wasQuoted:
        isQuoted = true
        wasQuoted = true
        quoteLine = line
      case UInt8(ascii: ","):
        fields.append(try text(field))
        field.removeAll(keepingCapacity: true)
        wasQuoted = false
      case UInt8(ascii: "\r"): break
      case UInt8(ascii: "\n"):
        try endRow()
        line += 1
        rowLine = line
      default: field.append(byte)
      }
    }
    if isQuoted {
      throw RunImportError(
        file: file, line: quoteLine, reason: "a quoted field begins here and never ends")
    }
    try endRow()
    self.rows = rows
  }
}
