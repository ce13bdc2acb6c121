import Platform

/// Where boards, runtimes and model graphs are found, whatever the working directory.
struct DataFolders {
  /// The folder that holds `HardwareProfiles` and `ModelGraphs`.
  let root: String

  /// An environment variable first; then `share/boardfit` of the prefix that the program was
  /// installed in; then the package that it was built in.
  static func find() throws(Failure) -> DataFolders {
    if let path = Console.variable("BOARDFIT_DATA"), !path.isEmpty {
      guard isDataRoot(path) else {
        throw Failure(
          .missingInput, "BOARDFIT_DATA is '\(path)', which holds no HardwareProfiles/boards")
      }
      return DataFolders(root: path)
    }
    var folder = program.parentFolder
    let installed = folder.parentFolder + "/share/boardfit"
    if isDataRoot(installed) { return DataFolders(root: installed) }
    for _ in 0..<6 {
      if isDataRoot(folder) { return DataFolders(root: folder) }
      folder = folder.parentFolder
    }
    throw Failure(
      .missingInput,
      "no HardwareProfiles found beside the program; set BOARDFIT_DATA, or give --profiles DIR")
  }

  var profilesPath: String { root + "/HardwareProfiles" }
  var modelsPath: String { root + "/ModelGraphs" }

  /// The file of a bundled model, when there is one of that name.
  func bundledModel(_ name: String) -> String? {
    guard !name.contains("/"), !name.hasPrefix(".") else { return nil }
    let file = "\(modelsPath)/\(name)/\(name).onnx"
    return FileManager.default.fileExists(atPath: file) ? file : nil
  }

  var bundledModelNames: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: modelsPath)) ?? []
    return names.filter { bundledModel($0) != nil }.sorted()
  }

  private static func isDataRoot(_ folder: String) -> Bool {
    FileManager.default.fileExists(atPath: folder + "/HardwareProfiles/boards")
  }

  /// The file of the running program, links resolved.
  private static var program: String {
    #if os(Linux)
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "."
    #else
      Bundle.main.executableURL?.resolvingSymlinksInPath().path ?? "."
    #endif
  }
}

extension String {
  /// The path without its last part: "/" at the root, "." where there is but one part.
  var parentFolder: String {
    guard let slash = lastIndex(of: "/") else { return "." }
    return slash == startIndex ? "/" : String(self[..<slash])
  }

  /// What stands behind the last slash.
  var fileName: String { lastIndex(of: "/").map { String(self[index(after: $0)...]) } ?? self }

  /// The file's name without its last ending.
  var fileStem: String {
    let name = fileName
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return name }
    return String(name[..<dot])
  }
}
