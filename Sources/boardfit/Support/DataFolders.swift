import Foundation

/// Where boards, runtimes and model graphs are found, whatever the working directory.
struct DataFolders {
  /// The folder that holds `HardwareProfiles` and `ModelGraphs`.
  let root: URL

  /// An environment variable first; then `share/boardfit` of the prefix that the program was
  /// installed in; then the package that it was built in.
  static func find() throws(Failure) -> DataFolders {
    if let path = ProcessInfo.processInfo.environment["BOARDFIT_DATA"], !path.isEmpty {
      let root = URL(fileURLWithPath: path, isDirectory: true)
      guard isDataRoot(root) else {
        throw Failure(
          .missingInput, "BOARDFIT_DATA is '\(path)', which holds no HardwareProfiles/boards")
      }
      return DataFolders(root: root)
    }
    var folder = programFolder
    let installed = folder.appendingPathComponent("../share/boardfit").standardizedFileURL
    if isDataRoot(installed) { return DataFolders(root: installed) }
    for _ in 0..<6 {
      if isDataRoot(folder) { return DataFolders(root: folder) }
      folder.deleteLastPathComponent()
    }
    throw Failure(
      .missingInput,
      "no HardwareProfiles found beside the program; set BOARDFIT_DATA, or give --profiles DIR")
  }

  var profilesPath: String { root.appendingPathComponent("HardwareProfiles").path }
  var models: URL { root.appendingPathComponent("ModelGraphs", isDirectory: true) }

  /// The file of a bundled model, when there is one of that name.
  func bundledModel(_ name: String) -> String? {
    guard !name.contains("/"), !name.hasPrefix(".") else { return nil }
    let file = models.appendingPathComponent(name).appendingPathComponent("\(name).onnx").path
    return FileManager.default.fileExists(atPath: file) ? file : nil
  }

  var bundledModelNames: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: models.path)) ?? []
    return names.filter { bundledModel($0) != nil }.sorted()
  }

  private static func isDataRoot(_ folder: URL) -> Bool {
    FileManager.default.fileExists(
      atPath: folder.appendingPathComponent("HardwareProfiles/boards").path)
  }

  /// The folder of the running program, links resolved.
  private static var programFolder: URL {
    let program =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? Bundle.main.executablePath ?? CommandLine.arguments.first ?? "."
    return URL(fileURLWithPath: program).resolvingSymlinksInPath().deletingLastPathComponent()
  }
}
