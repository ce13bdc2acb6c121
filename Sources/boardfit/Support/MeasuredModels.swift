import Calibration
import CostModel
import HardwareModel
import Measurement
import ModelIR
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
    let seconds: Seconds
    let shape: [Int]
  }

  /// Reads files of runs: our own records, or tables. Runs with another number of threads are passed
  /// over with a warning; a model measured twice counts with the later run.
  init(
    _ paths: [String], device: String?, on deployment: Deployment, catalog: Catalog,
    folders: DataFolders?, graphs: GraphLibrary
  ) throws(Failure) {
    var found: [Found] = []
    for path in paths { found += try Self.read(path, device: device, deployment, &warnings) }
    var latest: [String: Int] = [:]
    for (index, run) in found.enumerated() { latest[run.model] = index }
    for (index, run) in found.enumerated() where latest[run.model] == index {
      let path = graphs.path(of: run.model) ?? folders?.bundledModel(run.model) ?? run.model
      if let stated = run.modelDigest, !stated.isEmpty, let digest = fileDigest(path),
        digest != stated
      {
        throw Failure(
          .badData, "\(run.file): '\(run.model)' was another file when it was measured: \(path)")
      }
      var options = InferenceOptions()
      options.batch = 1
      let loaded = try LoadedModel(path, folders: folders, options: options)
      var evaluator = Evaluator(loaded.workload, catalog: catalog)
      do throws(DeploymentError) {
        models.append(
          .init(
            model: run.model, file: run.file, digest: fileDigest(run.file) ?? "unknown",
            estimate: try evaluator.estimate(on: deployment), seconds: run.seconds))
      } catch {
        warnings.append("\(run.model): \(error)")
      }
    }
  }

  private static func read(
    _ path: String, device: String?, _ deployment: Deployment, _ warnings: inout [String]
  ) throws(Failure) -> [Found] {
    let start: [UInt8]
    do throws(SystemError) {
      start = try OpenFile(path, for: .reading).read(upTo: 1)
    } catch {
      throw Failure(.missingInput, "\(path): \(error)")
    }
    if start == [UInt8(ascii: "{")] { return try records(path, deployment, &warnings) }
    let imported = try ImportedRuns.read([path])
    warnings += imported.complaints
    let chosen = imported.runs.filter { run in
      run.batch == 1 && (device.map { run.device.contains($0) } ?? true)
    }
    let devices = Set(chosen.map(\.device))
    guard devices.count <= 1 else {
      throw Failure(
        .usage,
        "\(path) has runs of \(devices.count) devices; choose one with --device: "
          + devices.sorted().prefix(5).joined(separator: "; "))
    }
    let isInteger = deployment.precision == .int8
    let usable = chosen.filter { run in
      (run.threads == nil || run.threads == deployment.threads) && run.isInteger == isInteger
    }
    if usable.count < chosen.count {
      warnings.append(
        "\(path): \(chosen.count - usable.count) runs with other threads or precision than "
          + "\(DeploymentCalibration.Key(deployment)) were passed over")
    }
    return usable.map {
      Found(
        model: $0.model, modelDigest: nil, file: path, seconds: $0.latency, shape: $0.inputShape)
    }
  }

  private static func records(
    _ path: String, _ deployment: Deployment, _ warnings: inout [String]
  ) throws(Failure) -> [Found] {
    let records: [RunRecord]
    do throws(RecordError) {
      records = try RunRecord.read(path: path)
    } catch {
      throw Failure(.badData, error.description)
    }
    var found: [Found] = []
    for record in records {
      guard record.start.threads == deployment.threads else {
        warnings.append(
          "\(path): '\(record.start.model)' ran with \(record.start.threads) threads, not "
            + "\(deployment.threads): passed over")
        continue
      }
      guard let latency = Distribution(record.samples.plain), latency.median > .zero else {
        warnings.append("\(path): '\(record.start.model)' has no sample: passed over")
        continue
      }
      if record.start.isCold {
        warnings.append("\(path): '\(record.start.model)' ran from a cold cache: passed over")
        continue
      }
      found.append(
        Found(
          model: record.start.model, modelDigest: record.start.modelDigest, file: path,
          seconds: latency.median, shape: []))
    }
    return found
  }
}
