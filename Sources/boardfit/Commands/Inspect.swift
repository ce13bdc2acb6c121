import ArgumentParser
import ModelIR
import ModelImport
import Quantities
import Reporting

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", _superCommandName: "boardfit",
    abstract: "What a model holds: shapes, parameters, work, and what is not known about it.",
    discussion: """
      MODEL is an ONNX, TFLite or ncnn parameter file, or the name of a bundled graph. Weights are not \
      read, so that size hardly matters.

        boardfit inspect model.onnx --dim batch=1 --dim sequence=128
        boardfit inspect bert-base-128 --verbose --format csv
      """)

  @Argument(help: ArgumentHelp("The model file, or a bundled graph.", valueName: "model"))
  var model: String
  @OptionGroup(title: "Model options") var modelOptions: ModelOptions
  @OptionGroup(title: "Output options") var outputOptions: OutputOptions

  func validate() throws { _ = try modelOptions.inference() }

  func run() throws {
    let loaded = try LoadedModel(
      model, folders: try? DataFolders.find(), options: try modelOptions.inference())
    outputOptions.warn(loaded.warnings)
    let imported = loaded.imported
    try outputOptions.write(
      InspectReport(
        origin: .current, name: loaded.name,
        metadata: [
          Document.Pair("file", imported.path),
          Document.Pair("size", imported.fileSize.description),
          Document.Pair("format", imported.formatSummary),
          Document.Pair("producer", imported.producer.isEmpty ? "not stated" : imported.producer),
        ],
        workload: loaded.workload, parameterCount: loaded.parameterCount,
        warnings: loaded.warnings, isVerbose: outputOptions.verbose))
  }
}
