import ArgumentParser
import Calibration
import HardwareModel
import Platform
import Reporting
import RunImport

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

  @Option(help: ArgumentHelp("A table of measured runs; repeatable.", valueName: "file.csv"))
  var measurements: [String]
  @Option(help: ArgumentHelp("A folder of model files; repeatable.", valueName: "dir"))
  var graphs: [String]
  @Option(help: "The runtime's profile, by whose rules graphs become kernels.")
  var runtime: String
  @Option(
    help: ArgumentHelp(
      "Names of that runtime in the tables, separated by commas; other runs are passed over.",
      valueName: "a,b"))
  var names: String
  @Option(
    help: ArgumentHelp("Leave out devices whose name holds this; repeatable.", valueName: "text"))
  var without: [String] = []
  @OptionGroup(title: "Profile options") var profileOptions: ProfileOptions
  @OptionGroup(title: "Output options") var outputOptions: OutputOptions

  func run() throws {
    let folders = try DataFolders.find()
    let catalog = try profileOptions.catalog(folders)
    guard let runtime = catalog.runtime(runtime) else {
      throw Failure(
        .missingInput,
        "no runtime '\(runtime)'; there are \(catalog.runtimes.map(\.id).joined(separator: ", "))")
    }
    guard let profile = runtime.kernels[.cpuOutOfOrder] ?? runtime.kernels.values.first else {
      throw Failure(.badData, "the runtime '\(runtime.id)' drives no unit")
    }
    let library = try GraphLibrary(graphs)
    let cores = try PriorLibrary.cores(folders)
    let wanted = names.split(separator: ",").map { String($0.trimmed) }
    let imported = try ImportedRuns.read(measurements)
    outputOptions.warn(imported.complaints)
    let runs = imported.runs.filter { run in
      wanted.contains(run.runtime) && !without.contains { run.device.contains($0) }
    }
    var table = NetworkTable()
    let measured = MeasuredGroups(runs, table: cores, joinsPrecisions: true) { run in
      table.position(
        of: run.model, family: run.family, shape: run.inputShape, library: library,
        runtime: runtime, profile: profile)
    }
    outputOptions.warn(table.problems + measured.complaints)
    let used = Set(measured.groups.flatMap { $0.runs.map(\.network) })
    let terms = CostTerm.allCases.filter { term in
      used.contains { table.networks[$0].amounts[term] > 0 }
    }
    guard
      let learned = Prior.learned(
        from: measured.groups, networks: table.networks, terms: terms,
        covariates: Covariate.allCases)
    else {
      throw Failure(
        .badData,
        "\(measured.groups.count) groups of runs, which is too few to learn from: "
          + "at least two groups of \(LearningSettings().fewestRuns) runs are needed")
    }
    let usable = measured.groups.filter { $0.runs.count >= learned.settings.fewestRuns }
    let prior = learned.withIntervals(from: usable, networks: table.networks)
    let origin = Origin.current(files: [], dated: true)
    let file = PriorFile(
      provenance: .init(
        runtime: runtime.id, unit: runs.first?.isAccelerated == true ? "gpu" : "cpu",
        names: wanted,
        sources: measurements.map { "\($0.fileName), SHA-256 \(fileDigest($0) ?? "unknown")" }
          + [
            "\(table.networks.count) graphs: \(table.networks.map(\.name).joined(separator: ", "))"
          ],
        command: "boardfit learn --runtime \(runtime.id) --names \(names) on the sources below",
        tool: origin.tool, date: String((origin.date ?? "").prefix(10)),
        deviceCount: Set(usable.map(\.device)).count, groupCount: usable.count,
        runCount: usable.reduce(0) { $0 + $1.runs.count }, networkCount: used.count,
        families: terms.map { term in
          Set(
            used.filter { table.networks[$0].amounts[term] > 0 }.map { table.networks[$0].family }
          ).count
        }), prior: prior)
    try outputOptions.write(file.text)
  }
}

extension MeasuredGroups {
  /// Runs without a graph, in one sentence.
  var complaints: [String] {
    guard !withoutGraph.isEmpty else { return [] }
    let count = withoutGraph.values.reduce(0, +)
    let names = withoutGraph.keys.sorted()
    return [
      "\(count) runs of \(names.count) models without a graph were passed over: "
        + names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
    ]
  }
}
