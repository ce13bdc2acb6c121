import Quantities

extension Board {
  /// Reads one board; `bases` holds the boards that it extends, however far. Whether its runtimes
  /// exist is checked by ``Catalog``.
  public init(_ file: ProfileFile, bases: [ProfileFile] = []) throws(ProfileError) {
    var drafts: [Board.ID: BoardDraft] = [:]
    for base in bases { drafts[base.id] = try BoardDraft(base) }
    self = try BoardDraft(file).merged(with: drafts).board()
  }
}

extension BoardDraft {
  /// The board, once every rule between its parts holds.
  ///
  /// Identifiers are unique in their section; memories, links and units that are named exist; the
  /// first unit is a processor without a link, since it is the host; some memory holds weights and
  /// some activations; a power mode has no more cores than its unit.
  func board() throws(ProfileError) -> Board {
    try checkUnique(memories)
    try checkUnique(links)
    try checkUnique(units)
    try checkUnique(powerModes)
    for held in Memory.Holds.allCases {
      guard memories.contains(where: { $0.value.holds.contains(held) }) else {
        throw node.child("memories").error(.invariant("no memory holds \(held.rawValue)"))
      }
    }
    try checkHost()
    for unit in units { try checkReferences(of: unit) }
    for mode in powerModes { try checkUnits(of: mode) }
    return Board(
      id: id, name: name, extends: extends, price: price, memories: memories.map(\.value),
      units: units.map(\.value), links: links.map(\.value), powerModes: powerModes.map(\.value))
  }

  private func checkUnique<Value: Identifiable<String>>(
    _ items: [Placed<Value>]
  ) throws(ProfileError) {
    var first: [String: Placed<Value>] = [:]
    for item in items {
      if let earlier = first.updateValue(item, forKey: item.value.id) {
        let place = earlier.node.place
        throw item.node.child("id").error(
          .invariant("'\(item.value.id)' is already \(place.path) in \(place.file)"))
      }
    }
  }

  private func checkHost() throws(ProfileError) {
    guard let host = units.first else { return }
    switch host.value.kind {
    case .mcu, .cpuInOrder, .cpuOutOfOrder: break
    case .gpu, .npu:
      throw host.node.child("kind").error(.invariant("the first unit is the host: an mcu or a cpu"))
    }
    guard host.value.link == nil else {
      throw host.node.child("link").error(.invariant("the host needs no link to itself"))
    }
  }

  private func checkReferences(of unit: Placed<ComputeUnit>) throws(ProfileError) {
    let memoryIDs = memories.map(\.value.id)
    guard memoryIDs.contains(unit.value.memory) else {
      throw unit.node.child("memory").error(
        .unknownReference(found: unit.value.memory, to: "memory", known: memoryIDs))
    }
    let linkIDs = links.map(\.value.id)
    if let link = unit.value.link, !linkIDs.contains(link) {
      throw unit.node.child("link").error(
        .unknownReference(found: link, to: "link", known: linkIDs))
    }
  }

  private func checkUnits(of mode: Placed<PowerMode>) throws(ProfileError) {
    guard !mode.value.units.isEmpty else { return }
    for setting in try mode.node.child("units").entries() {
      guard let unit = units.first(where: { $0.value.id == setting.key })?.value else {
        let known = units.map(\.value.id)
        throw setting.keyPlace.error(
          .unknownReference(found: setting.key, to: "unit", known: known))
      }
      if let cores = mode.value.units[unit.id]?.cores, cores > unit.coreCount {
        throw setting.value.child("cores").error(
          .invariant("the unit has only \(unit.coreCount) cores"))
      }
    }
  }
}
