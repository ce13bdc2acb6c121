import ArgumentParser
import ModelIR
import Quantities

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "What a model file holds: shapes, work, memory.")
  @Argument var model: String
  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var outputOptions: OutputOptions

  func run() throws {
    let folders = try? DataFolders.find()
    let loaded = try LoadedModel(model, folders: folders, options: try modelOptions.inference())
    outputOptions.warn(loaded.warnings)
    let w = loaded.workload
    print(
      "\(loaded.name): \(w.steps.count) steps, \(loaded.parameterCount) parameters, \(w.weightSize), \(w.macs), unknown \(w.unknownSteps.map(\.op.name)) \(w.assumptions)"
    )
  }
}
