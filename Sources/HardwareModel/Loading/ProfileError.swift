public import Quantities

/// The first fault of a hardware profile, with the place where a person mends it.
///
/// `description` is one line that editors and terminals can follow:
/// `boards/raspberry-pi-5.yaml:12:15: units[0].clusters[0].peak_rates.int8.source: missing; …`.
public struct ProfileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file as it was named to the loader.
  public let file: String
  /// Line from 1; 0 when the fault is the file as a whole.
  public let line: Int
  /// Column from 1, counted in Unicode scalars; 0 when the fault is the file as a whole.
  public let column: Int
  /// Keys and indices from the root: `units[0].clusters[1].peak_rates.int8`; empty for the root.
  public let path: String
  public let reason: Reason

  public enum Reason: Hashable, Sendable {
    case unknownKey(String, known: [String])
    /// The key stands a second time; `firstLine` is where it stood first.
    case duplicateKey(String, firstLine: Int)
    case missingKey(String)
    case wrongType(expected: String)
    case quantity(QuantityError)
    /// A word that is none of the words allowed here.
    case unknownCase(found: String, expected: [String])
    /// An identifier that names nothing.
    case unknownReference(found: String, to: String, known: [String])
    /// A rule between values that the values break, in words.
    case invariant(String)
    case yamlSyntax(String)
    /// The parser would expand them, so that a short file becomes an endless one.
    case anchorOrAlias
    case tooDeep
    case severalDocuments
    case emptyFile
    case notUTF8
    case tooLarge(limit: Bytes)
    case cannotRead(String)
  }

  public init(file: String, line: Int, column: Int, path: String, reason: Reason) {
    self.file = file
    self.line = line
    self.column = column
    self.path = path
    self.reason = reason
  }

  public var description: String {
    let place = line > 0 ? "\(file):\(line):\(column)" : file
    let subject = path.isEmpty ? "" : "\(path): "
    return onOneLine("\(place): \(subject)\(reason)")
  }
}

extension ProfileError.Reason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unknownKey(let key, let known): "unknown key '\(key)'\(advice(for: key, among: known))"
    case .duplicateKey(let key, let firstLine):
      "key '\(key)' stands twice, first in line \(firstLine)"
    case .missingKey("source"): "missing; every number needs a source"
    case .missingKey("basis"):
      "missing; every number needs a basis: " + commaList(Basis.allCases.map(\.rawValue))
    case .missingKey: "missing"
    case .wrongType(let expected): "must be \(expected)"
    case .quantity(let error): error.description
    case .unknownCase(let found, let expected):
      "'\(found)' is not known here\(advice(for: found, among: expected))"
    case .unknownReference(let found, let target, let known):
      "no \(target) has the id '\(found)'\(advice(for: found, among: known))"
    case .invariant(let rule): rule
    case .yamlSyntax(let problem): "not YAML: \(problem)"
    case .anchorOrAlias: "YAML anchors and aliases are not accepted; write the value out"
    case .tooDeep: "nested too deeply for a profile"
    case .severalDocuments: "a second YAML document begins; a profile is one"
    case .emptyFile: "the file is empty"
    case .notUTF8: "not UTF-8 text"
    case .tooLarge(let limit): "larger than \(limit), too large for a profile"
    case .cannotRead(let problem): "cannot be read: \(problem)"
    }
  }
}

/// "; did you mean 'int8'?", or the words to choose from while they are few.
private func advice(for word: String, among known: [String]) -> String {
  if let near = nearest(to: word, among: known) { return "; did you mean '\(near)'?" }
  return known.isEmpty || known.count > 30 ? "" : "; known: \(commaList(known))"
}

func commaList(_ words: [String]) -> String { words.joined(separator: ", ") }

/// Text from a file without line breaks and control characters, cut at 400 characters.
private func onOneLine(_ text: String) -> String {
  let clean = text.unicodeScalars.prefix(400).map { scalar in
    scalar.properties.generalCategory == .control ? " " : Character(scalar)
  }
  return String(clean) + (text.unicodeScalars.count > 400 ? "…" : "")
}
