import HardwareModel
import Platform

/// The faults of profiles, single files or whole folders.
struct ProfileCheck {
  private let folders: [String]
  private let files: [String]
  private let bundled: [String]

  /// Without paths, the bundled profiles themselves.
  init(_ paths: [String], bundled: [String]) throws(Failure) {
    self.bundled = bundled
    var folders: [String] = []
    var files: [String] = []
    for path in paths {
      guard let isFolder = isFolder(path) else {
        throw Failure(.missingInput, "\(path): no such file or folder")
      }
      if isFolder { folders.append(path) } else { files.append(path) }
    }
    self.folders = folders
    self.files = files
  }

  func problems() throws(Failure) -> [ProfileError] {
    if folders.isEmpty, files.isEmpty { return Catalog.problems(in: bundled) }
    var problems = folders.isEmpty ? [] : Catalog.problems(in: bundled + folders)
    for path in files {
      if let problem = problem(ofFile: path) { problems.append(problem) }
    }
    return problems
  }

  /// A file is checked among the bundled profiles, in the place of one with its name.
  private func problem(ofFile path: String) -> ProfileError? {
    do throws(ProfileError) {
      let file = try ProfileFile(kind: Self.kind(of: path), path: path)
      if file.kind == .operators {
        _ = try OperatorCosts(file)
        return nil
      }
      var others: [ProfileFile] = []
      for folder in bundled {
        others += try ProfileFile.list(in: folder).filter {
          $0.kind != file.kind || $0.id != file.id
        }
      }
      _ = try Catalog.load(others + [file])
      return nil
    } catch {
      return error
    }
  }

  /// By the folder it lies in, or else by its content: only a runtime has kernels at the outermost
  /// level, and only costs have a basis there.
  private static func kind(of path: String) -> ProfileFile.Kind {
    let url = URL(fileURLWithPath: path)
    switch url.deletingLastPathComponent().lastPathComponent {
    case "boards": return .board
    case "runtimes": return .runtime
    case "operators": return .operators
    default:
      let text = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
      if text.contains("\nbasis:") { return .operators }
      return text.contains("\nkernels:") ? .runtime : .board
    }
  }
}
