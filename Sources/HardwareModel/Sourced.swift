/// A number and the reason to believe it.
public struct Sourced<Value: Sendable & Hashable>: Sendable, Hashable {
  public let value: Value
  public let basis: Basis
  /// Where the number was read, how it was measured, or from what it was derived.
  public let source: String
  public init(_ value: Value, basis: Basis, source: String) {
    self.value = value
    self.basis = basis
    self.source = source
  }
}

/// Why a number is believed, best reason first.
public enum Basis: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
  /// Observed on this hardware.
  case measured
  /// Stated by the maker.
  case datasheet
  /// Computed from measured or stated numbers by a formula in `source`.
  case derived
  /// Remembered, inferred from a similar part, or assumed.
  case estimated

  public static func < (lhs: Basis, rhs: Basis) -> Bool { lhs.rank < rhs.rank }

  private var rank: Int {
    switch self {
    case .measured: 0
    case .datasheet: 1
    case .derived: 2
    case .estimated: 3
    }
  }
}

/// A positive factor with the range that is believed to hold it nine times in ten.
public struct Factor: Sendable, Hashable {
  public let value: Double
  public let low: Double
  public let high: Double
  public init(value: Double, low: Double, high: Double) {
    self.value = value
    self.low = low
    self.high = high
  }
}
