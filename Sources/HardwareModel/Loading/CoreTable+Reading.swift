import Quantities

extension CoreTable {
  private enum Key: String, ProfileKey { case schema, sources, cores, chips, accelerators }
  private enum CoreKey: String, ProfileKey {
    case name, names, macs, fp16, order, architecture, source
  }
  private enum ChipKey: String, ProfileKey { case names, clusters, memory, source }
  private enum AcceleratorKey: String, ProfileKey {
    case names, kind, design, peak, vendor, float32, discrete, source
    case residentWeights = "resident_weights"
  }
  private enum ClusterKey: String, ProfileKey { case core, count, clock, boost }

  /// Reads the table; every name is unique, every cluster's core and every source is named in it, and
  /// graphics units alone have what ``AcceleratorType/Graphics`` holds.
  public init(_ file: ProfileFile) throws(ProfileError) {
    let fields = try ProfileNode(file).fields(Key.self)
    try fields.required(.schema).requireSchema()
    var sources: [String: String] = [:]
    for entry in try fields.required(.sources).entries() {
      sources[entry.key] = try entry.value.text()
    }

    var seen: Set<String> = []
    func checked(_ node: ProfileNode) throws(ProfileError) -> String {
      let name = try node.text()
      guard seen.insert(name.lowercased()).inserted else {
        throw node.error(.invariant("'\(name)' names two entries"))
      }
      return name
    }
    func source(_ node: ProfileNode) throws(ProfileError) -> String {
      let key = try node.text()
      guard let text = sources[key] else {
        throw node.error(
          .unknownReference(found: key, to: "source", known: sources.keys.sorted()))
      }
      return text
    }

    var cores: [CoreType] = []
    for node in try fields.required(.cores).elements() {
      let core = try node.fields(CoreKey.self)
      let macs = try core.required(.macs)
      guard try macs.realNumber() > 0 else {
        throw macs.error(.invariant("must be more than zero"))
      }
      let name = try checked(try core.required(.name))
      var names: [String] = []
      for node in try core[.names]?.elements() ?? [] { names.append(try checked(node)) }
      cores.append(
        CoreType(
          name: name, names: names, macsPerCycle: try macs.realNumber(),
          hasFloat16: try core.required(.fp16).flag(), order: try core.required(.order).choice(),
          architecture: try core.required(.architecture).choice(),
          source: try source(try core.required(.source))))
    }

    let coreNames = cores.map(\.name)
    var chips: [ChipType] = []
    for node in try fields.required(.chips).elements() {
      let chip = try node.fields(ChipKey.self)
      var clusters: [ChipType.Cluster] = []
      for node in try chip.required(.clusters).elements() {
        let cluster = try node.fields(ClusterKey.self)
        let core = try cluster.required(.core)
        guard coreNames.contains(try core.text()) else {
          throw core.error(
            .unknownReference(found: try core.text(), to: "core", known: coreNames))
        }
        clusters.append(
          ChipType.Cluster(
            core: try core.text(), count: try cluster.required(.count).integer(in: 1...1024),
            clock: try cluster.required(.clock).real(.positive),
            boost: try cluster[.boost].map { node throws(ProfileError) in try node.real(.positive) }
          ))
      }
      var names: [String] = []
      for node in try chip.required(.names).elements() { names.append(try checked(node)) }
      chips.append(
        ChipType(
          names: names, clusters: clusters,
          memory: try chip[.memory]?.positive(),
          source: try source(try chip.required(.source))))
    }
    var accelerators: [AcceleratorType] = []
    // One chip has cores and units beside them: names are unique among units of one kind only.
    var units: [AcceleratorType.Kind: Set<String>] = [:]
    for node in try fields[.accelerators]?.elements() ?? [] {
      let unit = try node.fields(AcceleratorKey.self)
      let kind: AcceleratorType.Kind = try unit.required(.kind).choice()
      var names: [String] = []
      for node in try unit.required(.names).elements() {
        let name = try node.text()
        guard units[kind, default: []].insert(name.lowercased()).inserted else {
          throw node.error(.invariant("'\(name)' names two units"))
        }
        names.append(name)
      }
      var graphics: AcceleratorType.Graphics?
      switch kind {
      case .gpu:
        graphics = AcceleratorType.Graphics(
          vendor: try unit.required(.vendor).choice(),
          float32Rate: try unit.required(.float32).positive(),
          isDiscrete: try unit.required(.discrete).flag())
        if let node = unit[.residentWeights] { throw node.error(.invariant("is for neural units")) }
      case .npu:
        for key in [AcceleratorKey.vendor, .float32, .discrete] {
          if let node = unit[key] { throw node.error(.invariant("is for graphics units")) }
        }
      }
      let peak: FLOPsPerSecond
      if let graphics, unit[.peak] == nil {
        peak = graphics.float32Rate
      } else {
        peak = try unit.required(.peak).positive()
      }
      accelerators.append(
        AcceleratorType(
          names: names, kind: kind, design: try unit[.design]?.text(), peakRate: peak,
          graphics: graphics, residentWeights: try unit[.residentWeights]?.count(),
          source: try source(try unit.required(.source))))
    }
    self.init(cores: cores, chips: chips, accelerators: accelerators)
  }
}
