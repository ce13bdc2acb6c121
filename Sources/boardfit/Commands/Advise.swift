import ArgumentParser
import Calibration
import CostModel
import Decision
import HardwareModel
import ModelIR
import Platform
import Quantities
import Reporting

struct Advise: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "advise", _superCommandName: "boardfit",
    abstract: "Which model to measure next on a board, and how much that would tell.",
    discussion: """
      The candidates are those whose measurement takes the most from the uncertainty of the models \
      asked about. Runs that are there already are taken into account.

        boardfit advise raspberry-pi-5 --runtime ncnn --models yolo.onnx --candidates resnet-18 mnasnet.onnx
        boardfit advise my-machine --profiles . --runs runs.jsonl
      """)

  @Argument(help: ArgumentHelp("What is measured.", valueName: "board[/unit[/runtime]][@mode]"))
  var board: String
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("The models asked about; by default the candidates.", valueName: "model"))
  var models: [String] = []
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("What can be measured; by default the bundled models.", valueName: "model"))
  var candidates: [String] = []
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Files of runs measured already.", valueName: "file"))
  var runs: [String] = []
  @Option(help: ArgumentHelp("A folder of model files; repeatable.", valueName: "dir"))
  var graphs: [String] = []
  @Option(help: "How many measurements to name.") var count = 3
  @OptionGroup(title: "Deployment options") var deploymentOptions: DeploymentOptions
  @OptionGroup(title: "Profile options") var profileOptions: ProfileOptions
  @OptionGroup(title: "Output options") var outputOptions: OutputOptions

  func validate() throws {
    guard (1...100).contains(count) else {
      throw ValidationError("--count \(count): expected 1 to 100")
    }
  }

  func run() throws {
    let folders = try DataFolders.find()
    let catalog = try profileOptions.catalog(folders)
    guard let deployment = try catalog.resolve(deploymentOptions.request(boards: [board])).first
    else { throw Failure(.missingInput, "board '\(board)' has no unit that a runtime drives") }
    let measured = try MeasuredModels(
      runs, device: nil, on: deployment, catalog: catalog, folders: folders,
      graphs: try GraphLibrary(graphs))
    outputOptions.warn(measured.warnings)
    let taken = Set(measured.models.map(\.model))
    let names = (candidates.isEmpty ? folders.bundledModelNames : candidates).filter {
      !taken.contains($0)
    }
    let known = try estimates(of: names, on: deployment, catalog, folders)
    let asked =
      models.isEmpty ? known : try estimates(of: models, on: deployment, catalog, folders)
    let library = try PriorLibrary(folders)
    let choices = DeploymentCalibration.advice(
      count, among: known.map(\.estimate), for: asked.map(\.estimate), after: measured.models,
      prior: library.prior(for: deployment),
      traits: library.traits(of: deployment))
    guard !choices.isEmpty else { throw Failure(.badData, "no candidate can run on the board") }
    try outputOptions.write(
      AdviceReport(
        origin: .current, deployment: "\(DeploymentCalibration.Key(deployment))",
        asked: asked.map(\.name),
        choices: choices.map { .init(model: known[$0.candidate].name, choice: $0) }))
  }

  private func estimates(
    of names: [String], on deployment: Deployment, _ catalog: Catalog, _ folders: DataFolders
  ) throws -> [(name: String, estimate: Estimate)] {
    var found: [(name: String, estimate: Estimate)] = []
    for name in names {
      var options = InferenceOptions()
      options.batch = 1
      let model = try LoadedModel(name, folders: folders, options: options)
      var evaluator = Evaluator(model.workload, catalog: catalog)
      do throws(DeploymentError) {
        found.append((name, try evaluator.estimate(on: deployment)))
      } catch {
        outputOptions.warn(["\(name): \(error)"])
      }
    }
    return found
  }
}
