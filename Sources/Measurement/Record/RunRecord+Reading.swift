import Platform
import Quantities

extension RunRecord {
  /// All measurements of a record file, in order.
  ///
  /// The last line of each may be cut off, which is told in ``isTruncated``; whatever else is not a
  /// line of a record is an error that names the line.
  public static func read(path: String) throws(RecordError) -> [RunRecord] {
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw .unreadable(path: path, reason: systemReason(error))
    }
    return try read(Array(data), path: path)
  }

  /// Whether a file begins as a record does; the rest of it is not read.
  public static func begins(_ path: String) throws(RecordError) -> Bool {
    let start: [UInt8]
    do throws(SystemError) {
      start = try OpenFile(path, for: .readingFile).read(upTo: 1 << 16)
    } catch {
      throw .unreadable(path: path, reason: error.description)
    }
    let line = start.prefix { $0 != UInt8(ascii: "\n") }
    return (try? JSONDecoder().decode(RecordLine.self, from: Data(line))) != nil
  }

  /// As ``read(path:)``, of bytes that are read already; `path` is what errors call them.
  public static func read(_ bytes: [UInt8], path: String) throws(RecordError) -> [RunRecord] {
    var records: [RunRecord] = []
    var broken: (line: Int, reason: String)?
    let decoder = JSONDecoder()
    for (index, text) in bytes.split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false
    ).enumerated() where !text.isEmpty {
      let number = index + 1
      let line: RecordLine
      do {
        line =
          try RunSample(line: text).map(RecordLine.run)
          ?? decoder.decode(RecordLine.self, from: Data(text))
      } catch {
        if let broken { throw .malformed(path: path, line: broken.line, reason: broken.reason) }
        broken = (number, Self.reason(error))
        continue
      }
      if case .start(let start) = line {
        guard start.schemaVersion == schemaVersion else {
          throw .malformed(
            path: path, line: number,
            reason: "schema version \(start.schemaVersion), expected \(schemaVersion)")
        }
        if broken != nil, !records.isEmpty { records[records.count - 1].isTruncated = true }
        broken = nil
        records.append(RunRecord(start: start))
        continue
      }
      if let broken { throw .malformed(path: path, line: broken.line, reason: broken.reason) }
      guard !records.isEmpty else {
        throw .malformed(path: path, line: number, reason: "no start of a measurement before it")
      }
      try records[records.count - 1].append(line, path: path, number: number)
    }
    if let broken {
      // A file that holds nothing else is no record.
      guard !records.isEmpty else {
        throw .malformed(path: path, line: broken.line, reason: broken.reason)
      }
      records[records.count - 1].isTruncated = true
    }
    return records
  }

  private mutating func append(
    _ line: RecordLine, path: String, number: Int
  ) throws(RecordError) {
    func refuse(_ reason: String) -> RecordError {
      .malformed(path: path, line: number, reason: reason)
    }
    guard end == nil else { throw refuse("a line after the end of its measurement") }
    switch line {
    case .start: break
    case .load(let load):
      guard self.load == nil else { throw refuse("the model was loaded before") }
      guard load.seconds.isTime else { throw refuse("\(load.seconds) is no time") }
      self.load = load
    case .run(let sample):
      guard let load else { throw refuse("a run before the model was loaded") }
      for time in [sample.time] + sample.stepTimes where !time.rawValue.isTime {
        throw refuse("\(time.rawValue) is no time")
      }
      guard sample.stepTimes.isEmpty || sample.stepTimes.count == load.steps.count else {
        throw refuse(
          "\(sample.stepTimes.count) times for the \(load.steps.count) steps of the model")
      }
      samples.runs.append(sample)
    case .end(let end):
      self.end = end
      samples.isInterrupted = end.isInterrupted
    }
  }

  private static func reason(_ error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, _): "no '\(key.stringValue)'"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "'\(context.codingPath.map(\.stringValue).joined(separator: "."))' has another type"
    case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
      "'\(context.codingPath.map(\.stringValue).joined(separator: "."))' has no such value"
    default: "not a line of JSON"
    }
  }
}

extension Double {
  fileprivate var isTime: Bool { isFinite && self >= 0 }
}
