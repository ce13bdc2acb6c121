import ArgumentParser
import CostModel
import Decision
import HardwareModel
import ModelIR
import Platform
import Quantities
import Reporting

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", _superCommandName: "boardfit",
    abstract: "Which boards fit the models and meet the deadline, and what limits each.",
    discussion: """
      Every unit of each board is tried with its preferred runtime; narrow a board as \
      board/unit/runtime@mode. Exit code 1 says that some model has no deployment that meets \
      everything asked.

        boardfit compare resnet-50 --boards all --deadline 20ms
        boardfit compare a.onnx b.onnx --boards raspberry-pi-5,orange-pi-5/npu --max-price 150USD
        boardfit compare model.onnx --deadline 20ms --margin 20% --report report.html
      """)

  @Argument(
    help: ArgumentHelp(
      "ONNX, TFLite or ncnn parameter files, or names of bundled graphs.", valueName: "model"))
  var models: [String]
  @Option(help: ArgumentHelp("The candidates, separated by commas.", valueName: "a,b,…|all"))
  var boards = "all"
  @Option(
    help: ArgumentHelp(
      "Also write a report; its ending says how.", valueName: "file.html|md|json|csv")
  )
  var report: String?
  @OptionGroup(title: "Requirements") var requirementOptions: RequirementOptions
  @OptionGroup(title: "Deployment options") var deploymentOptions: DeploymentOptions
  @OptionGroup(title: "Model options") var modelOptions: ModelOptions
  @OptionGroup(title: "Profile options") var profileOptions: ProfileOptions
  @OptionGroup(title: "Output options") var outputOptions: OutputOptions

  func validate() throws {
    _ = try modelOptions.inference(batch: deploymentOptions.batch)
    _ = try requirementOptions.requirements()
    if let report, ReportFile(report) == nil {
      throw ValidationError("--report '\(report)': the name must end in .html, .md, .json or .csv")
    }
  }

  func run() throws {
    let folders = try? DataFolders.find()
    let catalog = try profileOptions.catalog(folders)
    let names =
      boards == "all"
      ? []
      : boards.split(separator: ",").map { String($0.trimmed) }
    let deployments = try catalog.resolve(deploymentOptions.request(boards: names))
    let options = try modelOptions.inference(batch: deploymentOptions.batch)
    let requirements = try requirementOptions.requirements()

    let calibrations = try profileOptions.calibrations(folders, for: deployments)
    outputOptions.warn(calibrations.strangers(to: deployments))
    let isHashed = report != nil
    let arguments = models
    let entries = try arguments.concurrentMap { argument throws(Failure) in
      let model = try LoadedModel(argument, folders: folders, options: options)
        .compared(hashing: isHashed, among: arguments)
      return Comparison.Entry(
        model, on: deployments, from: catalog, against: requirements,
        adjusting: { calibrations.applied(to: $0, asked: $1) })
    }
    for entry in entries { outputOptions.warn(entry.model.warnings) }
    let comparison = Comparison(requirements: requirements, entries: entries)
    let files =
      report == nil
      ? []
      : comparison.entries.compactMap(\.model.file)
        + [profileOptions.digest(folders)].compactMap { $0 }
    try outputOptions.write(
      CompareReport(
        origin: .current(files: files), comparison: comparison, isVerbose: outputOptions.verbose))
    if let report, let file = ReportFile(report) {
      try writeFile(file.text(comparison, origin: .current(files: files, dated: true)), to: report)
      outputOptions.note("report: \(report)")
    }
    if !requirements.isEmpty, !comparison.isSatisfied {
      throw Failure(.limitNotMet, "no deployment meets everything asked for every model")
    }
  }
}
