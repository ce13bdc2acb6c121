import ArgumentParser
import Calibration
import CostModel
import Decision
import HardwareModel
import Platform
import Quantities
import Reporting

struct Calibrate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate", _superCommandName: "boardfit",
    abstract: "Fit a board's predictions to a few measured runs, for every other model.",
    discussion: """
      Runs are records of 'boardfit run --record', logs of other tools (see 'runs'), or tables with \
      the columns device, runtime, precision, threads, model and latency_ms; a log that names no model \
      is one of the model that its file is named after. Runs of another runtime, first runs and sums \
      of operators are passed over. The result lies beside the profile, is found by predict and \
      compare, and never changes the profile itself.

        boardfit run mobilenet-v2 --threads 1 --record runs.jsonl
        boardfit calibrate my-machine --profiles . --threads 1 --runs runs.jsonl
        boardfit calibrate raspberry-pi-5/cpu/ncnn --runs pi5.csv -o pi5.yaml
      """)

  @Argument(help: ArgumentHelp("What was measured.", valueName: "board[/unit[/runtime]][@mode]"))
  var board: String
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Files of measured runs.", valueName: "file"))
  var runs: [String]
  @Option(help: ArgumentHelp("A folder of model files; repeatable.", valueName: "dir"))
  var graphs: [String] = []
  @Option(help: ArgumentHelp("Only rows of tables whose device holds this.", valueName: "text"))
  var device: String?
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Where the calibration is written; by default beside the profiles.", valueName: "file.yaml"))
  var output: String?
  @Option(
    help: ArgumentHelp(
      "Also write a report; its ending says how.", valueName: "file.html|md|json|csv"))
  var report: String?
  @OptionGroup(title: "Deployment options") var deploymentOptions: DeploymentOptions
  @OptionGroup(title: "Profile options") var profileOptions: ProfileOptions
  @OptionGroup(title: "Output options") var answerOptions: AnswerOptions

  func validate() throws {
    if let report, ReportFile(report) == nil {
      throw ValidationError("--report '\(report)': the name must end in .html, .md, .json or .csv")
    }
  }

  func run() throws {
    let folders = try DataFolders.find()
    let catalog = try profileOptions.catalog(folders)
    guard let deployment = try catalog.resolve(deploymentOptions.request(boards: [board])).first
    else { throw Failure(.missingInput, "board '\(board)' has no unit that a runtime drives") }
    let measured = try MeasuredModels(
      runs, device: device, on: deployment, catalog: catalog, folders: folders,
      graphs: try GraphLibrary(graphs))
    if !measured.models.isEmpty { answerOptions.warn(measured.warnings) }

    let library = try PriorLibrary(folders)
    let origin = Origin.current(files: [], dated: true)
    let (prior, traits) = (library.prior(for: deployment), library.traits(of: deployment))
    guard
      let belief = DeploymentCalibration.belief(
        prior: prior, traits: traits, models: measured.models.map(\.estimate)),
      let calibration = DeploymentCalibration.fitted(
        to: measured.models, on: deployment, prior: prior, traits: traits, tool: origin.tool,
        date: origin.date ?? "")
    else {
      throw Failure(
        .badData,
        (["no measured run of \(deployment.label) to calibrate with"] + measured.warnings.prefix(5))
          .joined(separator: "\n  "))
    }
    let path =
      output ?? "\(profileOptions.profiles.last ?? folders.profilesPath)/"
      + "\(CalibrationFiles.folder)/\(calibration.key.fileName).yaml"
    if output == nil {
      try? FileManager.default.createDirectory(
        atPath: path.parentFolder, withIntermediateDirectories: true)
    }
    try writeFile(calibration.text, to: path)
    var answer = CalibrationReport(
      origin: .current, calibration: calibration, path: path,
      widthBefore: measured.models.map(\.estimate.latency.widthRatio),
      widthAfter: measured.models.map {
        $0.estimate.calibrated(by: calibration).latency.widthRatio
      },
      belief: belief)
    try answerOptions.write(answer)
    if let report, let file = ReportFile(report) {
      answer.origin = .current(files: [], dated: true)
      try writeFile(file.text(answer), to: report)
      answerOptions.note("report: \(report)")
    }
  }
}

extension DeploymentCalibration.Key {
  fileprivate var fileName: String {
    "\(board)-\(unit)-\(runtime)-\(powerMode)-\(threads)t-\(precision)"
  }
}

extension Interval<Seconds> {
  /// The interval's end over its beginning.
  fileprivate var widthRatio: Double { low > .zero ? high / low : .infinity }
}
