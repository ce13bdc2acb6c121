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
