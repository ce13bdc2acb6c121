#if canImport(Darwin)
  import Platform

  extension HostFacts {
    static func darwin() -> HostFacts {
      var caches: [Cache] = []
      for (level, kind, name) in [
        (1, "Data", "hw.l1dcachesize"), (2, "Unified", "hw.l2cachesize"),
        (3, "Unified", "hw.l3cachesize"),
      ] {
        if let bytes = number(name), bytes > 0 {
          caches.append(Cache(level: level, kind: kind, capacityBytes: bytes, sharedBy: 1))
        }
      }
      return HostFacts(
        processor: text("machdep.cpu.brand_string") ?? text("hw.model") ?? "unknown",
        processorCount: number("hw.logicalcpu") ?? ProcessInfo.processInfo.activeProcessorCount,
        coreCount: number("hw.physicalcpu"), instructionSet: instructionSetName, caches: caches,
        governor: nil, isVirtual: number("kern.hv_vmm_present") == 1,
        memoryBytes: number("hw.memsize"), kernel: text("kern.osrelease") ?? "unknown",
        system: "macOS \(ProcessInfo.processInfo.operatingSystemVersionString)")
    }

    private static func number(_ name: String) -> Int? {
      var value: Int64 = 0
      var size = MemoryLayout<Int64>.size
      guard unsafe sysctlbyname(name, &value, &size, nil, 0) == 0 else { return nil }
      // Values of four bytes fill the lower half.
      return Int(value)
    }

    private static func text(_ name: String) -> String? {
      var size = 0
      guard unsafe sysctlbyname(name, nil, &size, nil, 0) == 0, size > 0, size < 4096 else {
        return nil
      }
      var bytes = [UInt8](repeating: 0, count: size)
      guard unsafe sysctlbyname(name, &bytes, &size, nil, 0) == 0 else { return nil }
      return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
#endif
