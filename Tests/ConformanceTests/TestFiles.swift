import Foundation

/// Where the material of these tests is. A test whose material is missing fails.
enum TestFiles {
  /// The root of the package.
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Models and files of other projects, beside the repository.
  static let shared = root.appendingPathComponent("../shared").standardizedFileURL

  /// Models from packages, as `Scripts/fetch-models` lays them out.
  static let fetched = URL(
    fileURLWithPath: ProcessInfo.processInfo.environment["BOARDFIT_MODELS"]
      ?? root.appendingPathComponent(".build/models").path)

  /// Exports need gigabytes of Python packages; their suite runs where this says so.
  static let hasExports = ProcessInfo.processInfo.environment["BOARDFIT_EXPORTS"] != nil

  static func files(under folder: URL, suffix: String) -> [URL] {
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(suffix) }.sorted().map {
      folder.appendingPathComponent($0)
    }
  }
}
