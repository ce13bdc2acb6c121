import Calibration
import CostModel
import HardwareModel
import Platform
import RunImport

/// The priors and the table of cores that come with the program, or that the user names.
struct PriorLibrary {
  let cores: CoreTable
  let priors: [PriorFile]

  static let coreFile = "cores.yaml"

  /// The table of cores alone: whoever makes a prior must not need one.
  static func cores(_ folders: DataFolders) throws(Failure) -> CoreTable {
    do throws(ProfileError) {
      return try CoreTable(
        ProfileFile(kind: .coreTable, path: "\(folders.profilesPath)/priors/\(coreFile)"))
    } catch {
      throw Failure(error.isMissingFile ? .missingInput : .badData, error.description)
    }
  }

  /// Priors of `files` come before those under `folders`.
  init(_ folders: DataFolders?, files: [String] = []) throws(Failure) {
    let bundled = folders.map { "\($0.profilesPath)/priors" }
    do throws(ProfileError) {
      guard let bundled else {
        throw ProfileError(
          file: "cores.yaml", line: 0, column: 0, path: "",
          reason: .cannotRead("no HardwareProfiles found; set BOARDFIT_DATA"))
      }
      cores = try CoreTable(ProfileFile(kind: .coreTable, path: "\(bundled)/\(Self.coreFile)"))
      var priors: [PriorFile] = []
      for file in files { priors.append(try PriorFile(ProfileFile(kind: .prior, path: file))) }
      let names = (try? FileManager.default.contentsOfDirectory(atPath: bundled)) ?? []
      for name in names.sorted() where name.hasSuffix(".yaml") && name != Self.coreFile {
        priors.append(try PriorFile(ProfileFile(kind: .prior, path: "\(bundled)/\(name)")))
      }
      self.priors = priors
    } catch {
      throw Failure(error.isMissingFile ? .missingInput : .badData, error.description)
    }
  }

  /// Whether the bundled priors hold one for a deployment, told by the name of its file.
  static func holdsPrior(for deployment: Deployment, in folders: DataFolders) -> Bool {
    deployment.unit.kind.isCPU
      && FileManager.default.fileExists(
        atPath: "\(folders.profilesPath)/priors/\(deployment.runtime.id)-cpu.yaml")
  }

  /// The prior that was learned for a deployment's runtime on its kind of unit.
  func file(for deployment: Deployment) -> PriorFile? {
    guard deployment.unit.kind.isCPU else { return nil }
    return priors.first {
      $0.provenance.runtime == deployment.runtime.id && $0.provenance.unit == "cpu"
    }
  }
  func prior(for deployment: Deployment) -> Prior? { file(for: deployment)?.prior }

  func traits(of deployment: Deployment) -> DeviceTraits {
    DeviceTraits(
      board: deployment.board, unit: deployment.unit, powerMode: deployment.powerMode,
      threads: deployment.threads, table: cores)
  }

  /// The prior for a runtime by the name that a table gives it; of another runtime on the same kind of
  /// unit, widened, for want of its own.
  func prior(of runtime: String, isAccelerated: Bool) -> (file: PriorFile, isOwn: Bool)? {
    let name = runtime.lowercased()
    let own = priors.first { file in
      file.provenance.names.contains { $0.lowercased() == name }
    }
    if let own { return (own, true) }
    let unit = isAccelerated ? "gpu" : "cpu"
    if var other = priors.first(where: { $0.provenance.unit == unit }) {
      other.prior = other.prior.widened()
      return (other, false)
    }
    // Of another kind of unit, only the rough proportions of the terms are left to believe.
    guard var stranger = priors.first else { return nil }
    stranger.prior = stranger.prior.widened(shared: 2, own: 0.7)
    return (stranger, false)
  }
}

extension ImportedRuns {
  /// Reads files of measurements; what is no run is told.
  static func read(_ paths: [String]) throws(Failure) -> ImportedRuns {
    var all = ImportedRuns(runs: [])
    for path in paths {
      do throws(RunImportError) {
        let read = try RunFile.read(path: path)
        all.runs += read.runs
        all.rejected += read.rejected
      } catch {
        throw Failure(error.isMissingFile ? .missingInput : .badData, error.description)
      }
    }
    return all
  }

  /// The rejected rows in sentences: their count, and the first few with their reason.
  var complaints: [String] {
    guard !rejected.isEmpty else { return [] }
    let shown = 5
    var lines = ["\(rejected.count) rows are no runs and were passed over"]
    lines += rejected.prefix(shown).map { "  \($0)" }
    if rejected.count > shown { lines.append("  and \(rejected.count - shown) more") }
    return lines
  }
}

extension UnitKind {
  fileprivate var isCPU: Bool {
    switch self {
    case .cpuInOrder, .cpuOutOfOrder: true
    case .mcu, .gpu, .npu: false
    }
  }
}
