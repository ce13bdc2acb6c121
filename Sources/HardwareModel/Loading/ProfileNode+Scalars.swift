package import Quantities

extension ProfileNode {
  /// Text that is not empty; a key with nothing behind it counts as missing.
  package func text() throws(ProfileError) -> String {
    guard case .scalar(let text) = content else { throw error(.wrongType(expected: "text")) }
    guard text.contains(where: { !$0.isWhitespace }) else {
      throw error(.missingKey(place.path.split(separator: ".").last.map(String.init) ?? ""))
    }
    return text
  }

  /// An identifier: lower-case letters, digits and hyphens.
  func identifier() throws(ProfileError) -> String {
    let text = try text()
    guard text.isProfileIdentifier else {
      throw error(.wrongType(expected: "an identifier of a-z, 0-9 and '-', unlike '\(text)'"))
    }
    return text
  }

  package func integer(in range: ClosedRange<Int>) throws(ProfileError) -> Int {
    guard let value = Int(try text()) else { throw error(.wrongType(expected: "a whole number")) }
    guard range.contains(value) else {
      let bounds = "\(range.lowerBound) to \(range.upperBound)"
      throw error(.invariant("must be \(bounds), not \(value)"))
    }
    return value
  }

  /// A rate or time with its unit, above zero.
  package func positive<Value: RealQuantity>() throws(ProfileError) -> Value { try real(.positive) }

  /// A finite number without a unit.
  package func realNumber() throws(ProfileError) -> Double {
    guard let value = Double(try text()), value.isFinite else {
      throw error(.wrongType(expected: "a number"))
    }
    return value
  }

  package func flag() throws(ProfileError) -> Bool {
    let text = try text()
    switch text {
    case "true", "yes": return true
    case "false", "no": return false
    default: throw error(.unknownCase(found: text, expected: ["true", "false"]))
    }
  }

  package func choice<Choice: RawRepresentable<String> & CaseIterable>(
    of _: Choice.Type = Choice.self
  ) throws(ProfileError) -> Choice {
    let text = try text()
    guard let choice = Choice(rawValue: text) else {
      throw error(.unknownCase(found: text, expected: Choice.allCases.map(\.rawValue)))
    }
    return choice
  }

  /// A list of different words; it may be empty only where `emptyAllowed`.
  func choices<Choice: RawRepresentable<String> & CaseIterable & Hashable>(
    of _: Choice.Type = Choice.self, emptyAllowed: Bool = false
  ) throws(ProfileError) -> [Choice] {
    if emptyAllowed, case .sequence(let elements) = content, elements.isEmpty { return [] }
    var choices: [Choice] = []
    for element in try elements() {
      let choice = try element.choice(of: Choice.self)
      guard !choices.contains(choice) else {
        throw element.error(.invariant("'\(choice.rawValue)' stands in the list twice"))
      }
      choices.append(choice)
    }
    return choices
  }

  /// A list of different identifiers.
  func identifiers() throws(ProfileError) -> [String] {
    var identifiers: [String] = []
    for element in try elements() {
      let identifier = try element.identifier()
      guard !identifiers.contains(identifier) else {
        throw element.error(.invariant("'\(identifier)' stands in the list twice"))
      }
      identifiers.append(identifier)
    }
    return identifiers
  }
}

extension String {
  var isProfileIdentifier: Bool {
    !isEmpty
      && utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
          UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }
}
