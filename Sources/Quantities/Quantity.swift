/// A measured or counted value with a fixed unit.
///
/// Two quantities combine only when the physics does: `Bytes + FLOPs` does not compile,
/// `Bytes / BytesPerSecond` is `Seconds`. `Quantity+Dimensions.swift` holds every product and
/// quotient the package knows.
public protocol Quantity: Hashable, Comparable, Sendable, AdditiveArithmetic, Codable,
  CustomStringConvertible
{
  associatedtype RawValue: Comparable & Hashable & Sendable & Codable & SignedNumeric
  /// The value in the unit that the type's documentation states.
  var rawValue: RawValue { get }
  init(_ rawValue: RawValue)
  /// The units a person may write, with how many base units each is worth. The first is the base.
  static var units: [UnitSymbol] { get }
}

/// A unit as people write it, and its worth in the quantity's base unit.
public struct UnitSymbol: Sendable, Hashable {
  public let symbol: String
  public let factor: Double
  public init(_ symbol: String, _ factor: Double) {
    self.symbol = symbol
    self.factor = factor
  }
}

extension Quantity {
  public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
  public static var zero: Self { Self(.zero) }
  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode(RawValue.self))
  }
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}

/// A count: exact, comparable with `==`, and **saturating**: a sum or product that does not fit is
/// `.max` instead of a trap, and whoever accepts untrusted extents rejects ``isSaturated`` counts.
public protocol CountQuantity: Quantity where RawValue == Int {}

extension CountQuantity {
  public static var max: Self { Self(.max) }
  /// Whether an operation on the way here did not fit, so that the value is only a lower bound.
  public var isSaturated: Bool { rawValue == .max }

  public static func + (lhs: Self, rhs: Self) -> Self {
    let (sum, overflow) = lhs.rawValue.addingReportingOverflow(rhs.rawValue)
    return overflow ? .max : Self(sum)
  }
  public static func - (lhs: Self, rhs: Self) -> Self {
    let (difference, overflow) = lhs.rawValue.subtractingReportingOverflow(rhs.rawValue)
    return overflow ? .max : Self(difference)
  }
  public static func * (lhs: Int, rhs: Self) -> Self { Self(saturatingProduct(lhs, rhs.rawValue)) }
  public static func += (lhs: inout Self, rhs: Self) { lhs = lhs + rhs }
  /// The product of non-negative factors, saturating.
  public static func product(_ factors: Int...) -> Self {
    Self(factors.reduce(1) { saturatingProduct($0, $1) })
  }
}

/// A product of non-negative integers that is `Int.max` when it does not fit.
public func saturatingProduct(_ lhs: Int, _ rhs: Int) -> Int {
  let (product, overflow) = lhs.multipliedReportingOverflow(by: rhs)
  return overflow ? .max : product
}

/// A rate, a time, a ratio: a floating-point number with a unit.
public protocol RealQuantity: Quantity where RawValue == Double {}

extension RealQuantity {
  public static func + (lhs: Self, rhs: Self) -> Self { Self(lhs.rawValue + rhs.rawValue) }
  public static func - (lhs: Self, rhs: Self) -> Self { Self(lhs.rawValue - rhs.rawValue) }
  public static func * (lhs: Double, rhs: Self) -> Self { Self(lhs * rhs.rawValue) }
  public static func / (lhs: Self, rhs: Double) -> Self { Self(lhs.rawValue / rhs) }
  /// The pure number that says how many `rhs` make `lhs`.
  public static func / (lhs: Self, rhs: Self) -> Double { lhs.rawValue / rhs.rawValue }
  public static func += (lhs: inout Self, rhs: Self) { lhs = lhs + rhs }
}
