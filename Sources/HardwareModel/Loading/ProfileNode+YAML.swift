import Quantities

extension ProfileNode {
  /// Reads the single YAML document of a profile file.
  package init(_ file: ProfileFile) throws(ProfileError) {
    try self.init(yaml: file.bytes, name: file.name)
  }

  /// Reads a single YAML document; `name` is what errors call its file.
  package init(yaml bytes: [UInt8], name: String) throws(ProfileError) {
    let whole = ProfilePlace(file: name, line: 0, column: 0, path: "")
    guard bytes.count <= ProfileFile.sizeLimit.rawValue else {
      throw whole.error(.tooLarge(limit: ProfileFile.sizeLimit))
    }
    guard String(validating: bytes, as: UTF8.self) != nil else { throw whole.error(.notUTF8) }
    var reader = ProfileReader(bytes, file: name)
    guard let root = try reader.document() else { throw whole.error(.emptyFile) }
    self = root
  }
}

/// Builds the tree of a profile from the events of its text, and refuses what YAML has and profiles
/// have not: aliases, which make an endless tree of a short text, tags, keys that are no text or
/// stand twice, and nesting without end.
private struct ProfileReader: ~Copyable {
  /// Profiles nest seven levels.
  private static let depthLimit = 64

  private let file: String
  private var events: YAMLEvents

  init(_ bytes: [UInt8], file: String) {
    self.file = file
    events = YAMLEvents(bytes)
  }

  /// The only document; `nil` when there is none.
  mutating func document() throws(ProfileError) -> ProfileNode? {
    _ = try next()
    guard case .documentStart = try next().kind else { return nil }
    let root = try node(try next(), path: "", depth: 0)
    _ = try next()
    let last = try next()
    guard case .streamEnd = last.kind else {
      throw place(of: last, path: "").error(.severalDocuments)
    }
    return root
  }

  private mutating func next() throws(ProfileError) -> YAMLEvent {
    do throws(YAMLSyntaxError) {
      return try events.next()
    } catch {
      throw ProfileError(
        file: file, line: error.line, column: error.column, path: "",
        reason: .yamlSyntax(error.problem))
    }
  }

  private func place(of event: YAMLEvent, path: String) -> ProfilePlace {
    ProfilePlace(file: file, line: event.line, column: event.column, path: path)
  }

  /// The value that begins with an event.
  private mutating func node(
    _ event: YAMLEvent, path: String, depth: Int
  ) throws(ProfileError) -> ProfileNode {
    let place = place(of: event, path: path)
    try requirePlain(event, at: place)
    guard depth < Self.depthLimit else { throw place.error(.tooDeep) }
    switch event.kind {
    case .sequenceStart:
      var elements: [ProfileNode] = []
      while true {
        let event = try next()
        if case .end = event.kind { break }
        elements.append(try node(event, path: "\(path)[\(elements.count)]", depth: depth + 1))
      }
      return ProfileNode(place: place, content: .sequence(elements))
    case .mappingStart:
      return ProfileNode(place: place, content: .mapping(try entries(of: place, depth: depth)))
    case .scalar(let text):
      return ProfileNode(place: place, content: .scalar(text))
    case .alias, .end, .streamStart, .streamEnd, .documentStart, .documentEnd:
      throw place.error(.anchorOrAlias)
    }
  }

  private mutating func entries(
    of mapping: ProfilePlace, depth: Int
  ) throws(ProfileError) -> [ProfileNode.Entry] {
    var entries: [ProfileNode.Entry] = []
    var firstLines: [String: Int] = [:]
    while true {
      let event = try next()
      if case .end = event.kind { return entries }
      let keyNode = place(of: event, path: mapping.path)
      try requirePlain(event, at: keyNode)
      guard case .scalar(let key) = event.kind else {
        throw keyNode.error(.wrongType(expected: "text, as every key"))
      }
      let keyPlace = keyNode.appending(key)
      if let firstLine = firstLines.updateValue(event.line, forKey: key) {
        throw keyPlace.error(.duplicateKey(key, firstLine: firstLine))
      }
      let value = try node(try next(), path: keyPlace.path, depth: depth + 1)
      entries.append(ProfileNode.Entry(key: key, keyPlace: keyPlace, value: value))
    }
  }

  /// An anchor announces aliases, and a tag would change what a scalar means: profiles read scalars
  /// as text.
  private func requirePlain(_ event: YAMLEvent, at place: ProfilePlace) throws(ProfileError) {
    if case .alias = event.kind { throw place.error(.anchorOrAlias) }
    if event.hasAnchor { throw place.error(.anchorOrAlias) }
    if let tag = event.tag, !plainTags.contains(tag) {
      throw place.error(.invariant("the YAML tag '\(tag)' is not accepted"))
    }
  }
}

/// The tags that say what a value is without them.
private let plainTags: Set = [
  "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map",
]
