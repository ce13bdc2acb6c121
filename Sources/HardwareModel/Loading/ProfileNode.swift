/// Where a value of a profile stands.
package struct ProfilePlace: Hashable, Sendable {
  let file: String
  package let line: Int
  let column: Int
  let path: String

  package func error(_ reason: ProfileError.Reason) -> ProfileError {
    ProfileError(file: file, line: line, column: column, path: path, reason: reason)
  }

  /// The place of a key that is missing: the mapping's, with the key's path.
  func appending(_ key: String) -> ProfilePlace {
    let path = path.isEmpty ? key : "\(path).\(key)"
    return ProfilePlace(file: file, line: line, column: column, path: path)
  }
}

/// A value of a profile as it is written: every scalar is text, keys are unique text.
package struct ProfileNode: Sendable {
  package enum Content: Sendable {
    case scalar(String)
    case sequence([ProfileNode])
    case mapping([Entry])
  }
  package struct Entry: Sendable {
    package let key: String
    /// Where the key itself stands.
    package let keyPlace: ProfilePlace
    package let value: ProfileNode
  }
  package let place: ProfilePlace
  package let content: Content

  package func error(_ reason: ProfileError.Reason) -> ProfileError { place.error(reason) }

  /// The node under a key, or this node when there is none: for places of errors only.
  func child(_ key: String) -> ProfileNode {
    guard case .mapping(let entries) = content else { return self }
    return entries.first { $0.key == key }?.value ?? self
  }

  /// The element at an index, or this node when there is none: for places of errors only.
  func child(_ index: Int) -> ProfileNode {
    guard case .sequence(let elements) = content, elements.indices.contains(index) else {
      return self
    }
    return elements[index]
  }

  package func entries() throws(ProfileError) -> [Entry] {
    guard case .mapping(let entries) = content else {
      throw error(.wrongType(expected: "a mapping"))
    }
    return entries
  }

  /// The elements of a list that has at least one.
  package func elements() throws(ProfileError) -> [ProfileNode] {
    guard case .sequence(let elements) = content else {
      throw error(.wrongType(expected: "a list"))
    }
    guard !elements.isEmpty else { throw error(.invariant("the list is empty")) }
    return elements
  }

  /// The values of a mapping by the cases of `Key`; a key that is no case is an error.
  package func fields<Key: ProfileKey>(_: Key.Type = Key.self) throws(ProfileError) -> Fields<Key> {
    var values: [Key: ProfileNode] = [:]
    for entry in try entries() {
      guard let key = Key(rawValue: entry.key) else {
        if case .scalar("") = entry.value.content {
          throw entry.keyPlace.error(
            .invariant("a key without a value; text with a comma stands in quotes"))
        }
        let known = Key.allCases.map(\.rawValue)
        throw entry.keyPlace.error(.unknownKey(entry.key, known: known))
      }
      values[key] = entry.value
    }
    return Fields(place: place, values: values)
  }
}

/// The keys that one mapping may have.
package protocol ProfileKey: RawRepresentable<String>, CaseIterable, Hashable {}

/// A mapping whose keys are all known.
package struct Fields<Key: ProfileKey> {
  package let place: ProfilePlace
  fileprivate let values: [Key: ProfileNode]

  var isEmpty: Bool { values.isEmpty }
  package subscript(key: Key) -> ProfileNode? { values[key] }

  package func required(_ key: Key) throws(ProfileError) -> ProfileNode {
    guard let node = values[key] else {
      throw place.appending(key.rawValue).error(.missingKey(key.rawValue))
    }
    return node
  }
}
