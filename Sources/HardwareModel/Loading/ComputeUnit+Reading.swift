import Quantities
import TensorTypes

extension ComputeUnit {
  private enum Key: String, ProfileKey {
    case id, name, kind, memory, link, runtimes, clusters, levels, tile
    case residentWeights = "resident_weights"
  }

  init(reading node: ProfileNode) throws(ProfileError) {
    let fields = try node.fields(Key.self)
    let clusters = try fields.required(.clusters).list(CoreCluster.init(reading:))
    for (index, cluster) in clusters.enumerated() {
      guard !clusters.prefix(index).contains(where: { $0.value.name == cluster.value.name }) else {
        throw cluster.node.child("name").error(
          .invariant("another cluster of the unit has the name '\(cluster.value.name)'"))
      }
    }
    let levels = try fields[.levels]?.list(MemoryLevel.init(reading:)) ?? []
    self.init(
      id: try fields.required(.id).identifier(),
      name: try fields.required(.name).text(),
      kind: try fields.required(.kind).choice(),
      clusters: clusters.map(\.value),
      levels: levels.map(\.value),
      tile: try fields[.tile]?.tile(),
      residentWeights: try fields[.residentWeights]?.sourced(),
      memory: try fields.required(.memory).identifier(),
      link: try fields[.link]?.identifier(),
      runtimes: try fields.required(.runtimes).identifiers())
    try checkOrder(of: levels)
  }

  /// Levels run outwards: none smaller than the one before, and none faster in total.
  private func checkOrder(of levels: [Placed<MemoryLevel>]) throws(ProfileError) {
    for (index, level) in levels.enumerated() {
      guard !levels.prefix(index).contains(where: { $0.value.id == level.value.id }) else {
        throw level.node.child("id").error(
          .invariant("another level of the unit has the id '\(level.value.id)'"))
      }
    }
    for (inner, outer) in zip(levels, levels.dropFirst()) {
      guard inner.value.capacity.value <= outer.value.capacity.value else {
        throw outer.node.child("capacity").child("value").error(
          .invariant("smaller than '\(inner.value.id)'; levels stand innermost first"))
      }
    }
    var fastest: (id: String, bandwidth: BytesPerSecond)?
    for level in levels {
      guard let bandwidth = totalBandwidth(of: level.value) else { continue }
      if let fastest, bandwidth > fastest.bandwidth {
        throw level.node.child("bandwidth").child("value").error(
          .invariant(
            "with all cores \(bandwidth), more than '\(fastest.id)' inside it, "
              + "\(fastest.bandwidth)"))
      }
      fastest = (level.value.id, bandwidth)
    }
  }

  private func totalBandwidth(of level: MemoryLevel) -> BytesPerSecond? {
    switch level.scope {
    case .perCore: level.bandwidth.map { Double(coreCount) * $0.value }
    case .shared: level.bandwidth?.value
    }
  }
}

extension MemoryLevel {
  private enum Key: String, ProfileKey {
    case id, scope, capacity, bandwidth
    case singleCoreBandwidth = "single_core_bandwidth"
  }

  fileprivate init(reading node: ProfileNode) throws(ProfileError) {
    let fields = try node.fields(Key.self)
    self.init(
      id: try fields.required(.id).identifier(),
      scope: try fields.required(.scope).choice(),
      capacity: try fields.required(.capacity).sourced(),
      bandwidth: try fields[.bandwidth]?.sourced(),
      singleCoreBandwidth: try fields[.singleCoreBandwidth]?.sourced())
    guard let one = singleCoreBandwidth else { return }
    let place = node.child("single_core_bandwidth")
    guard scope == .shared, let all = bandwidth else {
      throw place.error(
        .invariant("stands only in a shared level, beside the 'bandwidth' of all cores"))
    }
    guard one.value <= all.value else {
      throw place.child("value").error(
        .invariant("must be at most the bandwidth of all cores, \(all.value)"))
    }
  }
}

extension CoreCluster {
  private enum Key: String, ProfileKey {
    case name, count, clock
    case peakRates = "peak_rates"
  }

  /// A GPU's cores are one cluster of one; no CPU of a board has this many.
  static let countLimit = 1024
  /// No part sold runs at half of it.
  private static let clockLimit = Hertz(10e9)

  fileprivate init(reading node: ProfileNode) throws(ProfileError) {
    let fields = try node.fields(Key.self)
    let rates = try fields.required(.peakRates)
    self.init(
      name: try fields.required(.name).text(),
      count: try fields.required(.count).integer(in: 1...Self.countLimit),
      clock: try fields[.clock]?.sourced(),
      peakRates: try Self.peakRates(reading: rates))
    if let clock, clock.value >= Self.clockLimit {
      throw node.child("clock").child("value").error(
        .invariant("must be less than \(Self.clockLimit)"))
    }
  }

  private static func peakRates(
    reading node: ProfileNode
  ) throws(ProfileError) -> [DType: Sourced<FLOPsPerSecond>] {
    let fields = try node.fields(DType.self)
    var rates: [DType: Sourced<FLOPsPerSecond>] = [:]
    for dtype in DType.allCases {
      rates[dtype] = try fields[dtype]?.sourced()
    }
    guard !rates.isEmpty else { throw node.error(.invariant("at least one dtype needs a rate")) }
    if let half = rates[.float16], let single = rates[.float32], half.value < single.value,
      case let float16 = node.child("float16"), try !float16.hasNote()
    {
      throw float16.child("value").error(
        .invariant("less than float32, \(single.value); a 'note' must say why"))
    }
    return rates
  }
}

extension DType: ProfileKey {}

extension ProfileNode {
  fileprivate func hasNote() throws(ProfileError) -> Bool {
    try entries().contains { $0.key == "note" }
  }
}
