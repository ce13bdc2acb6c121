import Quantities

extension Memory {
  private enum Key: String, ProfileKey {
    case id, kind, holds, capacity, reserved, bandwidth
    case singleCoreBandwidth = "single_core_bandwidth"
  }

  init(reading node: ProfileNode) throws(ProfileError) {
    let fields = try node.fields(Key.self)
    self.init(
      id: try fields.required(.id).identifier(),
      kind: try fields.required(.kind).choice(),
      holds: Set(try fields.required(.holds).choices()),
      capacity: try fields.required(.capacity).sourced(),
      reserved: try fields[.reserved]?.sourced(.nonNegative),
      bandwidth: try fields.required(.bandwidth).sourced(),
      singleCoreBandwidth: try fields[.singleCoreBandwidth]?.sourced())
    if let reserved, reserved.value >= capacity.value {
      throw node.child("reserved").child("value").error(
        .invariant("must be less than the capacity, \(capacity.value)"))
    }
    if let singleCoreBandwidth, singleCoreBandwidth.value > bandwidth.value {
      throw node.child("single_core_bandwidth").child("value").error(
        .invariant("must be at most the bandwidth of all cores, \(bandwidth.value)"))
    }
  }
}

extension Link {
  private enum Key: String, ProfileKey { case id, name, bandwidth, latency }

  init(reading node: ProfileNode) throws(ProfileError) {
    let fields = try node.fields(Key.self)
    self.init(
      id: try fields.required(.id).identifier(),
      name: try fields.required(.name).text(),
      bandwidth: try fields.required(.bandwidth).sourced(),
      latency: try fields.required(.latency).sourced(.nonNegative))
  }
}

extension PowerMode {
  private enum Key: String, ProfileKey {
    case id, power, units
    case memoryScale = "memory_scale"
  }

  /// A mode may run above the described clock, but not at several times it.
  private static let scaleLimit = 4.0

  init(reading node: ProfileNode) throws(ProfileError) {
    let fields = try node.fields(Key.self)
    var units: [ComputeUnit.ID: UnitSetting] = [:]
    if let settings = fields[.units] {
      for entry in try settings.entries() {
        units[entry.key] = try UnitSetting(reading: entry.value, scaleLimit: Self.scaleLimit)
      }
    }
    self.init(
      id: try fields.required(.id).identifier(),
      power: try fields[.power]?.sourced(),
      units: units,
      memoryScale: try fields[.memoryScale]?.share(atMost: Self.scaleLimit))
  }
}

extension PowerMode.UnitSetting {
  private enum Key: String, ProfileKey {
    case cores
    case clockScale = "clock_scale"
  }

  fileprivate init(reading node: ProfileNode, scaleLimit: Double) throws(ProfileError) {
    let fields = try node.fields(Key.self)
    self.init(
      clockScale: try fields.required(.clockScale).share(atMost: scaleLimit),
      cores: try fields[.cores]?.integer(in: 1...CoreCluster.countLimit))
  }
}
