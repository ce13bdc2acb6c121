import ArgumentParser
import CostModel
import Decision
import HardwareModel
import Quantities
import Reporting

struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict", _superCommandName: "boardfit",
    abstract: "How long one model takes on one board, kernel by kernel, and why.",
    discussion: """
      BOARD is a board, or narrower: board/unit, board/unit/runtime, with @mode for a power mode. \
      Without a unit, an accelerator is taken before the CPU.

        boardfit predict resnet-50 --board raspberry-pi-5
        boardfit predict model.onnx --board orange-pi-5/npu --precision int8 --verbose
        boardfit predict model.onnx --board jetson-orin-nano-8gb/gpu@7w --deadline 20ms
      """)

  @Argument(
    help: ArgumentHelp(
      "An ONNX, TFLite or ncnn parameter file, or the name of a bundled graph.", valueName: "model")
  )
  var model: String
  @Option(help: ArgumentHelp("Where it runs.", valueName: "board[/unit[/runtime]][@mode]"))
  var board: String
  @OptionGroup(title: "Deployment options") var deploymentOptions: DeploymentOptions
  @OptionGroup(title: "Requirements") var requirementOptions: RequirementOptions
  @OptionGroup(title: "Model options") var modelOptions: ModelOptions
  @OptionGroup(title: "Profile options") var profileOptions: ProfileOptions
  @OptionGroup(title: "Output options") var outputOptions: OutputOptions

  func validate() throws {
    _ = try modelOptions.inference(batch: deploymentOptions.batch)
    _ = try requirementOptions.requirements()
  }

  func run() throws {
    let folders = try? DataFolders.find()
    let catalog = try profileOptions.catalog(folders)
    let deployment = try deployment(catalog)
    let loaded = try LoadedModel(
      model, folders: folders, options: try modelOptions.inference(batch: deploymentOptions.batch))
    outputOptions.warn(loaded.warnings)

    var evaluator = Evaluator(loaded.workload, catalog: catalog)
    let calibrations = try profileOptions.calibrations(folders, for: [deployment])
    outputOptions.warn(calibrations.strangers(to: [deployment]))
    let estimate: Estimate
    do throws(DeploymentError) {
      estimate = calibrations.applied(
        to: try evaluator.estimate(on: deployment), asked: deployment)
    } catch {
      throw Failure(.limitNotMet, "\(deployment.label): \(error)")
    }
    let requirements = try requirementOptions.requirements()
    let verdict = Verdict(estimate, against: requirements)
    try outputOptions.write(
      PredictReport(
        origin: .current, model: loaded.name, estimate: estimate, warnings: loaded.warnings,
        judgement: requirements.isEmpty
          ? nil : .init(requirements: requirements, verdict: verdict),
        isVerbose: outputOptions.verbose))
    if !requirements.isEmpty, !verdict.isAcceptable {
      throw Failure(.limitNotMet, "\(deployment.label): \(verdict.overall.sentence)")
    }
  }

  /// The one deployment asked for: of several units, the last, which is the most special.
  private func deployment(_ catalog: Catalog) throws -> Deployment {
    let request = deploymentOptions.request(boards: [board])
    let deployments = try catalog.resolve(request)
    guard let last = deployments.last else {
      throw Failure(.missingInput, "board '\(board)' has no unit that a runtime drives")
    }
    if deployments.count > 1 {
      outputOptions.note(
        "note: estimating \(last.label); also there: "
          + deployments.dropLast().map(\.label).joined(separator: ", "))
    }
    return last
  }
}
