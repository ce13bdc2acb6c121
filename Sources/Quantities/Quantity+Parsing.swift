/// Why a text is not the quantity that was expected.
public enum QuantityError: Error, Hashable, Sendable, CustomStringConvertible {
  case notANumber(String)
  case wrongUnit(found: String, expected: [String])
  case notWhole(String, unit: String)
  case outOfRange(String)

  public var description: String {
    switch self {
    case .notANumber(let text): "'\(text)' does not start with a number"
    case .wrongUnit(let found, let expected):
      "unit '\(found)' is not one of \(expected.joined(separator: ", "))"
    case .notWhole(let text, let unit): "'\(text)' is not a whole number of \(unit)"
    case .outOfRange(let text): "'\(text)' is out of range"
    }
  }
}

extension Quantity {
  /// Splits "25.6 GB/s" into its number in base units; the unit must be one of ``units``.
  fileprivate static func baseValue(of text: String) throws(QuantityError) -> Double {
    let trimmed = text.trimmingSpaces()
    let numberEnd = trimmed.endOfNumber
    guard let number = Double(trimmed[..<numberEnd]), number.isFinite else {
      throw .notANumber(text)
    }
    let unit = String(trimmed[numberEnd...]).trimmingSpaces()
    guard let match = units.first(where: { $0.symbol == unit }) else {
      throw .wrongUnit(found: unit, expected: units.map(\.symbol))
    }
    // A power of ten below one is not exact; its reciprocal is, so 70 % is the nearest to 0.7.
    return match.factor < 1 ? number / (1 / match.factor).rounded() : number * match.factor
  }
}

extension CountQuantity {
  /// Reads "8 GiB"; the value must be a whole, non-negative number of base units.
  public init(parsing text: String) throws(QuantityError) {
    let value = try Self.baseValue(of: text)
    guard value == value.rounded() else {
      throw .notWhole(text, unit: Self.units[0].symbol)
    }
    guard value >= 0, let exact = Int(exactly: value) else { throw .outOfRange(text) }
    self.init(exact)
  }
}

extension RealQuantity {
  /// Reads "25.6 GB/s", "20ms", "15 W".
  public init(parsing text: String) throws(QuantityError) {
    self.init(try Self.baseValue(of: text))
  }
}

extension String {
  fileprivate func trimmingSpaces() -> String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }

  /// The end of the longest prefix written as a decimal number, exponent included.
  fileprivate var endOfNumber: Index {
    var index = startIndex
    func advance(while condition: (Character) -> Bool) {
      while index < endIndex, condition(self[index]) { index = self.index(after: index) }
    }
    advance { "+-".contains($0) }
    advance { $0.isASCII && $0.isNumber || $0 == "." }
    if index < endIndex, "eE".contains(self[index]) {
      let mantissaEnd = index
      index = self.index(after: index)
      advance { "+-".contains($0) }
      let exponentStart = index
      advance { $0.isASCII && $0.isNumber }
      if index == exponentStart { index = mantissaEnd }
    }
    return index
  }
}
