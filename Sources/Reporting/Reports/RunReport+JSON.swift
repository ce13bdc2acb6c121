import CostModel
import Decision
import HardwareModel
import Measurement
import Quantities
import TensorTypes

extension RunReport {
  /// Operators in the order in which they run.
  public var records: [JSONObject] {
    run.operatorRows.map { row in
      [
        "name": .string(row.op.name), "kernel": .string(row.op.kernel),
        "operators": JSONValue(strings: row.op.operators.map(\.rawValue)),
        "nodes": JSONValue(strings: row.op.nodes), "medianSeconds": .number(row.time.rawValue),
        "flops": JSONValue(row.op.flops?.rawValue),
        "trafficBytes": JSONValue(row.op.traffic?.rawValue),
        "flopsPerSecond": JSONValue(row.rate?.rawValue),
      ]
    }
  }

  public var json: JSONObject {
    let latency = run.latency
    let interval = latency?.medianInterval
    func seconds(_ times: [Seconds]) -> JSONValue { .array(times.map { .number($0.rawValue) }) }
    var json =
      origin.header("run") + [
        "model": .string(run.model), "kernels": .string(run.kernels),
        "threads": .integer(run.threads),
        "processors": .array(run.processors.map { .integer($0) }),
        "warmupRuns": .integer(run.plan.warmupRuns), "isCold": .bool(run.plan.isCold),
        "isInterrupted": .bool(run.samples.isInterrupted),
        "loadSeconds": .number(run.loadTime.rawValue),
        "firstRunSeconds": JSONValue(run.samples.firstRun?.rawValue),
        "samplesSeconds": seconds(run.samples.plain),
        "medianSeconds": JSONValue(latency?.median.rawValue),
        "medianLowSeconds": JSONValue(interval?.lowerBound.rawValue),
        "medianHighSeconds": JSONValue(interval?.upperBound.rawValue),
        "minimumSeconds": JSONValue(latency?.minimum.rawValue),
        "maximumSeconds": JSONValue(latency?.maximum.rawValue),
        "p90Seconds": JSONValue(latency?.percentile(0.9)?.rawValue),
        "p99Seconds": JSONValue(latency?.percentile(0.99)?.rawValue),
        "profiledSamplesSeconds": seconds(run.samples.profiled.map(\.time)),
        "profilingOverhead": JSONValue(run.samples.profilingOverhead),
        "peakResidentBytes": .integer(run.memory.peakResident.rawValue),
        "weightBytes": .integer(run.memory.weights.rawValue),
        "packedBytes": .integer(run.memory.packed.rawValue),
        "arenaBytes": .integer(run.memory.arena.rawValue),
        "scratchBytes": .integer(run.memory.scratch.rawValue),
        "operators": JSONValue(objects: records),
        "unattributedSeconds": JSONValue(run.samples.unattributed?.rawValue),
        "host": .object(
          run.host.record
            + run.after.record(since: run.before, processors: run.host.processorCount)),
        "warnings": JSONValue(strings: run.warnings.map(\.description)),
        "notes": JSONValue(strings: run.notes),
      ]
    if let agreement {
      json["agreement"] = JSONValue(
        objects: agreement.map {
          [
            "value": .string($0.name), "isOutput": .bool($0.isOutput),
            "elements": .integer($0.elementCount), "maximumAbsolute": .number($0.maximumAbsolute),
            "maximumRelative": .number($0.maximumRelative),
            // Infinite when equal, for which JSON has no number.
            "signalToNoiseDecibels": .number($0.signalToNoise),
            "strayElements": .integer($0.strayCount),
          ]
        })
    }
    if let residuals { json["prediction"] = .object(residuals.record) }
    return json
  }
}

extension Residuals {
  var record: JSONObject {
    estimate.deployment.record + [
      "predictedSeconds": .number(estimate.latency.median.rawValue),
      "predictedLowSeconds": .number(estimate.latency.low.rawValue),
      "predictedHighSeconds": .number(estimate.latency.high.rawValue),
      "measuredSeconds": .number(measured.rawValue), "error": .number(error),
      "aboveRoof": JSONValue(strings: rowsAboveRoof.map(\.name)),
      "operators": JSONValue(
        objects: rows.map { row in
          [
            "name": .string(row.name), "predictedKernels": .integer(row.kernels.count),
            "measuredOperators": .integer(row.operators.count),
            "predictedSeconds": JSONValue(row.predicted?.rawValue),
            "measuredSeconds": JSONValue(row.measured?.rawValue), "error": JSONValue(row.error),
            "bound": JSONValue(row.bound?.kind),
            "kernelClass": JSONValue(row.kernelClass?.rawValue),
            "flops": JSONValue(row.flops?.rawValue),
            "flopsPerSecond": JSONValue(row.rate?.rawValue),
            "attainableFlopsPerSecond": JSONValue(row.attainable?.rawValue),
            "isAboveRoof": .bool(row.isAboveRoof),
          ]
        }),
    ]
  }
}
