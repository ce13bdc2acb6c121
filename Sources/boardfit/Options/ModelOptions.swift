import ArgumentParser
import ModelIR
import ModelImport
import Platform

/// What a person states about a model beside its file.
struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The shape of an input, or of a value whose shape only a run would tell; repeatable.",
      valueName: "name:1x3x224x224"))
  var shape: [String] = []

  @Option(
    help: ArgumentHelp("The extent of a named dimension; repeatable.", valueName: "name=extent"))
  var dim: [String] = []

  @Option(
    help: ArgumentHelp(
      "How often a loop runs whose count the model leaves open; of one loop: node=count.",
      valueName: "[node=]count"))
  var tripCount: [String] = []

  func inference(batch: Int? = nil) throws -> InferenceOptions {
    var options = InferenceOptions()
    options.batch = batch
    for text in shape {
      guard let colon = text.lastIndex(of: ":"), colon > text.startIndex else {
        throw ValidationError("--shape '\(text)': expected NAME:1x3x224x224")
      }
      options.shapes[String(text[..<colon])] = try extents(text[text.index(after: colon)...], text)
    }
    for text in dim {
      let (name, extent) = try assignment(text, option: "--dim")
      options.dimensions[name] = extent
    }
    for text in tripCount {
      if let count = Int(text) {
        options.tripCount = count
      } else {
        let (name, count) = try assignment(text, option: "--trip-count")
        options.tripCounts[name] = count
      }
    }
    return options
  }

  private func extents(_ list: Substring, _ text: String) throws -> [Int] {
    if list == "scalar" || list.isEmpty { return [] }
    return try list.split(omittingEmptySubsequences: false) { $0 == "x" || $0 == "," }.map {
      guard let extent = Int($0), extent >= 0 else {
        throw ValidationError("--shape '\(text)': '\($0)' is not an extent")
      }
      return extent
    }
  }

  private func assignment(_ text: String, option: String) throws -> (String, Int) {
    guard let equals = text.lastIndex(of: "="), equals > text.startIndex,
      let number = Int(text[text.index(after: equals)...]), number >= 0
    else { throw ValidationError("\(option) '\(text)': expected NAME=NUMBER") }
    return (String(text[..<equals]), number)
  }
}

/// A model read from its file, with every shape inferred that can be.
struct LoadedModel {
  let name: String
  let imported: ImportedModel
  let inferred: InferredGraph
  let workload: Workload
  let parameterCount: Int

  /// `argument` is a path, or the name of a bundled model.
  init(_ argument: String, folders: DataFolders?, options: InferenceOptions) throws(Failure) {
    var path = argument
    if !FileManager.default.fileExists(atPath: argument),
      let bundled = folders?.bundledModel(argument)
    {
      path = bundled
    }
    do throws(ImportError) {
      imported = try importModel(at: path)
    } catch {
      let hint =
        error.isMissingFile && !argument.contains("/")
        ? "; bundled models: \((folders?.bundledModelNames ?? []).joined(separator: ", "))" : ""
      throw Failure(error.isMissingFile ? .missingInput : .badData, error.description + hint)
    }
    name = path.fileStem
    do throws(InferenceError) {
      inferred = try imported.graph.inferred(options)
      workload = inferred.workload()
      parameterCount = inferred.parameterCount
    } catch {
      throw Failure(error.isUsage ? .usage : .badData, "\(path): \(error)")
    }
  }

  /// What the user should know before trusting a figure.
  var warnings: [String] { imported.warnings }
}
