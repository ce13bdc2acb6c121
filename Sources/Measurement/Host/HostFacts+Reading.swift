import CKernels
import Platform

extension HostFacts {
  /// This host.
  public static func current() -> HostFacts {
    #if canImport(Darwin)
      return darwin()
    #else
      return HostFacts(reading: .current)
    #endif
  }

  static var instructionSetName: String {
    let name = unsafe bf_isa_name(bf_isa_current())
    guard let name = unsafe name else { return "unknown" }
    return unsafe String(cString: name)
  }

  /// A Linux host, by its `/proc` and `/sys`. What is missing there is unknown.
  public init(reading files: SystemFiles) {
    let cpuinfo = "/proc/cpuinfo"
    let cpu = "/sys/devices/system/cpu"
    let online = files.line("\(cpu)/online").map(Self.count(ofList:)) ?? 0
    let flags = files.value(of: "flags", in: cpuinfo) ?? ""
    self.init(
      processor: Self.processorName(files),
      processorCount: online > 0 ? online : ProcessInfo.processInfo.activeProcessorCount,
      coreCount: Self.coreCount(files, processors: online),
      instructionSet: Self.instructionSetName,
      caches: Self.caches(files, folder: "\(cpu)/cpu0/cache"),
      governor: files.line("\(cpu)/cpu0/cpufreq/scaling_governor"),
      isVirtual: flags.split(separator: " ").contains("hypervisor"),
      memoryBytes: files.value(of: "MemTotal", in: "/proc/meminfo").flatMap(Self.bytes(ofSize:)),
      kernel: files.line("/proc/sys/kernel/osrelease") ?? "unknown",
      system: files.value(of: "PRETTY_NAME", in: "/etc/os-release", separator: "=") ?? "Linux")
  }

  /// The name that x86 gives; the board's, or the core's number by its designer, on Arm.
  private static func processorName(_ files: SystemFiles) -> String {
    if let name = files.value(of: "model name", in: "/proc/cpuinfo") { return name }
    let board =
      files.line("/proc/device-tree/model") ?? files.value(of: "Model", in: "/proc/cpuinfo")
    let part = files.value(of: "CPU part", in: "/proc/cpuinfo").map { part in
      "core \(files.value(of: "CPU implementer", in: "/proc/cpuinfo") ?? "?"):\(part)"
    }
    let parts = [board, part].compactMap { $0 }
    return parts.isEmpty ? "unknown" : parts.joined(separator: ", ")
  }

  private static func coreCount(_ files: SystemFiles, processors: Int) -> Int? {
    var cores: Set<String> = []
    for processor in 0..<min(processors, 4096) {
      let folder = "/sys/devices/system/cpu/cpu\(processor)/topology"
      guard let core = files.line("\(folder)/core_id") else { return nil }
      cores.insert("\(files.line("\(folder)/physical_package_id") ?? ""):\(core)")
    }
    return cores.isEmpty ? nil : cores.count
  }

  private static func caches(_ files: SystemFiles, folder: String) -> [Cache] {
    var caches: [Cache] = []
    for index in 0..<16 {
      let path = "\(folder)/index\(index)"
      guard let level = files.line("\(path)/level").flatMap({ Int($0) }),
        let capacity = files.line("\(path)/size").flatMap(bytes(ofSize:)), capacity > 0
      else { continue }
      caches.append(
        Cache(
          level: level, kind: files.line("\(path)/type") ?? "Unified", capacityBytes: capacity,
          sharedBy: max(1, files.line("\(path)/shared_cpu_list").map(count(ofList:)) ?? 1)))
    }
    return caches
  }

  /// How many numbers "0-3,8" names; 0 when it is no such list.
  static func count(ofList list: String) -> Int {
    var count = 0
    for part in list.split(separator: ",") {
      let ends = part.split(separator: "-").map { Int($0) }
      switch ends.count {
      case 1 where ends[0] != nil: count += 1
      case 2:
        guard let first = ends[0], let last = ends[1], last >= first, last - first < 1 << 20 else {
          return 0
        }
        count += last - first + 1
      default: return 0
      }
    }
    return count
  }

  /// "32K", "16318336 kB": powers of 1024 in both. `nil` for other texts.
  static func bytes(ofSize text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int(digits) else { return nil }
    let unit = text.dropFirst(digits.count).trimmed.uppercased()
    let factor: Int
    switch unit {
    case "": factor = 1
    case "K", "KB": factor = 1 << 10
    case "M", "MB": factor = 1 << 20
    case "G", "GB": factor = 1 << 30
    default: return nil
    }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: factor)
    return overflow ? nil : bytes
  }
}
