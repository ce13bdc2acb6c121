import ArgumentParser
import CostModel
import Decision
import HardwareModel
import Measurement
import Platform
import Quantities
import ReferenceExecutor
import Reporting

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", _superCommandName: "boardfit",
    abstract: "Run a model on this host and measure it, operator by operator.",
    discussion: """
      Plain runs, timed from end to end, alternate with runs that are timed step by step. Inputs \
      that are not given are made up, and so are the weights of an ncnn parameter file, which has \
      none. Ctrl-C ends the measurement and reports what there is. \
      Documentation/Measuring.md says how to get figures worth keeping.

        boardfit run model.onnx --runs 50 --threads 4 --pin 0,1,2,3
        boardfit run model.onnx --input image=cat.npy --save-outputs out
        boardfit run model.onnx --time 30s --record runs.jsonl --trace trace.json
        boardfit run model.onnx --compare-with my-machine --profiles . --report report.html
      """)

  @Argument(
    help: ArgumentHelp(
      "An ONNX, TFLite or ncnn parameter file, or the name of a bundled graph.", valueName: "model")
  )
  var model: String
  @OptionGroup(title: "Run options") var runOptions: RunOptions

  @Option(
    help: ArgumentHelp("An input from a numpy file; repeatable.", valueName: "name=file.npy"))
  var input: [String] = []
  @Option(
    help: ArgumentHelp("Write each output to a numpy file in this folder.", valueName: "dir"))
  var saveOutputs: String?
  @Option(
    help: ArgumentHelp(
      "Append every sample to a file as it is taken.", valueName: "file.jsonl"))
  var record: String?
  @Option(
    help: ArgumentHelp(
      "Write a time line of steps and threads for Perfetto.", valueName: "file.json"))
  var trace: String?

  enum Check: String, ExpressibleByArgument, CaseIterable { case reference }
  @Option(help: "Compare every value with the reference kernels.")
  var check: Check?
  @Option(
    help: ArgumentHelp(
      "A prediction for this board beside the measurement.",
      valueName: "board[/unit[/runtime]]"))
  var compareWith: String?
  @Option(
    help: ArgumentHelp(
      "Write a page with the roofline, predicted and measured; needs --compare-with.",
      valueName: "file.html"))
  var report: String?

  @OptionGroup(title: "Model options") var modelOptions: ModelOptions
  @OptionGroup(title: "Profile options") var profileOptions: ProfileOptions
  @OptionGroup(title: "Output options") var outputOptions: OutputOptions

  func validate() throws {
    _ = try modelOptions.inference()
    for argument in input where RunInputs.parts(argument) == nil {
      throw ValidationError("--input '\(argument)': expected NAME=FILE.npy")
    }
    if let report {
      guard compareWith != nil else { throw ValidationError("--report needs --compare-with") }
      guard case .html? = ReportFile(report) else {
        throw ValidationError("--report '\(report)': the name must end in .html")
      }
    }
  }

  func run() throws {
    let folders = try? DataFolders.find()
    let inputs = try RunInputs(input)
    let options = try modelOptions.inference()
    let loaded = try LoadedModel(model, folders: folders, options: inputs.stated(in: options))
    outputOptions.warn(loaded.warnings)
    // Found before minutes are spent, not after.
    for path in [outputOptions.output, trace, report].compactMap({ $0 }) {
      try requireWritable(path)
    }
    if let saveOutputs { try makeFolder(saveOutputs) }
    let deployment = try compareWith.map { board in try self.deployment(board, folders) }
    var session = try RunSession(
      model: loaded, options: try runOptions.execution(), plan: try runOptions.plan(),
      record: record, tracesWorkers: trace != nil)
    let tensors = try inputs.tensors(for: session.executable, seed: runOptions.seed)
    let measured = try session.takeSamples(tensors)
    outputOptions.warn(measured.warnings.map(\.description))

    if let saveOutputs { try writeTensors(session.outputs, to: saveOutputs) }
    let agreement = try check.map { _ in
      try ReferenceCheck(model: loaded, options: session.options)
        .agreement(with: &session.executable, on: tensors)
    }
    if let trace {
      let text = TraceText(
        title: "measured: \(loaded.name)", operators: measured.operators, runs: session.spans)
      try writeFile(text.text, to: trace)
    }
    let residuals: Residuals? = try deployment.flatMap { deployment in
      try self.residuals(measured, loaded, on: deployment, folders)
    }
    let answer = RunReport(
      origin: .current, run: measured, agreement: agreement, residuals: residuals,
      isVerbose: outputOptions.verbose)
    try outputOptions.write(answer)
    if let report {
      try writeFile(RunPage(answer.dated).text, to: report)
      outputOptions.note("report: \(report)")
    }
    if let strays = agreement?.filter({ $0.isOutput && $0.strayCount > 0 }), !strays.isEmpty {
      throw Failure(
        .internalFault,
        "outputs differ from the reference where one is not finite: "
          + strays.map(\.name).joined(separator: ", "))
    }
  }

  private func deployment(_ board: String, _ folders: DataFolders?) throws -> Deployment {
    let catalog = try profileOptions.catalog(folders)
    let request = DeploymentRequest(
      boards: [board], runtime: nil, powerMode: nil, threads: runOptions.threads,
      precision: .stored)
    guard let first = try catalog.resolve(request).first else {
      throw Failure(.missingInput, "board '\(board)' has no unit that a runtime drives")
    }
    return first
  }

  private func residuals(
    _ run: MeasuredRun, _ loaded: LoadedModel, on deployment: Deployment, _ folders: DataFolders?
  ) throws -> Residuals? {
    var evaluator = Evaluator(loaded.workload, catalog: try profileOptions.catalog(folders))
    do throws(DeploymentError) {
      return Residuals(try evaluator.estimate(on: deployment), against: run)
    } catch {
      throw Failure(.limitNotMet, "\(deployment.label): \(error)")
    }
  }
}

extension RunReport {
  fileprivate var dated: RunReport {
    var report = self
    report.origin = .current(files: [], dated: true)
    return report
  }
}
