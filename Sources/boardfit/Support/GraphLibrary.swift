import Calibration
import CostModel
import HardwareModel
import ModelIR
import ModelImport
import Platform

/// Model files under some folders, found by the names that tables of measurements use.
struct GraphLibrary {
  private let paths: [String: String]
  /// With spellings made equal: "mobilenet-ssd" is "mobilenet_ssd".
  private let loosely: [String: String]

  /// Files of formats that the program reads, in the folders and those below them.
  init(_ folders: [String]) throws(Failure) {
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
      paths.sorted { $0.key < $1.key }.map { (Self.loose($0.key), $0.value) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The file of a model by its name, with or without the file's ending.
  func path(of model: String) -> String? {
    paths[model] ?? paths[model.fileStem] ?? loosely[Self.loose(model)]
      ?? loosely[Self.loose(model.fileStem)]
  }

  private static func isModel(_ file: String) -> Bool {
    ["onnx", "param", "tflite"].contains(URL(fileURLWithPath: file).pathExtension.lowercased())
  }

  private static func loose(_ name: String) -> String {
    name.lowercased().replacing("-", with: "_").replacing(" ", with: "_")
  }
}

/// The networks of a scoreboard, each read and planned once.
struct NetworkTable {
  private(set) var networks: [Network] = []
  /// Operators of each network, with what sets their kernels apart.
  private(set) var operators: [Set<String>] = []
  private(set) var problems: [String] = []
  private var positions: [String: Int?] = [:]

  /// The position of a model's network; `nil` without a file, or where the file cannot be read.
  mutating func position(
    of model: String, family: String?, shape: [Int], library: GraphLibrary, runtime: Runtime,
    profile: KernelProfile
  ) -> Int? {
    guard let path = library.path(of: model) else { return nil }
    if let known = positions[path] { return known }
    do {
      let plan = try Self.plan(path, shape: shape, runtime: runtime, profile: profile)
      networks.append(
        Network(
          name: path.fileStem, family: family ?? path.fileStem, amounts: plan.termAmounts))
      operators.append(plan.operatorTags)
      positions[path] = networks.count - 1
    } catch {
      problems.append("\(path): \(error)")
      positions[path] = .some(nil)
    }
    return positions[path] ?? nil
  }

  /// A graph whose input is left open takes the shape that the measurement states.
  private static func plan(
    _ path: String, shape: [Int], runtime: Runtime, profile: KernelProfile
  ) throws -> ExecutionPlan {
    let graph = try importModel(at: path).graph
    var options = InferenceOptions()
    options.batch = 1
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
    return ExecutionPlan(
      inferred.workload(), runtime: runtime, kernels: profile, precision: .stored)
  }
}
