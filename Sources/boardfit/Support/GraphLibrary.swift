import Calibration
import CostModel
import HardwareModel
import ModelIR
import ModelImport
import Platform
import Quantities
import RunImport

/// Model files under some folders, found by the names that tables of measurements use.
struct GraphLibrary {
  private let paths: [String: String]
  /// With spellings made equal: "mobilenet-ssd" is "mobilenet_ssd".
  private let loosely: [String: String]
  private let names: ModelNames

  /// Files of formats that the program reads, in the folders and those below them.
  init(_ folders: [String], names: ModelNames = ModelNames()) throws(Failure) {
    self.names = names
    var paths: [String: String] = [:]
    for folder in folders {
      guard isFolder(folder) == true,
        let files = try? FileManager.default.subpathsOfDirectory(atPath: folder)
      else { throw Failure(.missingInput, "--graphs '\(folder)': no such folder") }
      for file in files.sorted() where Self.isModel(file) {
        let path = "\(folder)/\(file)"
        if paths[path.fileStem] == nil { paths[path.fileStem] = path }
      }
    }
    self.paths = paths
    loosely = Dictionary(
      paths.sorted { $0.key < $1.key }.map { (ModelNames.loose($0.key), $0.value) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The file of a model by its name, with or without the file's ending; by another name that tables
  /// give it; or by its name without what says nothing about the graph.
  func path(of model: String, isInteger: Bool = false) -> String? {
    if let path = paths[model] ?? paths[model.fileStem] ?? loosely[ModelNames.loose(model)]
      ?? loosely[ModelNames.loose(model.fileStem)]
    {
      return path
    }
    if let entry = names.entry(of: model) {
      let integer = isInteger ? entry.int8Graph.flatMap { paths[$0] } : nil
      return integer ?? paths[entry.graph] ?? entry.int8Graph.flatMap { paths[$0] }
    }
    return loosely[names.unmarked(model)]
  }

  /// What one run of a model goes through beside its own file; `nil` where a part is not at hand.
  func rest(of model: String) -> (paths: [String], dimensions: [String: Int])? {
    guard paths[model] == nil, let entry = names.entry(of: model) else { return ([], [:]) }
    let found = entry.parts.compactMap { paths[$0] }
    return found.count == entry.parts.count ? (found, entry.dimensions) : nil
  }

  private static func isModel(_ file: String) -> Bool {
    ["onnx", "param", "tflite"].contains(URL(fileURLWithPath: file).pathExtension.lowercased())
  }
}

/// The networks of a scoreboard, each read and planned once.
struct NetworkTable {
  private(set) var networks: [Network] = []
  /// Operators of each network, with what sets their kernels apart.
  private(set) var operators: [Set<String>] = []
  private(set) var problems: [String] = []
  private var positions: [String: Int?] = [:]

  /// The position of a model's network; `nil` without a file, or where the file cannot be read. On a unit
  /// that keeps some weights and reads the rest at every run, it is a network of its own.
  mutating func position(
    of run: ImportedRun, library: GraphLibrary, cores: CoreTable, runtime: Runtime,
    profile: KernelProfile
  ) -> Int? {
    guard let path = library.path(of: run.model, isInteger: run.isInteger),
      let rest = library.rest(of: run.model)
    else { return nil }
    let resident = run.residentWeights(cores).map { Double($0.rawValue) }
    let key = path + (run.isInteger ? ", int8" : "") + (resident.map { ", \($0) resident" } ?? "")
    if let known = positions[key] { return known }
    do {
      var amounts = TermAmounts()
      var weights = 0.0
      var tags: Set<String> = []
      for file in [path] + rest.paths {
        let plan = try Self.plan(
          file, shape: run.inputShape, dimensions: rest.dimensions, isInteger: run.isInteger,
          runtime: runtime, profile: profile)
        amounts += plan.termAmounts
        weights += plan.weightElements
        tags.formUnion(plan.operatorTags)
      }
      if let resident { amounts[.streamedWeights] = max(0, weights - resident) }
      networks.append(
        Network(name: path.fileStem, family: run.family ?? path.fileStem, amounts: amounts))
      operators.append(tags)
      positions[key] = networks.count - 1
    } catch {
      problems.append("\(path): \(error)")
      positions[key] = .some(nil)
    }
    return positions[key] ?? nil
  }

  /// A graph whose input is left open takes the shape that the measurement states; one of real
  /// numbers that ran in 8 bits is planned in 8 bits.
  private static func plan(
    _ path: String, shape: [Int], dimensions: [String: Int], isInteger: Bool, runtime: Runtime,
    profile: KernelProfile
  ) throws -> ExecutionPlan {
    let graph = try importModel(at: path).graph
    var options = InferenceOptions()
    options.batch = 1
    // A part need not have every dimension of the whole.
    let named = Set(graph.namedDimensions)
    options.dimensions = dimensions.filter { named.contains($0.key) }
    let inferred: InferredGraph
    do {
      inferred = try graph.inferred(options)
    } catch {
      guard let input = graph.inputs.first, graph.inputs.count == 1, !shape.isEmpty else {
        throw error
      }
      options.shapes[graph.values[input.value.index].name] = shape
      inferred = try graph.inferred(options)
    }
    let workload = inferred.workload()
    let stored = ExecutionPlan(workload, runtime: runtime, kernels: profile, precision: .stored)
    guard isInteger, !stored.multipliesIntegers else { return stored }
    return ExecutionPlan(workload, runtime: runtime, kernels: profile, precision: .int8)
  }
}

extension ExecutionPlan {
  /// Whether a contraction of it is in 8 bits.
  fileprivate var multipliesIntegers: Bool {
    let amounts = termAmounts
    return amounts[.convolutionActivationsInt8] > 0 || amounts[.pointwiseInt8] > 0
  }
}
