/// Refuses text that the YAML parser would expand or nest without end, before the parser sees it.
///
/// Yams puts a copy of the anchored tree where an alias stands and then hashes mapping keys, which
/// takes exponential time for an alias bomb, and it recurses once a nesting level. The checks know
/// no quotes and so refuse a little more than they must: an `&` that follows a space and precedes
/// a letter, even in a comment.
enum YAMLGuard {
  /// Profiles nest seven levels.
  static let bracketLimit = 256
  static let indentLimit = 128

  static func check(_ text: String, file: String) throws(ProfileError) {
    var line = 1
    var column = 0
    var brackets = 0
    var inPrefix = true
    var last: Unicode.Scalar = "\n"
    var beforeLast: Unicode.Scalar = "\n"
    for scalar in text.unicodeScalars {
      column += 1
      func fault(_ reason: ProfileError.Reason, back: Int = 0) -> ProfileError {
        ProfileError(file: file, line: line, column: column - back, path: "", reason: reason)
      }
      if last == "&", scalar.continuesAnchor, !beforeLast.staysInsideScalar {
        throw fault(.anchorOrAlias, back: 1)
      }
      switch scalar {
      case "[", "{": brackets += 1
      case "]", "}": brackets = max(0, brackets - 1)
      case " ", "\t", "-", "?", ":", "\u{FEFF}": break
      default: inPrefix = false
      }
      if brackets > bracketLimit || inPrefix && column > indentLimit { throw fault(.tooDeep) }
      if scalar.breaksLine {
        if !(scalar == "\n" && last == "\r") { line += 1 }
        column = 0
        inPrefix = true
      }
      beforeLast = last
      last = scalar
    }
  }
}

extension Unicode.Scalar {
  /// The line breaks of YAML 1.1.
  fileprivate var breaksLine: Bool {
    switch self {
    case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": true
    default: false
    }
  }

  fileprivate var continuesAnchor: Bool {
    isASCII && (properties.isAlphabetic || ("0"..."9").contains(self)) || self == "-" || self == "_"
  }

  /// Whether an `&` directly behind belongs to running text, as in "R&D" or "?a=1&b=2".
  fileprivate var staysInsideScalar: Bool {
    switch self {
    case "=", "/", ".", "_", "-", ")": true
    default: isASCII && (properties.isAlphabetic || ("0"..."9").contains(self))
    }
  }
}
