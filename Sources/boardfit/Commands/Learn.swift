public import ArgumentParser
public import Calibration
import HardwareModel
import Platform
import Reporting
import RunImport

extension UnitClass: ExpressibleByArgument {}

struct Learn: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "learn", _superCommandName: "boardfit",
    abstract: "Learn from published runs what to expect of devices that nobody has measured.",
    discussion: """
      Runs are rows of tables with the columns device, runtime, precision, threads, model and \
      latency_ms; a model's graph is the file of that name in one of the folders. The result is a \
      prior for one runtime on one kind of unit, with its sources.

        boardfit learn --measurements runs.csv --graphs graphs --runtime ncnn \\
          --names ncnn-cpu -o HardwareProfiles/priors/ncnn-cpu.yaml
      """)

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Tables of measured runs; repeatable.", valueName: "file.csv"))
  var measurements: [String]
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Folders of model files; repeatable.", valueName: "dir"))
  var graphs: [String]
  @Option(help: "The runtime's profile, by whose rules graphs become kernels.")
  var runtime: String
  @Option(
    help: ArgumentHelp(
      "Names of that runtime in the tables, separated by commas; other runs are passed over.",
      valueName: "a,b"))
  var names: String?
  @Option(
    help: ArgumentHelp(
      "Instead of names: all runs on one kind of unit whose runtime has no prior of its own.",
      valueName: "kind"))
  var unit: UnitClass?
  @Flag(help: "Leave out runs in 8 bits, where the unit does not serve them.")
  var floatOnly = false
  @Option(
    help: ArgumentHelp("Leave out devices whose name holds this; repeatable.", valueName: "text"))
  var without: [String] = []
  @OptionGroup(title: "Profile options") var profileOptions: ProfileOptions
  @OptionGroup(title: "Output options") var outputOptions: OutputOptions

  func validate() throws {
    guard (names == nil) != (unit == nil) else {
      throw ValidationError("either --names or --unit")
    }
  }

  func run() throws {
    let folders = try DataFolders.find()
    let catalog = try profileOptions.catalog(folders)
    guard let runtime = catalog.runtime(runtime) else {
      throw Failure(
        .missingInput,
        "no runtime '\(runtime)'; there are \(catalog.runtimes.map(\.id).joined(separator: ", "))")
    }
    let library = try GraphLibrary(graphs, names: try PriorLibrary.modelNames(folders))
    let cores = try PriorLibrary.cores(folders)
    let wanted = (names ?? "").split(separator: ",").map { String($0.trimmed) }
    let owned = unit == nil ? [] : try PriorLibrary(folders).ownedRuntimes
    let imported = try ImportedRuns.read(measurements)
    outputOptions.warn(imported.complaints)
    let runs = imported.runs.filter { run in
      guard !without.contains(where: { run.device.contains($0) }), !(floatOnly && run.isInteger)
      else { return false }
      guard let unit else { return wanted.contains(run.runtime) }
      return UnitClass(of: run, table: cores) == unit
        && !owned.contains(run.runtime.lowercased())
    }
    let scope = PriorScope(
      unit ?? (runs.first?.isAccelerated == true ? .gpu : .cpu), isForAnyRuntime: unit != nil)
    guard let profile = scope.unit.kernels(of: runtime) else {
      throw Failure(.badData, "the runtime '\(runtime.id)' drives no unit")
    }
    var table = NetworkTable()
    func groups(joinsPrecisions: Bool) -> MeasuredGroups {
      MeasuredGroups(runs, table: cores, scope: scope, joinsPrecisions: joinsPrecisions) { run in
        table.position(
          of: run, library: library, cores: cores, runtime: runtime, profile: profile)
      }
    }
    let measured = groups(joinsPrecisions: true)
    outputOptions.warn(table.problems + measured.complaints)
    let used = Set(measured.groups.flatMap { $0.runs.map(\.network) })
    let terms = scope.terms.filter { term in
      used.contains { table.networks[$0].amounts[term] > 0 }
    }
    guard
      let learned = Prior.learned(
        from: measured.groups, networks: table.networks, terms: terms,
        covariates: scope.covariates, settings: scope.settings)
    else {
      throw Failure(
        .badData,
        "\(measured.groups.count) groups of runs, which is too few to learn from: "
          + "at least two groups of \(scope.settings.fewestRuns) runs are needed")
    }
    let usable = measured.groups.filter { $0.runs.count >= learned.settings.fewestRuns }
    let prior = learned.withIntervals(
      of: groups(joinsPrecisions: false).groups, training: usable, networks: table.networks)
    let origin = Origin.current(files: [], dated: true)
    let choice = unit.map { "--unit \($0.rawValue)" } ?? "--names \(wanted.joined(separator: ","))"
    let families = terms.map { term in
      Set(used.filter { table.networks[$0].amounts[term] > 0 }.map { table.networks[$0].family })
        .count
    }
    let file = PriorFile(
      provenance: .init(
        runtime: runtime.id, unit: scope.unit,
        names: unit == nil ? wanted : [PriorFile.Provenance.anyRuntime],
        sources: measurements.filter { file in runs.contains { $0.place.file == file } }.map {
          "\($0.fileName), SHA-256 \(fileDigest($0) ?? "unknown")"
        } + [
          "\(table.networks.count) graphs: \(table.networks.map(\.name).joined(separator: ", "))"
        ],
        command: "boardfit learn --runtime \(runtime.id) \(choice)"
          + "\(floatOnly ? " --float-only" : "") on the sources below",
        tool: origin.tool, date: String((origin.date ?? "").prefix(10)),
        deviceCount: Set(usable.map(\.device)).count, groupCount: usable.count,
        runCount: usable.reduce(0) { $0 + $1.runs.count }, networkCount: used.count,
        families: families), prior: prior)
    try outputOptions.write(file.text)
  }
}

extension MeasuredGroups {
  /// Runs without a graph, in one sentence a source.
  var complaints: [String] {
    withoutGraph.sorted { $0.key < $1.key }.map { file, models in
      let count = models.values.reduce(0, +)
      let names = models.keys.sorted()
      return "\(file.fileName): \(count) runs of \(names.count) models without a graph were passed "
        + "over: " + names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
    }
  }
}
