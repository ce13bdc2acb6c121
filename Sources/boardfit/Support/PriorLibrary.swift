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
  static let modelFile = "models.yaml"

  /// What tables of measurements call the models that are at hand under another name.
  static func modelNames(_ folders: DataFolders) throws(Failure) -> ModelNames {
    do throws(ProfileError) {
      return try ModelNames(
        ProfileFile(kind: .modelNames, path: "\(folders.profilesPath)/priors/\(modelFile)"))
    } catch {
      throw Failure(error.isMissingFile ? .missingInput : .badData, error.description)
    }
  }

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
  /// Those of kinds of units, which no deployment takes, are read where `forAnyRuntime`.
  init(
    _ folders: DataFolders?, files: [String] = [], forAnyRuntime: Bool = false
  ) throws(Failure) {
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
      for name in names.sorted()
      where name.hasSuffix(".yaml") && name != Self.coreFile && name != Self.modelFile
        && (forAnyRuntime || !name.hasPrefix("any-"))
      {
        priors.append(try PriorFile(ProfileFile(kind: .prior, path: "\(bundled)/\(name)")))
      }
      self.priors = priors
    } catch {
      throw Failure(error.isMissingFile ? .missingInput : .badData, error.description)
    }
  }

  /// Whether the bundled priors hold one for a deployment, told by the name of its file.
  static func holdsPrior(for deployment: Deployment, in folders: DataFolders) -> Bool {
    guard let unit = UnitClass(deployment.unit.kind) else { return false }
    return FileManager.default.fileExists(
      atPath:
        "\(folders.profilesPath)/priors/\(deployment.runtime.id)-\(unit.rawValue).yaml")
  }

  /// The prior that was learned for a deployment's runtime on its kind of unit.
  func file(for deployment: Deployment) -> PriorFile? {
    guard let unit = UnitClass(deployment.unit.kind) else { return nil }
    return priors.first {
      $0.provenance.runtime == deployment.runtime.id && $0.provenance.unit == unit
        && !$0.provenance.isForAnyRuntime
    }
  }
  func prior(for deployment: Deployment) -> Prior? { file(for: deployment)?.prior }

  func traits(of deployment: Deployment) -> DeviceTraits {
    DeviceTraits(
      board: deployment.board, unit: deployment.unit, powerMode: deployment.powerMode,
      threads: deployment.threads, table: cores)
  }

  /// Lower-case names of the runtimes that a prior of their own serves.
  var ownedRuntimes: Set<String> {
    Set(
      priors.filter { !$0.provenance.isForAnyRuntime }.flatMap { file in
        file.provenance.names.map { $0.lowercased() }
      })
  }

  /// The prior for a run by its runtime's name; for want of one, the prior of its kind of unit under
  /// any runtime; for want of that too, a stranger's, widened.
  func prior(of run: ImportedRun) -> Found? {
    let name = run.runtime.lowercased()
    // One without rates for work in 8 bits was learned from runs in floats: those in 8 bits run
    // elsewhere.
    let own = priors.first { file in
      file.provenance.names.contains { $0.lowercased() == name }
        && (!run.isInteger || file.prior.servesInt8)
    }
    if let own { return Found(file: own, isWidened: false) }
    let kind = UnitClass(of: run, table: cores)
    let ofKind = priors.first {
      $0.provenance.isForAnyRuntime && $0.provenance.unit == kind
    }
    if let ofKind { return Found(file: ofKind, isWidened: false) }
    let unit: UnitClass = kind == .cpu || kind == .mcu ? .cpu : .gpu
    if var other = priors.first(where: { $0.provenance.unit == unit }) {
      other.prior = other.prior.widened()
      return Found(file: other, isWidened: true)
    }
    // Of another kind of unit, only the rough proportions of the terms are left to believe.
    guard var stranger = priors.first else { return nil }
    stranger.prior = stranger.prior.widened(shared: 2, own: 0.7)
    return Found(file: stranger, isWidened: true)
  }

  /// A prior that serves a run.
  struct Found {
    var file: PriorFile
    var isWidened: Bool

    /// What a scoreboard calls it.
    func title(_ runtime: String) -> String {
      let origin = file.provenance
      if isWidened { return "\(runtime), by the prior of \(origin.runtime), widened" }
      guard origin.isForAnyRuntime else { return "\(origin.runtime), \(origin.unit.rawValue)" }
      return "any runtime on \(origin.unit.title)"
    }
  }
}

extension ImportedRuns {
  /// Reads files of measurements; what is no run is told.
  static func read(_ paths: [String]) throws(Failure) -> ImportedRuns {
    var all = ImportedRuns(runs: [])
    for path in paths {
      do throws(RunImportError) {
        let read = try RunFile.read(path: path, needsRun: paths.count == 1)
        all.runs += read.runs
        all.rejected += read.rejected
      } catch {
        throw Failure(error.isMissingFile ? .missingInput : .badData, error.description)
      }
    }
    return all
  }

  /// The rejected rows in sentences: their count by file and reason, and the first place of each.
  var complaints: [String] {
    var counts: [String: (count: Int, first: RunPlace)] = [:]
    for row in rejected {
      counts["\(row.place.file.fileName): \(row.reason)", default: (0, row.place)].count += 1
    }
    let shown = 40
    let sorted = counts.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
    var lines = sorted.prefix(shown).map { key, value in
      "\(value.count) \(value.count == 1 ? "row is no run" : "rows are no runs"), from line "
        + "\(value.first.line) on: \(key)"
    }
    if sorted.count > shown {
      let rest = sorted.dropFirst(shown).reduce(0) { $0 + $1.value.count }
      lines.append("and \(rest) more for other reasons")
    }
    return lines
  }
}
