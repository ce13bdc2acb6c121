import Quantities
import TensorTypes

extension Runtime {
  private enum Key: String, ProfileKey {
    case schema, name, version, fallback, operators, fusion, partition, memory, kernels
  }

  /// Reads one runtime; whether its fallback exists is checked by ``Catalog``.
  public init(_ file: ProfileFile) throws(ProfileError) {
    self = try Runtime.placed(file).value
  }

  static func placed(_ file: ProfileFile) throws(ProfileError) -> Placed<Runtime> {
    let node = try ProfileNode(file)
    let fields = try node.fields(Key.self)
    let id = try node.profileIdentifier(of: file)
    try fields.required(.schema).requireSchema()
    let runtime = Runtime(
      id: id,
      name: try fields.required(.name).text(),
      version: try fields.required(.version).text(),
      fallback: try fields[.fallback]?.identifier(),
      operators: try OperatorSupport(reading: try fields.required(.operators)),
      fusion: Set(try fields.required(.fusion).choices(emptyAllowed: true)),
      partition: try fields.required(.partition).choice(),
      memory: try MemoryPolicy(reading: try fields.required(.memory)),
      kernels: try kernels(reading: try fields.required(.kernels)))
    return Placed(value: runtime, node: node)
  }

  private static func kernels(
    reading node: ProfileNode
  ) throws(ProfileError) -> [UnitKind: KernelProfile] {
    let fields = try node.fields(UnitKind.self)
    guard !fields.isEmpty else { throw node.error(.invariant("no kind of unit has kernels")) }
    var kernels: [UnitKind: KernelProfile] = [:]
    for kind in UnitKind.allCases {
      if let section = fields[kind] { kernels[kind] = try KernelProfile(reading: section) }
    }
    return kernels
  }
}

extension UnitKind: ProfileKey {}

extension MemoryPolicy {
  private enum Key: String, ProfileKey {
    case alignment, base, placement
    case aliasesViews = "aliases_views"
    case reusesInputs = "reuses_inputs"
    case repacksWeights = "repacks_weights"
  }

  fileprivate init(reading node: ProfileNode) throws(ProfileError) {
    let fields = try node.fields(Key.self)
    let alignment = try fields.required(.alignment)
    self.init(
      aliasesViews: try fields.required(.aliasesViews).flag(),
      reusesInputs: try fields.required(.reusesInputs).flag(),
      alignment: try alignment.integer(in: 1...65_536),
      repacksWeights: try fields.required(.repacksWeights).flag(),
      base: try fields[.base]?.sourced(.nonNegative),
      placement: try fields[.placement]?.choice() ?? .smallest)
    guard self.alignment.nonzeroBitCount == 1 else {
      throw alignment.error(.invariant("must be a power of two"))
    }
  }
}

extension KernelProfile {
  private enum Key: String, ProfileKey {
    case computes
    case dispatchOverhead = "dispatch_overhead"
    case invocationOverhead = "invocation_overhead"
    case computeEfficiency = "compute_efficiency"
    case dtypeEfficiency = "compute_efficiency_by_dtype"
    case bandwidthEfficiency = "bandwidth_efficiency"
    case weightBandwidthEfficiency = "weight_bandwidth_efficiency"
  }

  /// Efficiency counts the arithmetic of the plain algorithm, so Winograd's F(6×6, 3×3), which
  /// saves 5.06 of it, may exceed the peak by as much.
  private static let computeLimit = 5.07
  /// Traffic that is described cannot exceed the bandwidth that is described.
  private static let bandwidthLimit = 1.0

  fileprivate init(reading node: ProfileNode) throws(ProfileError) {
    let fields = try node.fields(Key.self)
    self.init(
      computes: try fields.required(.computes).choices(),
      dispatchOverhead: try fields.required(.dispatchOverhead).sourced(.nonNegative),
      invocationOverhead: try fields.required(.invocationOverhead).sourced(.nonNegative),
      computeEfficiency: try Self.efficiencies(reading: try fields.required(.computeEfficiency)),
      dtypeEfficiency: try fields[.dtypeEfficiency].map(Self.dtypeEfficiencies) ?? [:],
      bandwidthEfficiency: try fields.required(.bandwidthEfficiency)
        .factor(atMost: Self.bandwidthLimit),
      weightBandwidthEfficiency: try fields[.weightBandwidthEfficiency]?
        .factor(atMost: Self.bandwidthLimit))
  }

  /// The classes in which a dtype differs, and no others.
  private static func dtypeEfficiencies(
    reading node: ProfileNode
  ) throws(ProfileError) -> [DType: [KernelClass: Sourced<Factor>]] {
    let tables = try node.fields(DType.self)
    var efficiencies: [DType: [KernelClass: Sourced<Factor>]] = [:]
    for dtype in DType.allCases {
      guard let fields = try tables[dtype]?.fields(KernelClass.self) else { continue }
      for kernelClass in KernelClass.allCases {
        guard let node = fields[kernelClass] else { continue }
        efficiencies[dtype, default: [:]][kernelClass] = try node.factor(atMost: computeLimit)
      }
    }
    return efficiencies
  }

  /// The entry of each class: its own, or that of `default`.
  private static func efficiencies(
    reading node: ProfileNode
  ) throws(ProfileError) -> [KernelClass: Sourced<Factor>] {
    let fields = try node.fields(EfficiencyKey.self)
    let fallback = try fields[.fallback]?.factor(atMost: computeLimit)
    var efficiencies: [KernelClass: Sourced<Factor>] = [:]
    for kernelClass in KernelClass.allCases {
      let own = try fields[.kernelClass(kernelClass)]?.factor(atMost: computeLimit)
      guard let efficiency = own ?? fallback else {
        _ = try fields.required(.kernelClass(kernelClass))
        continue
      }
      efficiencies[kernelClass] = efficiency
    }
    return efficiencies
  }
}

/// A kernel class, or `default` for the classes without an entry.
private enum EfficiencyKey: ProfileKey {
  case fallback
  case kernelClass(KernelClass)

  static var allCases: [EfficiencyKey] { [.fallback] + KernelClass.allCases.map(Self.kernelClass) }

  init?(rawValue: String) {
    if rawValue == "default" {
      self = .fallback
    } else if let kernelClass = KernelClass(rawValue: rawValue) {
      self = .kernelClass(kernelClass)
    } else {
      return nil
    }
  }

  var rawValue: String {
    switch self {
    case .fallback: "default"
    case .kernelClass(let kernelClass): kernelClass.rawValue
    }
  }
}

extension KernelClass: ProfileKey {}
