/// One line of a text log.
struct LogLine: Sendable {
  /// From 1.
  let number: Int
  /// Without the line's end.
  let text: Substring
}

extension LogLine {
  /// The lines of a text. Bytes that are no UTF-8 are replaced, because logs come from terminals; a zero
  /// byte is refused, because no text has one.
  static func lines(_ bytes: [UInt8], file: String) throws(RunImportError) -> [LogLine] {
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var lines: [LogLine] = []
    let parts = bytes[start...].split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    lines.reserveCapacity(parts.count)
    for (index, part) in parts.enumerated() {
      guard !part.contains(0) else {
        throw RunImportError(file: file, line: index + 1, reason: "a zero byte: not a text file")
      }
      let text = part.last == UInt8(ascii: "\r") ? part.dropLast() : part
      lines.append(LogLine(number: index + 1, text: Substring(decoding: text, as: UTF8.self)))
    }
    return lines
  }
}

extension StringProtocol {
  /// What follows the first occurrence of a text; `nil` without one.
  func rest(after text: String) -> SubSequence? {
    firstRange(of: text).map { self[$0.upperBound...] }
  }

  /// The words between spaces and tabs.
  var words: [SubSequence] { split { $0 == " " || $0 == "\t" } }

  /// The last part of a path, of either system.
  var fileName: String {
    String(split { $0 == "/" || $0 == "\\" }.last ?? self[...])
  }
}

extension Substring {
  fileprivate init(decoding bytes: some Collection<UInt8>, as encoding: UTF8.Type) {
    self = String(decoding: bytes, as: encoding)[...]
  }
}
