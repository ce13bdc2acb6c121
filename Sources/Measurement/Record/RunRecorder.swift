import Foundation
import Quantities

/// Appends a measurement to its record file, line by line as it happens.
public final class RunRecorder {
  private let path: String
  private let file: FileHandle
  private let encoder = JSONEncoder()

  /// Opens the file, or makes it. A last line that a killed writer left open is closed first.
  public init(path: String) throws(RecordError) {
    self.path = path
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      if !FileManager.default.fileExists(atPath: path) {
        try Data().write(to: URL(fileURLWithPath: path))
      }
      file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      let size = try file.seekToEnd()
      if size > 0 {
        try file.seek(toOffset: size - 1)
        let last = try file.read(upToCount: 1)
        try file.seekToEnd()
        if last != Data([UInt8(ascii: "\n")]) { try file.write(contentsOf: Data("\n".utf8)) }
      }
    } catch {
      throw .unwritable(path: path, reason: error.localizedDescription)
    }
  }

  public func start(_ start: RunRecord.Start) throws(RecordError) { try append(.start(start)) }
  public func load(_ load: RunRecord.Load) throws(RecordError) { try append(.load(load)) }
  public func run(_ sample: RunSample) throws(RecordError) { try append(.run(sample)) }
  public func end(_ end: RunRecord.End) throws(RecordError) { try append(.end(end)) }

  private func append(_ line: RecordLine) throws(RecordError) {
    do {
      try file.write(contentsOf: try encoder.encode(line) + Data("\n".utf8))
    } catch {
      throw .unwritable(path: path, reason: error.localizedDescription)
    }
  }
}
