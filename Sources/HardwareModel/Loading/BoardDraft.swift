import Quantities

/// A value and the node it was read from, so that later checks can point at it.
struct Placed<Value: Sendable>: Sendable {
  let value: Value
  let node: ProfileNode
}

/// A board file as it stands, before the board it extends is known.
struct BoardDraft: Sendable {
  let id: Board.ID
  let node: ProfileNode
  let name: String
  let extends: Board.ID?
  let price: Sourced<USDollars>?
  let memories: [Placed<Memory>]
  let links: [Placed<Link>]
  let units: [Placed<ComputeUnit>]
  let powerModes: [Placed<PowerMode>]

  private enum Key: String, ProfileKey {
    case schema, name, extends, price, memories, links, units
    case powerModes = "power_modes"
  }

  init(_ file: ProfileFile) throws(ProfileError) {
    node = try ProfileNode(file)
    id = try node.profileIdentifier(of: file)
    let fields = try node.fields(Key.self)
    try fields.required(.schema).requireSchema()
    name = try fields.required(.name).text()
    extends = try fields[.extends]?.identifier()
    if extends == nil {
      for key in [Key.memories, .units, .powerModes] { _ = try fields.required(key) }
    }
    price = try fields[.price]?.sourced(.nonNegative)
    memories = try fields[.memories]?.list(Memory.init(reading:)) ?? []
    links = try fields[.links]?.list(Link.init(reading:)) ?? []
    units = try fields[.units]?.list(ComputeUnit.init(reading:)) ?? []
    powerModes = try fields[.powerModes]?.list(PowerMode.init(reading:)) ?? []
  }

  private init(merging own: BoardDraft, into base: BoardDraft) {
    id = own.id
    node = own.node
    name = own.name
    extends = own.extends
    price = own.price ?? base.price
    memories = base.memories + own.memories
    links = base.links + own.links
    units = base.units + own.units
    powerModes = own.powerModes.isEmpty ? base.powerModes : own.powerModes
  }

  /// The draft with everything of the boards it extends, nearest first.
  ///
  /// Lists are the base's followed by its own; price and power modes are its own when given.
  func merged(with drafts: [Board.ID: BoardDraft]) throws(ProfileError) -> BoardDraft {
    var chain = [self]
    while let last = chain.last, let baseID = last.extends {
      let place = last.node.child("extends").place
      guard let base = drafts[baseID] else {
        let known = drafts.keys.sorted()
        throw place.error(.unknownReference(found: baseID, to: "board", known: known))
      }
      guard !chain.contains(where: { $0.id == baseID }) else {
        let round = (chain.map(\.id) + [baseID]).joined(separator: " → ")
        throw place.error(.invariant("boards extend each other: \(round)"))
      }
      guard chain.count < Self.extensionLimit else {
        throw place.error(.invariant("more than \(Self.extensionLimit) boards extend each other"))
      }
      chain.append(base)
    }
    var result = chain.removeLast()
    for own in chain.reversed() { result = BoardDraft(merging: own, into: result) }
    return result
  }

  /// A board, its variant, and an accelerator on the variant make three.
  static let extensionLimit = 8
}

extension ProfileNode {
  /// The values of a list with the nodes they were read from.
  func list<Value: Sendable>(
    _ read: (ProfileNode) throws(ProfileError) -> Value
  ) throws(ProfileError) -> [Placed<Value>] {
    var values: [Placed<Value>] = []
    for element in try elements() {
      values.append(Placed(value: try read(element), node: element))
    }
    return values
  }

  /// Refuses a file that was written to another version of the schema.
  package func requireSchema() throws(ProfileError) {
    let version = try text()
    guard version == "1" else {
      throw error(.invariant("schema \(version) is not known; this version reads schema 1"))
    }
  }

  /// The identifier that the file's name gives to the profile.
  func profileIdentifier(of file: ProfileFile) throws(ProfileError) -> String {
    guard file.id.isProfileIdentifier else {
      throw error(.invariant("the file's name must be made of a-z, 0-9 and '-'"))
    }
    return file.id
  }
}
