/// What a host is: what does not change between two runs.
public struct HostFacts: Sendable, Hashable, Codable {
  public struct Cache: Sendable, Hashable, Codable {
    /// 1 is next to the core.
    public var level: Int
    /// "Data", "Instruction", "Unified".
    public var kind: String
    public var capacityBytes: Int
    /// Processors that share it.
    public var sharedBy: Int
    public init(level: Int, kind: String, capacityBytes: Int, sharedBy: Int) {
      self.level = level
      self.kind = kind
      self.capacityBytes = capacityBytes
      self.sharedBy = sharedBy
    }
  }

  public var processor: String
  /// Processors online: hardware threads.
  public var processorCount: Int
  /// Cores; `nil` when the system does not say.
  public var coreCount: Int?
  /// The instruction set of the tuned kernels: "avx512-vnni".
  public var instructionSet: String
  /// Of the first processor, innermost first.
  public var caches: [Cache]
  /// Who sets the clock; `nil` where the system does not say, as in most virtual machines.
  public var governor: String?
  public var isVirtual: Bool
  public var memoryBytes: Int?
  public var kernel: String
  public var system: String

  public init(
    processor: String, processorCount: Int, coreCount: Int?, instructionSet: String,
    caches: [Cache], governor: String?, isVirtual: Bool, memoryBytes: Int?, kernel: String,
    system: String
  ) {
    self.processor = processor
    self.processorCount = processorCount
    self.coreCount = coreCount
    self.instructionSet = instructionSet
    self.caches = caches
    self.governor = governor
    self.isVirtual = isVirtual
    self.memoryBytes = memoryBytes
    self.kernel = kernel
    self.system = system
  }

  /// Caches that hold data, innermost first.
  public var dataCaches: [Cache] {
    caches.filter { $0.kind != "Instruction" }.sorted { $0.level < $1.level }
  }
}
