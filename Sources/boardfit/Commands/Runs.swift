import ArgumentParser
import ModelIR
import Reporting
import RunImport

struct Runs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs", _superCommandName: "boardfit",
    abstract: "What is read from files of measured runs, and how much of it a model accounts for.",
    discussion: """
      FILE is known by its content: a record of 'run --record', an ONNX Runtime profile, the output of \
      benchmark_model, trtexec, llama-bench, benchmark_app, benchncnn, Google Benchmark or hyperfine, \
      a profile of Qualcomm AI Hub, a report of ST Edge AI, or a table of runs. A row that is no run \
      is named and does not lose the others.

      With --model, the operators of each run are matched to the nodes of that model: by name, by \
      output tensor, by operator and shape. What no node accounts for is shown.

        boardfit runs profile.json --model model.onnx
        boardfit runs *.txt --format csv
      """)

  @Argument(help: ArgumentHelp("Files of measured runs.", valueName: "file"))
  var files: [String]
  @Option(help: ArgumentHelp("The model that was run: a file, or a bundled graph."))
  var model: String?
  @OptionGroup(title: "Model options") var modelOptions: ModelOptions
  @OptionGroup(title: "Output options") var outputOptions: OutputOptions

  func validate() throws { _ = try modelOptions.inference() }

  func run() throws {
    var imported = ImportedRuns(runs: [])
    for file in files {
      do throws(RunImportError) {
        let runs = try RunFile.read(path: file)
        imported.runs += runs.runs
        imported.rejected += runs.rejected
      } catch {
        throw Failure(error.isMissingFile ? .missingInput : .badData, error.description)
      }
    }
    var workload: Workload?
    if let model {
      let loaded = try LoadedModel(
        model, folders: try? DataFolders.find(), options: try modelOptions.inference())
      outputOptions.warn(loaded.warnings)
      workload = loaded.workload
    }
    try outputOptions.write(
      RunsReport(
        origin: .current, imported: imported, workload: workload,
        isVerbose: outputOptions.verbose))
  }
}
