import Platform
public import Quantities

/// The bytes of one profile before they are read.
public struct ProfileFile: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case board, runtime
    /// Measured costs of operators, which no catalogue of boards needs.
    case operators
    /// Processor cores and chips; what tables call models; what was learned from other devices' runs.
    case coreTable, modelNames, prior
    /// What was learned from a board's own runs.
    case calibration
    /// The folder of a profile directory that holds the kind.
    package var folder: String {
      switch self {
      case .board: "boards"
      case .runtime: "runtimes"
      case .operators: "operators"
      case .coreTable, .modelNames, .prior: "priors"
      case .calibration: "calibrations"
      }
    }
  }
  public let kind: Kind
  /// How errors name the file.
  public let name: String
  public let bytes: [UInt8]

  public init(kind: Kind, name: String, bytes: [UInt8]) {
    self.kind = kind
    self.name = name
    self.bytes = bytes
  }

  /// A profile that is written as text, as tests and generators do.
  public init(kind: Kind, name: String, text: String) {
    self.init(kind: kind, name: name, bytes: Array(text.utf8))
  }

  /// Reads a file; one that is larger than ``sizeLimit`` is refused without reading the rest.
  public init(kind: Kind, path: String) throws(ProfileError) {
    do throws(SystemError) {
      let bytes = try OpenFile(path, for: .reading).read(upTo: Self.sizeLimit.rawValue + 1)
      self.init(kind: kind, name: path, bytes: bytes)
    } catch {
      throw Self.fault(path, .cannotRead(error.description))
    }
  }

  /// The identifier of the profile: the file's name without folders and `.yaml`.
  public var id: String {
    let last = name.split(separator: "/").last.map(String.init) ?? name
    return last.hasSuffix(".yaml") ? String(last.dropLast(5)) : last
  }

  /// No profile is a tenth as large.
  public static let sizeLimit = Bytes.mebibytes(1)

  /// The profiles in the folders of a directory, by kind and then by name.
  ///
  /// Some of the folders may be missing, not all. Hidden files and files of other kinds are passed
  /// over; `.yml` is refused, because passing over it would hide a profile.
  public static func list(
    in directory: String, _ kinds: [Kind] = [.board, .runtime]
  ) throws(ProfileError) -> [ProfileFile] {
    var files: [ProfileFile] = []
    var foundFolder = false
    for kind in kinds {
      let folder = "\(directory)/\(kind.folder)"
      guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
        continue
      }
      foundFolder = true
      for name in names.sorted() where !name.hasPrefix(".") {
        let path = "\(folder)/\(name)"
        if name.hasSuffix(".yml") { throw fault(path, .invariant("name it .yaml instead of .yml")) }
        if name.hasSuffix(".yaml") { files.append(try ProfileFile(kind: kind, path: path)) }
      }
    }
    guard foundFolder else {
      let names = kinds.map { "'\($0.folder)'" }.joined(separator: " or ")
      throw fault(directory, .cannotRead("no folder \(names) in it"))
    }
    return files
  }

  private static func fault(_ path: String, _ reason: ProfileError.Reason) -> ProfileError {
    ProfileError(file: path, line: 0, column: 0, path: "", reason: reason)
  }
}
