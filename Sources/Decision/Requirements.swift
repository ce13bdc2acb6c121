public import Quantities

/// What a buyer asks of a board.
public struct Requirements: Sendable, Hashable {
  /// The time in which one run must be done.
  public var deadline: Seconds?
  /// The share of the deadline that must stay free.
  public var margin: Fraction
  public var maximumPower: Watts?
  public var maximumPrice: USDollars?
  public init(
    deadline: Seconds? = nil, margin: Fraction = .zero, maximumPower: Watts? = nil,
    maximumPrice: USDollars? = nil
  ) {
    self.deadline = deadline
    self.margin = margin
    self.maximumPower = maximumPower
    self.maximumPrice = maximumPrice
  }

  /// Whether nothing is asked but that the model fits.
  public var isEmpty: Bool { deadline == nil && maximumPower == nil && maximumPrice == nil }

  /// The deadline less its margin.
  public var budget: Seconds? { deadline.map { (1 - margin.rawValue) * $0 } }
}
