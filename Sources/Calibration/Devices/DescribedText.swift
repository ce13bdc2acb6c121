import Platform

/// Text about a device, prepared for looking words up: lower case, with hyphens and underscores as
/// spaces, so that "Cortex-A53" and "cortex a53" are one word.
struct DescribedText {
  let letters: [Character]

  init(_ text: String) {
    letters = text.lowercased().filter { $0 != "®" && $0 != "™" }.map {
      $0 == "-" || $0 == "_" ? " " : $0
    }
  }

  private init(letters: [Character]) { self.letters = letters }

  subscript(range: Range<Int>) -> DescribedText { DescribedText(letters: Array(letters[range])) }

  /// Where a phrase stands as whole words.
  func occurrences(of phrase: String) -> [Range<Int>] {
    let wanted = DescribedText(phrase).letters
    guard let first = wanted.first, let last = wanted.last, wanted.count <= letters.count else {
      return []
    }
    var found: [Range<Int>] = []
    for start in 0...(letters.count - wanted.count) where letters[start] == first {
      let end = start + wanted.count
      guard letters[start..<end].elementsEqual(wanted) else { continue }
      if first.isWordLetter, start > 0, letters[start - 1].isWordLetter { continue }
      if last.isWordLetter, end < letters.count, letters[end].isWordLetter { continue }
      // "Zen 2.0 GHz" is no Zen 2.
      if last.isASCIIDigit, end + 1 < letters.count, letters[end] == ".",
        letters[end + 1].isASCIIDigit
      {
        continue
      }
      found.append(start..<end)
    }
    return found
  }

  /// Where a name stands; ` & ` in it stands between phrases that need not be neighbours. The length
  /// is that of all phrases together, to prefer the most special name.
  func match(_ name: String) -> Int? {
    var length = 0
    for part in name.split(separator: " & ").map(String.init) {
      guard !occurrences(of: part).isEmpty else { return nil }
      length += part.count
    }
    return length
  }

  /// A clock as it is written, with where it stands.
  struct Clock {
    let hertz: Double
    let range: Range<Int>
  }

  var clocks: [Clock] {
    var found: [Clock] = []
    var index = 0
    while index < letters.count {
      guard letters[index].isASCIIDigit, index == 0 || !letters[index - 1].isNumberLetter else {
        index += 1
        continue
      }
      var end = index
      while end < letters.count, letters[end].isNumberLetter { end += 1 }
      var unit = end
      while unit < letters.count, letters[unit] == " " { unit += 1 }
      let word = String(letters[unit..<min(unit + 3, letters.count)])
      let factor: Double? = word == "ghz" ? 1e9 : word == "mhz" ? 1e6 : nil
      if let factor, let value = Double(String(letters[index..<end])), value > 0 {
        found.append(Clock(hertz: value * factor, range: index..<(unit + 3)))
        index = unit + 3
      } else {
        index = end
      }
    }
    return found
  }

  /// A count of cores: "x 4", "4 x", "quad core".
  var count: Int? {
    for (word, count) in [("dual core", 2), ("quad core", 4), ("six core", 6), ("octa core", 8)]
    where !occurrences(of: word).isEmpty { return count }
    for (index, letter) in letters.enumerated() where "x×*".contains(letter) {
      let isWord =
        index > 0 && letters[index - 1].isLetter
        || index + 1 < letters.count && letters[index + 1].isLetter
      if isWord { continue }
      if let after = number(from: index + 1, step: 1) { return after }
      if let before = number(from: index - 1, step: -1) { return before }
    }
    return nil
  }

  /// The whole number next to a position, spaces between.
  private func number(from start: Int, step: Int) -> Int? {
    var index = start
    while letters.indices.contains(index), letters[index] == " " { index += step }
    var digits: [Character] = []
    while letters.indices.contains(index), letters[index].isASCIIDigit, digits.count < 4 {
      digits.append(letters[index])
      index += step
    }
    // A decimal point makes it a clock's number, and a letter a name's.
    if letters.indices.contains(index), letters[index] == "." || letters[index].isLetter {
      return nil
    }
    let value = Int(String(step > 0 ? digits : digits.reversed()))
    return value.flatMap { $0 > 0 ? $0 : nil }
  }

  /// The parts between plus signs and double ampersands: one cluster or accelerator each.
  var parts: [Range<Int>] {
    var parts: [Range<Int>] = []
    var start = 0
    for index in letters.indices {
      let isPlus = letters[index] == "+" && !(index > 0 && letters[index - 1].isWordLetter)
      let isAnd = letters[index] == "&" && index + 1 < letters.count && letters[index + 1] == "&"
      if isPlus || isAnd {
        parts.append(start..<index)
        start = index + (isAnd ? 2 : 1)
      }
    }
    parts.append(min(start, letters.count)..<letters.count)
    return parts
  }

  /// Whether the part is about a graphics or neural unit.
  var isAccelerator: Bool {
    [
      "gpu", "igpu", "radeon", "mali", "adreno", "powervr", "graphics", "tensor", "volta", "pascal",
      "geforce", "npu", "vega", "nvidia pascal",
    ]
    .contains { !occurrences(of: $0).isEmpty }
  }
}

extension Character {
  fileprivate var isWordLetter: Bool { isLetter || isNumber }
  fileprivate var isASCIIDigit: Bool { "0" <= self && self <= "9" }
  fileprivate var isNumberLetter: Bool { isASCIIDigit || self == "." }
}
