import TensorTypes

/// A whole number as a scalar of kernels, exact for every integer dtype: sums and products wrap at
/// 128 bits, so what is stored in 64 bits is what 64-bit arithmetic gives. It also carries bit
/// patterns of other dtypes through operators that only move elements.
struct WholeNumber: KernelScalar {
  let value: Int128

  init(_ value: Int128) { self.value = value }

  /// Toward zero; the nearest for what is out of range, 0 for what is no number.
  init(_ value: Double) {
    self.value =
      value.isNaN
      ? 0 : Int128(exactly: value.rounded(.towardZero)) ?? (value < 0 ? Int128.min : Int128.max)
  }

  init(whole: Int) { self.init(Int128(whole)) }

  static let zero = Self(Int128(0))
  var doubleValue: Double { Double(value) }
  var wholeNumber: Int { Int(clamping: value) }

  func stored(as dtype: DType) -> Self {
    switch dtype {
    case .bool: Self(value == 0 ? Int128(0) : 1)
    case .int2: Self((value & 3 ^ 2) - 2)
    case .uint2: Self(value & 3)
    case .int4: Self((value & 15 ^ 8) - 8)
    case .uint4: Self(value & 15)
    case .int8: Self(Int128(Int8(truncatingIfNeeded: value)))
    case .uint8: Self(value & 0xff)
    case .int16: Self(Int128(Int16(truncatingIfNeeded: value)))
    case .uint16: Self(value & 0xffff)
    case .int32: Self(Int128(Int32(truncatingIfNeeded: value)))
    case .uint32: Self(Int128(UInt32(truncatingIfNeeded: value)))
    case .int64: Self(Int128(Int64(truncatingIfNeeded: value)))
    case .uint64: Self(Int128(UInt64(truncatingIfNeeded: value)))
    case .float32, .float16, .bfloat16, .float64, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2,
      .float8e5m2fnuz, .float8e8m0, .float4e2m1, .complex64, .complex128, .string, .q4_0, .q8_0:
      self
    }
  }

  static func + (lhs: Self, rhs: Self) -> Self { Self(lhs.value &+ rhs.value) }
  static func - (lhs: Self, rhs: Self) -> Self { Self(lhs.value &- rhs.value) }
  static func * (lhs: Self, rhs: Self) -> Self { Self(lhs.value &* rhs.value) }
  /// Toward zero; 0 where the divisor is.
  static func / (lhs: Self, rhs: Self) -> Self {
    rhs.value == 0 ? zero : Self(lhs.value.dividedReportingOverflow(by: rhs.value).partialValue)
  }
  static prefix func - (operand: Self) -> Self { Self(0 &- operand.value) }
  static func < (lhs: Self, rhs: Self) -> Bool { lhs.value < rhs.value }
  func isEqual(to other: Self) -> Bool { value == other.value }
  static func minimum(_ lhs: Self, _ rhs: Self) -> Self { Self(min(lhs.value, rhs.value)) }
  static func maximum(_ lhs: Self, _ rhs: Self) -> Self { Self(max(lhs.value, rhs.value)) }

  func applying(_ function: ElementaryFunction) -> Self {
    switch function {
    case .abs: value < 0 ? -self : self
    case .bitwiseNot: Self(~value)
    case .ceil, .floor, .round: self
    case .isNaN, .isInfinite: .zero
    case .not: Self(value == 0)
    case .sign: Self(value.signum())
    case .acos, .acosh, .asin, .asinh, .atan, .atanh, .cos, .cosh, .erf, .exp, .log, .sin, .sinh,
      .sqrt, .tan, .tanh:
      Self(function(doubleValue))
    }
  }

  func applying(_ function: BinaryFunction, _ other: Self) -> Self {
    let (x, y) = (value, other.value)
    return switch function {
    case .power: power(y)
    case .truncatedRemainder: Self(Self.remainder(x, y))
    case .floorRemainder:
      Self(
        Self.remainder(x, y) != 0 && (Self.remainder(x, y) < 0) != (y < 0)
          ? Self.remainder(x, y) &+ y : Self.remainder(x, y))
    case .and: Self(x != 0 && y != 0)
    case .or: Self(x != 0 || y != 0)
    case .xor: Self((x != 0) != (y != 0))
    case .bitwiseAnd: Self(x & y)
    case .bitwiseOr: Self(x | y)
    case .bitwiseXor: Self(x ^ y)
    case .shiftLeft: Self(y < 0 ? 0 : x << y)
    case .shiftRight: Self(y < 0 ? (x < 0 ? -1 : 0) : x >> y)
    }
  }

  private static func remainder(_ x: Int128, _ y: Int128) -> Int128 {
    y == 0 ? 0 : x.remainderReportingOverflow(dividingBy: y).partialValue
  }

  /// By repeated squaring; a negative power is cut toward zero.
  private func power(_ exponent: Int128) -> Self {
    guard exponent >= 0 else {
      return value == 1 || value == -1 ? (exponent & 1 == 0 ? self * self : self) : .zero
    }
    var (result, base, rest) = (Self.one, self, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result = result * base }
      base = base * base
      rest >>= 1
    }
    return result
  }
}
