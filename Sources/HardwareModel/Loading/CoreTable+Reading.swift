import Quantities

extension CoreTable {
  private enum Key: String, ProfileKey { case schema, sources, cores, chips, accelerators }
  private enum CoreKey: String, ProfileKey {
    case name, names, macs, fp16, order, architecture, source
  }
  private enum ChipKey: String, ProfileKey { case names, clusters, source }
  private enum AcceleratorKey: String, ProfileKey {
    case names, kind, design, peak, source
  }
  private enum ClusterKey: String, ProfileKey { case core, count, clock, boost }

  /// Reads the table; every name is unique, every cluster's core and every source is named in it.
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
          names: names, clusters: clusters, source: try source(try chip.required(.source))))
    }
    var accelerators: [AcceleratorType] = []
    for node in try fields[.accelerators]?.elements() ?? [] {
      let unit = try node.fields(AcceleratorKey.self)
      // One chip has cores and a unit beside them: names are unique among units only.
      var names: [String] = []
      for node in try unit.required(.names).elements() { names.append(try node.text()) }
      accelerators.append(
        AcceleratorType(
          names: names, kind: try unit.required(.kind).choice(),
          design: try unit[.design]?.text(),
          peakRate: try unit.required(.peak).positive(),
          source: try source(try unit.required(.source))))
    }
    self.init(cores: cores, chips: chips, accelerators: accelerators)
  }
}
