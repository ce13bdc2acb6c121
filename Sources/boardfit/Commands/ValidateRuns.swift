public import ArgumentParser
public import Calibration
import HardwareModel
import Platform
import Reporting
import RunImport

extension Validation.HoldOut: ExpressibleByArgument {}

struct ValidateRuns: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate", _superCommandName: "boardfit",
    abstract: "Score predictions against measured runs that they have not seen.",
    discussion: """
      For every group of device, runtime, precision, threads and power mode, some runs calibrate and \
      all others are predicted. Without --hold-out, the priors are used as they are; with it, they \
      are learned again from the measurements without the device, the network's family, or the \
      networks that share an operator with the scored one.

        boardfit validate --measurements runs.csv --graphs graphs --shots 0,1,3,5,8
        boardfit validate --measurements runs.csv --graphs graphs --shots 5 --hold-out device
        boardfit validate --measurements rest.csv --calibration-runs few.csv --graphs graphs --shots 3
      """)

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Tables of measured runs; repeatable.", valueName: "file.csv"))
  var measurements: [String]
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Tables of the runs that calibrate; by default those measured. Repeatable.",
      valueName: "file.csv"))
  var calibrationRuns: [String] = []
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Folders of model files; repeatable.", valueName: "dir"))
  var graphs: [String]
  @Option(
    help: ArgumentHelp(
      "Runs that calibrate a group; several with commas. 'all' leaves one run out at a time.",
      valueName: "k,…"))
  var shots = "0,1,3,5,8"
  @Option(help: "Random draws of each group.") var repeats = 1
  @Option(help: "Seed of the draws.") var seed: UInt64 = 1
  @Option(help: "What the priors are learned without.") var holdOut: Validation.HoldOut = .none
  @Flag(help: "Take the runs that 'advise' chooses, instead of random ones.") var advised = false
  @Option(
    help: ArgumentHelp(
      "A prior of your own, before the bundled ones; repeatable.", valueName: "file"))
  var prior: [String] = []
  @OptionGroup(title: "Profile options") var profileOptions: ProfileOptions
  @OptionGroup(title: "Output options") var outputOptions: OutputOptions

  func validate() throws {
    _ = try shotCounts()
    guard (1...1000).contains(repeats) else {
      throw ValidationError("--repeats \(repeats): expected 1 to 1000")
    }
  }

  private func shotCounts() throws -> [Int] {
    let counts = shots.split(separator: ",").map { text in
      text.trimmed == "all" ? Validation.Plan.allOthers : Int(text.trimmed)
    }
    let known = counts.compactMap { $0 }
    guard !counts.isEmpty, known.count == counts.count,
      known.allSatisfy({ (0...1000).contains($0) || $0 == Validation.Plan.allOthers })
    else { throw ValidationError("--shots '\(shots)': expected whole numbers from 0, or 'all'") }
    return known
  }

  /// Runs of one prior: those scored, and those that calibrate.
  private struct Batch {
    var file: PriorFile
    var runs: [ImportedRun] = []
    var calibration: [ImportedRun] = []
  }

  func run() throws {
    let folders = try DataFolders.find()
    let catalog = try profileOptions.catalog(folders)
    let priors = try PriorLibrary(folders, files: prior, forAnyRuntime: true)
    let library = try GraphLibrary(graphs, names: try PriorLibrary.modelNames(folders))
    let measured = try ImportedRuns.read(measurements)
    let given = try ImportedRuns.read(calibrationRuns)
    outputOptions.warn(measured.complaints + given.complaints)

    var batches: [String: Batch] = [:]
    var notes: [String] = measured.complaints + given.complaints
    var unmatched: [String: Int] = [:]
    func batch(_ run: ImportedRun, _ path: WritableKeyPath<Batch, [ImportedRun]>) {
      guard let found = priors.prior(of: run) else {
        unmatched[run.runtime, default: 0] += 1
        return
      }
      batches[found.title(run.runtime), default: Batch(file: found.file)][keyPath: path]
        .append(run)
    }
    for run in measured.runs { batch(run, \.runs) }
    for run in given.runs { batch(run, \.calibration) }
    for (runtime, count) in unmatched.sorted(by: { $0.key < $1.key }) {
      notes.append("\(count) runs of '\(runtime)': no prior serves such a unit")
    }

    var parts: [ValidationReport.Part] = []
    for (name, batch) in batches.sorted(by: { $0.key < $1.key }) where !batch.runs.isEmpty {
      parts += try score(batch, name: name, priors, library, catalog, &notes)
    }
    if parts.isEmpty {
      for note in notes { outputOptions.note("warning: \(note)") }
      throw Failure(.badData, "no run could be scored: see the warnings")
    }
    try outputOptions.write(
      ValidationReport(
        origin: .current, parts: parts, notes: notes, isVerbose: outputOptions.verbose))
  }

  private func score(
    _ batch: Batch, name: String, _ priors: PriorLibrary, _ library: GraphLibrary,
    _ catalog: Catalog, _ notes: inout [String]
  ) throws -> [ValidationReport.Part] {
    let file = batch.file
    let scope = file.provenance.scope
    guard let runtime = catalog.runtime(file.provenance.runtime),
      let profile = scope.unit.kernels(of: runtime)
    else {
      throw Failure(
        .missingInput, "no runtime '\(file.provenance.runtime)', which the prior is for")
    }
    var table = NetworkTable()
    func position(_ run: ImportedRun) -> Int? {
      table.position(
        of: run, library: library, cores: priors.cores, runtime: runtime, profile: profile)
    }
    let groups = MeasuredGroups(
      batch.runs, table: priors.cores, scope: scope, network: position)
    let training = MeasuredGroups(
      batch.runs, table: priors.cores, scope: scope, joinsPrecisions: true, network: position)
    let calibration = MeasuredGroups(
      batch.calibration, table: priors.cores, scope: scope, network: position)
    notes += (table.problems + groups.complaints).map { "\(name): \($0)" }
    let known = Set(file.prior.members.map(\.device))
    let seen = Set(groups.groups.map(\.device)).intersection(known).count
    if holdOut == .none, seen > 0 {
      notes.append(
        "\(name): the prior was learned from runs of \(seen) of these devices; --hold-out device "
          + "scores it without them")
    }
    var pools: [MeasuredGroups.Key: [RunGroup.Run]] = [:]
    for (key, group) in zip(calibration.keys, calibration.groups) {
      pools[key.ofAnySubmission, default: []] += group.runs
    }
    let plan = Validation.Plan(
      shots: try shotCounts(), repeats: repeats, seed: seed, holdOut: holdOut, isAdvised: advised)
    var parts: [ValidationReport.Part] = []
    let sources = Set(groups.keys.map(\.source)).sorted()
    for (source, precision) in sources.flatMap({ source in ["float", "int8"].map { (source, $0) } })
    {
      let subjects = zip(groups.keys, groups.groups).filter {
        $0.0.source == source && $0.0.precision == precision
      }.map { key, group in
        Validation.Subject(
          group: group,
          calibrationRuns: calibrationRuns.isEmpty ? nil : pools[key.ofAnySubmission] ?? [])
      }
      guard !subjects.isEmpty else { continue }
      let validation = Validation(
        subjects, networks: table.networks, prior: file.prior, training: training.groups,
        plan: plan, operators: table.operators)
      let title = measurements.count == 1 ? name : "\(source.fileName.fileStem): \(name)"
      parts.append(.init(title: "\(title), \(precision)", validation: validation))
    }
    return parts
  }
}

extension MeasuredGroups.Key {
  /// Runs for calibration that stand in another file cannot be matched to one of several submissions.
  fileprivate var ofAnySubmission: Self {
    var key = self
    key.submission = 0
    key.source = ""
    return key
  }
}
