import Measurement
import Quantities

// A host as pairs for people, and as keys for programs.

extension HostFacts {
  var pairs: [Document.Pair] {
    var pairs = [
      Document.Pair("processor", processor),
      Document.Pair(
        "processors",
        coreCount.map { "\(processorCount), \(counted($0, "core"))" } ?? "\(processorCount)"),
      Document.Pair("instruction set", instructionSet),
    ]
    if !dataCaches.isEmpty {
      pairs.append(
        Document.Pair(
          "caches",
          dataCaches.map { cache in
            "L\(cache.level) \(Bytes(cache.capacityBytes))"
              + (cache.sharedBy > 1 ? " for \(cache.sharedBy)" : "")
          }.joined(separator: ", ")))
    }
    if let memoryBytes { pairs.append(Document.Pair("memory", "\(Bytes(memoryBytes))")) }
    pairs += [
      Document.Pair("system", "\(system), kernel \(kernel)\(isVirtual ? ", virtual machine" : "")"),
      Document.Pair("clock governor", governor ?? "not told"),
    ]
    return pairs
  }

  var record: JSONObject {
    [
      "processor": .string(processor), "processors": .integer(processorCount),
      "cores": JSONValue(coreCount), "instructionSet": .string(instructionSet),
      "caches": JSONValue(
        objects: caches.map {
          [
            "level": .integer($0.level), "kind": .string($0.kind),
            "capacityBytes": .integer($0.capacityBytes), "sharedBy": .integer($0.sharedBy),
          ]
        }),
      "memoryBytes": JSONValue(memoryBytes), "governor": JSONValue(governor),
      "isVirtual": .bool(isVirtual), "system": .string(system), "kernel": .string(kernel),
    ]
  }
}

extension HostConditions {
  /// What changed between two moments.
  func pairs(since before: HostConditions, processors: Int) -> [Document.Pair] {
    var pairs = [
      Document.Pair("clock", "\(before.clock) before, \(clock) after, as measured")
    ]
    if let load = otherLoad(since: before) {
      pairs.append(Document.Pair("other load", "\(threeDigits(load)) processors"))
    }
    if let average = before.loadAverage {
      pairs.append(Document.Pair("load average", "\(threeDigits(average)) before"))
    }
    return pairs
  }

  func record(since before: HostConditions, processors: Int) -> JSONObject {
    [
      "clockBeforeHertz": .number(before.clock.rawValue),
      "clockAfterHertz": .number(clock.rawValue),
      "loadAverageBefore": JSONValue(before.loadAverage),
      "otherLoadProcessors": JSONValue(otherLoad(since: before)),
      "stolenShare": JSONValue(stolenShare(since: before, processors: processors)),
      "availableMemoryBytes": JSONValue(before.availableMemoryBytes),
    ]
  }
}
