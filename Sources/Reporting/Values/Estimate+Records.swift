import CostModel
import HardwareModel
import ModelIR
import Quantities
import TensorTypes

// Estimates as keys and values: the same names in JSON and CSV.

extension Deployment {
  /// Plain values only, so that a row of CSV has them too.
  var record: JSONObject {
    [
      "deployment": .string(label), "board": .string(board.id), "boardName": .string(board.name),
      "unit": .string(unit.id), "unitName": .string(unit.name), "runtime": .string(runtime.id),
      "runtimeVersion": .string(runtime.version), "fallbackRuntime": JSONValue(fallback?.id),
      "powerMode": .string(powerMode.id), "threads": .integer(threads),
      "precision": .string(precision.rawValue),
      "powerWatts": JSONValue(powerMode.power?.value.rawValue),
      "priceUSDollars": JSONValue(board.price?.value.rawValue),
    ]
  }

  /// "Cortex-A76 · TFLite XNNPACK 2.16", with what differs from the default.
  var unitPhrase: String {
    "\(unit.name) · \(runtime.name)\(precision == .stored ? "" : ", \(precision.rawValue)")"
  }

  /// "4 threads, int8, mode 15w".
  var settingPhrase: String {
    var parts: [String] = []
    switch unit.kind {
    case .mcu, .cpuInOrder, .cpuOutOfOrder: parts.append(counted(threads, "thread"))
    case .gpu, .npu: break
    }
    parts.append(precision == .stored ? "precision as stored" : precision.rawValue)
    parts.append("power mode \(powerMode.id)")
    return parts.joined(separator: ", ")
  }
}

extension Estimate {
  /// Plain values only.
  var record: JSONObject {
    [
      "latencySeconds": .number(latency.median.rawValue),
      "latencyLowSeconds": .number(latency.low.rawValue),
      "latencyHighSeconds": JSONValue(isLowerBound ? nil : latency.high.rawValue),
      "intervalLevel": .number(Interval<Seconds>.level),
      "isLowerBound": .bool(isLowerBound),
      "bound": .string(bound.kind), "boundMemory": JSONValue(bound.memory),
      "fit": .string(fit.rawValue),
      "arenaBytes": .integer(plan.arena.size.rawValue),
      "weightBytes": .integer(plan.weightSize.rawValue),
      "energyJoules": JSONValue(energy?.median.rawValue),
      "energyLowJoules": JSONValue(energy?.low.rawValue),
      "energyHighJoules": JSONValue(energy?.high.rawValue),
      "fallbackKernels": .integer(fallback?.kernelCount ?? 0),
      "fallbackCostSeconds": .number(fallback?.cost.rawValue ?? 0),
      "hostOnlyLatencySeconds": JSONValue(fallback?.hostOnlyLatency?.rawValue),
      "losesToHostAlone": .bool(fallback?.losesToHost(latency.median) ?? false),
      "coverage": .number(coverage.share), "basis": .string(basis.rawValue),
    ]
  }

  /// What does not fit a row.
  var details: JSONObject {
    [
      "memory": JSONValue(objects: memory.map(\.record)),
      "ceilings": JSONValue(objects: ceilings.map(\.record)),
      "peak": PeakCause(plan).map { .object($0.record) } ?? .null,
      "fallback": fallback.map { .object($0.record) } ?? .null,
      "invocationSeconds": .number(invocationTime.rawValue),
      "transferSeconds": .number(transferTime.rawValue),
      "transferCount": .integer(transfers.count),
      "knownSteps": .integer(coverage.knownSteps), "totalSteps": .integer(coverage.totalSteps),
      "unknownOperators": JSONValue(strings: coverage.unknownOperators),
      "assumptions": JSONValue(strings: assumptions),
    ]
  }

  /// One kernel, with its plan.
  func record(_ kernel: KernelEstimate) -> JSONObject {
    let plan = planned(kernel)
    // What is unknown is empty, not zero.
    let known = plan?.isKnown == true ? plan : nil
    return [
      "kernel": .integer(kernel.kernel), "name": JSONValue(plan?.name),
      "operator": JSONValue(plan?.operatorName), "class": JSONValue(plan?.kernelClass.rawValue),
      "placement": .string(kernel.placement.phrase), "dtype": JSONValue(plan?.computes.rawValue),
      "seconds": .number(kernel.time.rawValue), "share": .number(share(of: kernel.time)),
      "bound": .string(kernel.bound.kind), "boundMemory": JSONValue(kernel.bound.memory),
      "computeSeconds": .number(kernel.computeTime.rawValue),
      "memorySeconds": .number(kernel.memoryTime.rawValue),
      "dispatchSeconds": .number(kernel.dispatchTime.rawValue),
      "macs": JSONValue(known?.macs.rawValue), "operations": JSONValue(known?.flops.rawValue),
      "trafficBytes": JSONValue(known.map { _ in kernel.memoryTraffic.rawValue }),
      "repetitions": JSONValue(plan?.repetitions),
      "tileQuantization": .number(kernel.tileQuantization),
      "isLowerBound": .bool(!(plan?.isKnown ?? true)),
    ]
  }
}

extension Ceiling {
  fileprivate var record: JSONObject {
    switch self {
    case .compute(let dtype, let rate):
      ["dtype": .string(dtype.rawValue), "operationsPerSecond": .number(rate.rawValue)]
    case .bandwidth(let memory, let bandwidth):
      ["memory": .string(memory), "bytesPerSecond": .number(bandwidth.rawValue)]
    }
  }
}

extension MemoryFit {
  fileprivate var record: JSONObject {
    [
      "memory": .string(memory), "capacityBytes": .integer(capacity.rawValue),
      "neededBytes": .integer(needed.rawValue), "slackBytes": .integer(slack.rawValue),
      "verdict": .string(verdict.rawValue),
      "parts": JSONValue(
        objects: parts.map { ["name": .string($0.name), "bytes": .integer($0.size.rawValue)] }),
    ]
  }
}

extension PeakCause {
  fileprivate var record: JSONObject {
    [
      "kernel": .integer(step), "name": .string(kernel),
      "liveBytes": .integer(liveBytes.rawValue),
      "tensors": JSONValue(
        objects: parts.map {
          [
            "name": .string($0.tensor), "sharing": JSONValue(strings: $0.sharing),
            "bytes": .integer($0.size.rawValue), "share": .number($0.share),
          ]
        }),
    ]
  }
}

extension FallbackEstimate {
  fileprivate var record: JSONObject {
    [
      "kernels": .integer(kernelCount), "acceleratedParts": .integer(partitionCount),
      "costSeconds": .number(cost.rawValue), "operators": JSONValue(strings: operators),
      "hostOnlyLatencySeconds": JSONValue(hostOnlyLatency?.rawValue),
    ]
  }
}
