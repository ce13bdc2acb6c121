import Quantities
import Yams

extension ProfileNode {
  /// Reads the single YAML document of a profile file.
  package init(_ file: ProfileFile) throws(ProfileError) {
    let name = file.name
    let whole = ProfilePlace(file: name, line: 0, column: 0, path: "")
    guard file.bytes.count <= ProfileFile.sizeLimit.rawValue else {
      throw whole.error(.tooLarge(limit: ProfileFile.sizeLimit))
    }
    guard let text = String(validating: file.bytes, as: UTF8.self) else {
      throw whole.error(.notUTF8)
    }
    try YAMLGuard.check(text, file: name)
    guard let root = try Self.compose(text, file: name) else { throw whole.error(.emptyFile) }
    try self.init(root, place: ProfilePlace(file: name, line: 1, column: 1, path: ""))
  }

  /// Runs the YAML parser; `nil` when there is no document.
  private static func compose(_ text: String, file: String) throws(ProfileError) -> Yams.Node? {
    do {
      return try compose(text)
    } catch let error as YamlError {
      throw error.profileError(file: file, text: text)
    } catch {
      let whole = ProfilePlace(file: file, line: 0, column: 0, path: "")
      throw whole.error(.yamlSyntax("\(error)"))
    }
  }

  private static func compose(_ text: String) throws -> Yams.Node? {
    // Yams reads from a pointer into the string, which short strings do not keep alive.
    let padded = text + String(repeating: "\n", count: 16)
    return try Yams.compose(yaml: padded, .basic, .default, .utf8)
  }

  /// Copies a YAML tree, whose depth ``YAMLGuard`` has bounded and whose keys Yams has compared.
  private init(_ node: Yams.Node, place parent: ProfilePlace) throws(ProfileError) {
    let place = parent.moved(to: node.mark)
    switch node {
    case .scalar(let scalar):
      try place.requireNoTag(scalar.tag)
      self.init(place: place, content: .scalar(scalar.string))
    case .sequence(let sequence):
      try place.requireNoTag(sequence.tag)
      var elements: [ProfileNode] = []
      elements.reserveCapacity(sequence.count)
      for (index, element) in sequence.enumerated() {
        let path = "\(place.path)[\(index)]"
        elements.append(try ProfileNode(element, place: place.with(path: path)))
      }
      self.init(place: place, content: .sequence(elements))
    case .mapping(let mapping):
      try place.requireNoTag(mapping.tag)
      var entries: [Entry] = []
      entries.reserveCapacity(mapping.count)
      for (key, value) in mapping {
        let keyNode = place.moved(to: key.mark)
        guard case .scalar(let scalar) = key else {
          throw keyNode.error(.wrongType(expected: "text, as every key"))
        }
        try keyNode.requireNoTag(scalar.tag)
        let keyPlace = keyNode.appending(scalar.string)
        let child = try ProfileNode(value, place: keyPlace)
        entries.append(Entry(key: scalar.string, keyPlace: keyPlace, value: child))
      }
      self.init(place: place, content: .mapping(entries))
    case .alias:
      throw place.error(.anchorOrAlias)
    }
  }

  /// The path of the key that stands at a place, in text that may break off behind it.
  static func path(ofKeyAt mark: Mark, in text: String, file: String) -> String? {
    guard let tree = try? compose(text) else { return nil }
    let root = ProfilePlace(file: file, line: 1, column: 1, path: "")
    guard let node = try? ProfileNode(tree, place: root) else { return nil }
    return node.path { $0.line == mark.line && $0.column == mark.column }
  }

  private func path(where isMatch: (ProfilePlace) -> Bool) -> String? {
    switch content {
    case .scalar: return nil
    case .sequence(let elements):
      for element in elements { if let path = element.path(where: isMatch) { return path } }
    case .mapping(let entries):
      for entry in entries {
        if isMatch(entry.keyPlace) { return entry.keyPlace.path }
        if let path = entry.value.path(where: isMatch) { return path }
      }
    }
    return nil
  }
}

extension ProfilePlace {
  fileprivate func moved(to mark: Mark?) -> ProfilePlace {
    guard let mark else { return self }
    return ProfilePlace(file: file, line: mark.line, column: mark.column, path: path)
  }

  fileprivate func with(path: String) -> ProfilePlace {
    ProfilePlace(file: file, line: line, column: column, path: path)
  }

  /// A tag would change what a scalar means, and profiles read scalars as text.
  fileprivate func requireNoTag(_ tag: Tag) throws(ProfileError) {
    let name = tag.rawValue
    guard name.isEmpty || plainTags.contains(name) else {
      throw error(.invariant("the YAML tag '\(name)' is not accepted"))
    }
  }
}

/// The tags that Yams gives to values without one.
private let plainTags = Set([Tag.Name.nonSpecific, .str, .seq, .map].map(\.rawValue))
