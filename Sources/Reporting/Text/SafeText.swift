extension String {
  /// The text without anything that could steer a terminal or reorder a line: control characters
  /// become their pictures (`␛`, `␊`), marks of writing direction and invisible ones become `�`.
  ///
  /// Names come from model files, and whoever wrote the file chose them.
  var neutralized: String {
    guard unicodeScalars.contains(where: \.isUnsafe) else { return self }
    var scalars = UnicodeScalarView()
    for scalar in unicodeScalars {
      scalars.append(scalar.isUnsafe ? scalar.picture : scalar)
    }
    return String(scalars)
  }

  /// Columns that a terminal gives to the text: two for wide characters, none for marks that
  /// combine with the one before.
  var displayWidth: Int { reduce(0) { $0 + $1.displayWidth } }

  /// The text in at most `width` columns, its middle replaced by `…` when it is longer: names
  /// differ at both ends.
  func truncated(toWidth width: Int) -> String {
    guard displayWidth > width else { return self }
    guard width > 1 else { return width == 1 ? "…" : "" }
    let tailWidth = (width - 1) / 2
    var tail = ""
    var used = 0
    for character in reversed() {
      guard used + character.displayWidth <= tailWidth else { break }
      used += character.displayWidth
      tail.insert(character, at: tail.startIndex)
    }
    var head = ""
    used = 0
    for character in self {
      guard used + character.displayWidth <= width - 1 - tailWidth else { break }
      used += character.displayWidth
      head.append(character)
    }
    return "\(head)…\(tail)"
  }

  /// The text followed or preceded by spaces up to `width` columns.
  func padded(toWidth width: Int, alignment: Alignment) -> String {
    let padding = String(repeating: " ", count: max(0, width - displayWidth))
    switch alignment {
    case .leading: return self + padding
    case .trailing: return padding + self
    }
  }
}

extension Character {
  fileprivate var displayWidth: Int {
    guard let first = unicodeScalars.first else { return 0 }
    if first.isASCII { return 1 }
    switch first.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: return first.isWide ? 2 : 1
    }
  }
}

extension Unicode.Scalar {
  /// Whether the scalar acts on its surroundings instead of being seen.
  var isUnsafe: Bool {
    if isASCII { return value < 0x20 || value == 0x7F }
    return switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
      .unassigned:
      true
    default: false
    }
  }

  fileprivate var picture: Unicode.Scalar {
    switch value {
    case 0..<0x20: Unicode.Scalar(0x2400 + value) ?? "\u{FFFD}"
    case 0x7F: "\u{2421}"
    default: "\u{FFFD}"
    }
  }

  /// East Asian wide and fullwidth forms, and pictographs, by block.
  fileprivate var isWide: Bool {
    switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
      0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      true
    default: false
    }
  }
}
