import Calibration
import CostModel
import HardwareModel
import Measurement
import ModelIR
import ModelImport
import Platform
import Quantities
import RunImport

/// Measured runs of models on one deployment, from files of any readable kind.
struct MeasuredModels {
  private(set) var models: [DeploymentCalibration.Measured] = []
  private(set) var warnings: [String] = []

  private struct Found {
    let model: String
    let modelDigest: String?
    let file: String
    let run: ImportedRun
  }

  /// Runs that are passed over, by the reason: the first place and the count.
  private struct PassedOver {
    private var places: [(reason: String, first: String, count: Int)] = []

    mutating func add(_ place: some CustomStringConvertible, _ reason: String) {
      if let known = places.firstIndex(where: { $0.reason == reason }) {
        places[known].count += 1
      } else {
        places.append((reason, "\(place)", 1))
      }
    }

    var sentences: [String] {
      places.map { place in
        let more = place.count > 1 ? " (and \(place.count - 1) more)" : ""
        return "\(place.first): passed over: \(place.reason)\(more)"
      }
    }
  }

  /// Reads files of runs: our own records, logs of other tools, tables. What is no steady run of the
  /// deployment is passed over with its place and the reason; a model measured twice counts with the
  /// later run. A log that names no model is one of the model that the file is named after.
  init(
    _ paths: [String], device: String?, on deployment: Deployment, catalog: Catalog,
    folders: DataFolders?, graphs: GraphLibrary
  ) throws(Failure) {
    var found: [Found] = []
    var passedOver = PassedOver()
    for path in paths {
      found += try Self.read(path, device: device, deployment, &warnings, &passedOver)
    }
    warnings += passedOver.sentences
    var latest: [String: Int] = [:]
    for (index, run) in found.enumerated() { latest[run.model] = index }
    let digests = Dictionary(
      Set(found.map(\.file)).map { ($0, fileDigest($0) ?? "unknown") },
      uniquingKeysWith: { first, _ in first })
    for (index, run) in found.enumerated() where latest[run.model] == index {
      let path = graphs.path(of: run.model) ?? folders?.bundledModel(run.model) ?? run.model
      if let stated = run.modelDigest, !stated.isEmpty, let digest = fileDigest(path),
        digest != stated
      {
        throw Failure(
          .badData, "\(run.file): '\(run.model)' was another file when it was measured: \(path)")
      }
      do {
        let loaded = try Self.model(path, shape: run.run.inputShape, folders: folders)
        var evaluator = Evaluator(loaded.workload, catalog: catalog)
        models.append(
          .init(
            run.run, of: run.model, file: run.file, digest: digests[run.file] ?? "unknown",
            estimate: try evaluator.estimate(on: deployment)))
      } catch {
        warnings.append("\(run.file): '\(run.model)' passed over: \(error)")
      }
    }
  }

  /// A graph whose input is left open takes the shape that the measurement states.
  private static func model(
    _ path: String, shape: [Int], folders: DataFolders?
  ) throws(Failure) -> LoadedModel {
    var options = InferenceOptions()
    options.batch = 1
    do throws(Failure) {
      return try LoadedModel(path, folders: folders, options: options)
    } catch {
      guard !shape.isEmpty, let graph = try? importModel(at: path).graph, graph.inputs.count == 1,
        let input = graph.inputs.first
      else { throw error }
      options.shapes[graph.values[input.value.index].name] = shape
      return try LoadedModel(path, folders: folders, options: options)
    }
  }

  private static func read(
    _ path: String, device: String?, _ deployment: Deployment, _ warnings: inout [String],
    _ passedOver: inout PassedOver
  ) throws(Failure) -> [Found] {
    // A file that is not there, or that begins otherwise, is told by the reader of all logs.
    if (try? RunRecord.begins(path)) == true { return try records(path, deployment, &passedOver) }
    let imported = try ImportedRuns.read([path])
    warnings += imported.complaints
    let chosen = imported.runs.filter { run in device.map { run.device.contains($0) } ?? true }
    let devices = Set(chosen.map(\.device))
    guard devices.count <= 1 else {
      throw Failure(
        .usage,
        "\(path) has runs of \(devices.count) devices; choose one with --device: "
          + devices.sorted().prefix(5).joined(separator: "; "))
    }
    return chosen.compactMap { run in
      if let reason = run.reasonAgainst(deployment) {
        passedOver.add(run.place, reason)
        return nil
      }
      return Found(
        model: run.model.isEmpty ? path.fileStem : run.model, modelDigest: nil, file: path,
        run: run)
    }
  }

  private static func records(
    _ path: String, _ deployment: Deployment, _ passedOver: inout PassedOver
  ) throws(Failure) -> [Found] {
    guard deployment.runtime.id == "boardfit" else {
      passedOver.add(path, "runs of 'boardfit', not of '\(deployment.runtime.id)'")
      return []
    }
    let records: [RunRecord]
    do throws(RecordError) {
      records = try RunRecord.read(path: path)
    } catch {
      throw Failure(.badData, error.description)
    }
    var found: [Found] = []
    for record in records {
      let place = "\(path): '\(record.start.model)'"
      guard record.start.threads == deployment.threads else {
        passedOver.add(
          place, "threads at work: \(record.start.threads), not \(deployment.threads)")
        continue
      }
      if record.start.isCold {
        passedOver.add(place, "runs from a cold cache")
        continue
      }
      do throws(RowProblem) {
        let run = try ImportedRun(record, RunPlace(file: path, line: 1))
        if let reason = run.log?.latencyKind.reasonAgainst {
          passedOver.add(place, reason)
          continue
        }
        found.append(
          Found(
            model: record.start.model, modelDigest: record.start.modelDigest, file: path, run: run))
      } catch {
        passedOver.add(place, error.reason)
      }
    }
    return found
  }
}

extension ImportedRun {
  /// Why the run says nothing of how long a deployment takes when it is warm; `nil` when it does.
  fileprivate func reasonAgainst(_ deployment: Deployment) -> String? {
    if let reason = log?.latencyKind.reasonAgainst { return reason }
    if !RuntimeNames.name(runtime, isOf: deployment.runtime.id) {
      return "a run of '\(runtime)', not of '\(deployment.runtime.id)'"
    }
    let isOnCPU = deployment.unit.kind.hasThreads
    if isAccelerated, isOnCPU {
      return "a run on '\(accelerator.isEmpty ? runtime : accelerator)', not on "
        + "\(deployment.unit.name)"
    }
    if !isAccelerated, !isOnCPU, runtime.lowercased().hasSuffix("cpu") {
      return "a run of '\(runtime)' on the cores, not on \(deployment.unit.name)"
    }
    if batch != 1 { return "batch \(batch), not 1" }
    if let threads, threads != deployment.threads, isOnCPU {
      return "threads at work: \(threads), not \(deployment.threads)"
    }
    if isInteger != (deployment.precision == .int8) {
      return "precision \(precision.isEmpty ? "unstated" : precision), not of "
        + "\(deployment.precision.rawValue)"
    }
    return nil
  }
}
