import Platform

/// A function of one number that counts as one operation.
public enum ElementaryFunction: Sendable, Hashable {
  case abs, acos, acosh, asin, asinh, atan, atanh, bitwiseNot, ceil, cos, cosh, erf, exp, floor
  case isNaN, log, not, round, sign, sin, sinh, sqrt, tan, tanh
  case isInfinite(detectsNegative: Bool, detectsPositive: Bool)

  public func callAsFunction(_ x: Double) -> Double {
    switch self {
    case .abs: Swift.abs(x)
    case .acos: Platform.acos(x)
    case .acosh: Platform.acosh(x)
    case .asin: Platform.asin(x)
    case .asinh: Platform.asinh(x)
    case .atan: Platform.atan(x)
    case .atanh: Platform.atanh(x)
    // ~x in two's complement.
    case .bitwiseNot: -x - 1
    case .ceil: x.rounded(.up)
    case .cos: Platform.cos(x)
    case .cosh: Platform.cosh(x)
    case .erf: Platform.erf(x)
    case .exp: Platform.exp(x)
    case .floor: x.rounded(.down)
    case .isNaN: x.isNaN ? 1 : 0
    case .log: Platform.log(x)
    case .not: x == 0 ? 1 : 0
    case .round: x.rounded(.toNearestOrEven)
    case .sign: x > 0 ? 1 : x < 0 ? -1 : x
    case .sin: Platform.sin(x)
    case .sinh: Platform.sinh(x)
    case .sqrt: x.squareRoot()
    case .tan: Platform.tan(x)
    case .tanh: Platform.tanh(x)
    case .isInfinite(let detectsNegative, let detectsPositive):
      x.isInfinite && (x < 0 ? detectsNegative : detectsPositive) ? 1 : 0
    }
  }
}

/// A function of two numbers that counts as one operation. Logical functions take and give 0 and 1,
/// bitwise ones whole numbers.
public enum BinaryFunction: Sendable, Hashable {
  case power
  /// The remainder with the dividend's sign.
  case truncatedRemainder
  /// The remainder with the divisor's sign.
  case floorRemainder
  case and, or, xor
  case bitwiseAnd, bitwiseOr, bitwiseXor, shiftLeft, shiftRight

  public func callAsFunction(_ x: Double, _ y: Double) -> Double {
    switch self {
    case .power: pow(x, y)
    case .truncatedRemainder: x.truncatingRemainder(dividingBy: y)
    case .floorRemainder: Self.floorRemainder(x, y)
    case .and: x != 0 && y != 0 ? 1 : 0
    case .or: x != 0 || y != 0 ? 1 : 0
    case .xor: (x != 0) != (y != 0) ? 1 : 0
    case .bitwiseAnd: Double(Self.bits(x) & Self.bits(y))
    case .bitwiseOr: Double(Self.bits(x) | Self.bits(y))
    case .bitwiseXor: Double(Self.bits(x) ^ Self.bits(y))
    case .shiftLeft: Double(Self.bits(x) << Self.distance(y))
    case .shiftRight: Double(Self.bits(x) >> Self.distance(y))
    }
  }

  private static func floorRemainder(_ x: Double, _ y: Double) -> Double {
    let remainder = x.truncatingRemainder(dividingBy: y)
    return remainder != 0 && (remainder < 0) != (y < 0) ? remainder + y : remainder
  }

  private static func bits(_ x: Double) -> Int { Int(exactly: x.rounded(.towardZero)) ?? 0 }

  /// A distance below zero is read as unsigned, and shifts everything out.
  private static func distance(_ y: Double) -> UInt { UInt(bitPattern: bits(y)) }
}
