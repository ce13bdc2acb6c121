extension StringProtocol {
  /// The text without the spaces and tabs around it.
  public var trimmed: SubSequence { trimmed { $0 == " " || $0 == "\t" } }

  /// The text without the characters around it that a rule takes.
  public func trimmed(_ isOuter: (Character) -> Bool) -> SubSequence {
    let head = drop(while: isOuter)
    guard let end = head.lastIndex(where: { !isOuter($0) }) else { return head }
    return self[head.startIndex...end]
  }
}

/// A number rounded to as many significant digits, as Swift writes it: with an exponent only where it
/// is very small or large.
public func significant(_ number: Double, digits: Int) -> String {
  guard number != 0, number.isFinite else { return "\(number)" }
  let places = Double(digits - 1) - log10(abs(number)).rounded(.down)
  // Powers of ten are exact only from 1 on.
  let scale = pow(10, abs(places))
  return places < 0
    ? "\((number / scale).rounded() * scale)" : "\((number * scale).rounded() / scale)"
}
