import Platform
import Quantities

/// Appends a measurement to its record file, line by line as it happens.
public final class RunRecorder {
  private let path: String
  private let file: OpenFile
  private let encoder = JSONEncoder()

  /// Opens the file, or makes it. A last line that a killed writer left open is closed first.
  public init(path: String) throws(RecordError) {
    self.path = path
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do throws(SystemError) {
      file = try OpenFile(path, for: .appending)
      if let last = try file.lastByte(), last != UInt8(ascii: "\n") {
        try file.write([UInt8(ascii: "\n")])
      }
    } catch {
      throw .unwritable(path: path, reason: error.description)
    }
  }

  public func start(_ start: RunRecord.Start) throws(RecordError) { try append(.start(start)) }
  public func load(_ load: RunRecord.Load) throws(RecordError) { try append(.load(load)) }
  public func run(_ sample: RunSample) throws(RecordError) { try append(.run(sample)) }
  public func end(_ end: RunRecord.End) throws(RecordError) { try append(.end(end)) }

  private func append(_ line: RecordLine) throws(RecordError) {
    do {
      try file.write(try encoder.encode(line) + [UInt8(ascii: "\n")])
    } catch {
      throw .unwritable(path: path, reason: systemReason(error))
    }
  }
}
