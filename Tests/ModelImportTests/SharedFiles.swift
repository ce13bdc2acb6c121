import Foundation

/// Files beside the package that tests read and never copy. A missing one fails the test.
enum SharedFiles {
  static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "shared")

  static func path(_ relative: String) -> String { folder.appending(path: relative).path }

  static func bytes(_ relative: String) throws -> [UInt8] {
    Array(try Data(contentsOf: folder.appending(path: relative)))
  }
}

/// A folder that lives as long as the call.
func withTemporaryFolder<T>(_ body: (URL) throws -> T) throws -> T {
  let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}
