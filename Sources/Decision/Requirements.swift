public import Quantities

/// What a buyer asks of a board.
public struct Requirements: Sendable, Hashable {
  /// The time in which one run must be done.
  public var deadline: Seconds?
  /// The share of the deadline that must stay free.
  public var margin: Fraction
  /// The probability with which the deadline must be met.
  public var confidence: Fraction
  public var maximumPower: Watts?
  public var maximumPrice: USDollars?
  public init(
    deadline: Seconds? = nil, margin: Fraction = .zero, confidence: Fraction = Fraction(0.5),
    maximumPower: Watts? = nil, maximumPrice: USDollars? = nil
  ) {
    self.deadline = deadline
    self.margin = margin
    self.confidence = confidence
    self.maximumPower = maximumPower
    self.maximumPrice = maximumPrice
  }

  /// Whether nothing is asked but that the model fits.
  public var isEmpty: Bool { deadline == nil && maximumPower == nil && maximumPrice == nil }

  /// The deadline less its margin.
  public var budget: Seconds? { deadline.map { (1 - margin.rawValue) * $0 } }
}
