import ArgumentParser
import CostModel
import HardwareModel
import Reporting

/// Which boards and runtimes there are.
struct ProfileOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A folder with boards/ and runtimes/ of your own, before the bundled ones; repeatable.",
      valueName: "dir"))
  var profiles: [String] = []

  @Option(
    help: ArgumentHelp(
      "A calibration, before those that lie beside the profiles; repeatable.",
      valueName: "file.yaml"))
  var calibration: [String] = []

  /// The calibrations that are named, those beside the profiles, and for the other deployments what
  /// the bundled priors let expect.
  func calibrations(
    _ folders: DataFolders?, for deployments: [Deployment]
  ) throws(Failure) -> CalibrationFiles {
    var files = try CalibrationFiles(named: calibration, beside: directories(folders))
    try files.expect(deployments, folders)
    return files
  }

  /// The bundled profiles, overridden by the user's.
  func catalog(_ folders: DataFolders?) throws(Failure) -> Catalog {
    if folders == nil, profiles.isEmpty { _ = try DataFolders.find() }
    do throws(ProfileError) {
      return try Catalog.load(directories: directories(folders))
    } catch {
      throw Failure(error.isMissingFile ? .missingInput : .badData, error.description)
    }
  }

  /// One digest over the names and bytes of all profiles, so that a report says what it rests on.
  func digest(_ folders: DataFolders?) -> Origin.File? {
    var hash = SHA256()
    var count = 0
    for directory in directories(folders) {
      guard let files = try? ProfileFile.list(in: directory) else { return nil }
      for file in files {
        hash.update("\(file.kind.rawValue)/\(file.id)\n".utf8)
        hash.update(file.bytes)
        count += 1
      }
    }
    return Origin.File(name: "\(count) hardware profiles", digest: hash.hexDigest)
  }

  func directories(_ folders: DataFolders?) -> [String] {
    (folders.map { [$0.profilesPath] } ?? []) + profiles
  }
}
