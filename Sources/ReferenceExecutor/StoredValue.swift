import TensorTypes

extension DType {
  /// The least and the greatest whole number of an integer dtype or Boolean, as far as `Double`
  /// holds them; `nil` for others.
  var wholeNumberRange: ClosedRange<Double>? {
    switch self {
    case .bool: 0...1
    case .int2: -2...1
    case .uint2: 0...3
    case .int4: -8...7
    case .uint4: 0...15
    case .int8: -128...127
    case .uint8: 0...255
    case .int16: -32_768...32_767
    case .uint16: 0...65_535
    case .int32: -2_147_483_648...2_147_483_647
    case .uint32: 0...4_294_967_295
    case .int64: -0x1p63...0x1p63
    case .uint64: 0...0x1p64
    case .float32, .float16, .bfloat16, .float64, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2,
      .float8e5m2fnuz, .float8e8m0, .float4e2m1, .complex64, .complex128, .string, .q4_0, .q8_0:
      nil
    }
  }

  /// The numbers an affine-quantized element may have: those of an integer dtype, or the finite ones
  /// of a small floating-point format.
  var quantizedRange: ClosedRange<Double> {
    if let range = wholeNumberRange { return range }
    let greatest = realFormat?.greatest ?? .greatestFiniteMagnitude
    return -greatest...greatest
  }

  /// A binary floating-point format narrower than `Double`.
  struct RealFormat {
    /// Bits of the significand, the leading one included.
    let precision: Int
    /// The exponent of the least normal number.
    let leastExponent: Int
    let greatest: Double
    /// What numbers that round above the greatest become.
    let overflow: Double
  }

  var realFormat: RealFormat? {
    switch self {
    case .float32:
      RealFormat(
        precision: 24, leastExponent: -126, greatest: Double(Float.greatestFiniteMagnitude),
        overflow: .infinity)
    case .float16:
      RealFormat(precision: 11, leastExponent: -14, greatest: 65_504, overflow: .infinity)
    case .bfloat16:
      RealFormat(precision: 8, leastExponent: -126, greatest: 0x1.fep127, overflow: .infinity)
    case .float8e4m3fn:
      RealFormat(precision: 4, leastExponent: -6, greatest: 448, overflow: 448)
    case .float8e4m3fnuz:
      RealFormat(precision: 4, leastExponent: -7, greatest: 240, overflow: 240)
    case .float8e5m2:
      RealFormat(precision: 3, leastExponent: -14, greatest: 57_344, overflow: 57_344)
    case .float8e5m2fnuz:
      RealFormat(precision: 3, leastExponent: -15, greatest: 57_344, overflow: 57_344)
    case .float8e8m0:
      RealFormat(precision: 1, leastExponent: -127, greatest: 0x1p127, overflow: 0x1p127)
    case .float4e2m1: RealFormat(precision: 2, leastExponent: 0, greatest: 6, overflow: 6)
    case .float64, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .bool, .int4,
      .uint4, .int2, .uint2, .complex64, .complex128, .string, .q4_0, .q8_0:
      nil
    }
  }

  func stored(_ value: Double) -> Double {
    if self == .bool { return value != 0 ? 1 : 0 }
    if let range = wholeNumberRange {
      guard value.isFinite else { return 0 }
      let whole = value.rounded(.towardZero)
      if range.contains(whole) { return whole }
      let modulus = range.upperBound - range.lowerBound + (range.upperBound < 0x1p53 ? 1 : 0)
      let wrapped = (whole - range.lowerBound).truncatingRemainder(dividingBy: modulus)
      return range.lowerBound + (wrapped < 0 ? wrapped + modulus : wrapped)
    }
    if self == .float4e2m1, value.isNaN { return 0 }
    guard let format = realFormat, !value.isNaN, value != 0 else { return value }
    let rounded = rounded(value)
    guard abs(rounded) > format.greatest else { return rounded }
    return rounded < 0 ? -format.overflow : format.overflow
  }

  /// To the precision of a floating-point format, whose greatest number is not minded.
  func rounded(_ value: Double) -> Double {
    guard let format = realFormat, value.isFinite, value != 0 else { return value }
    let exponent = Swift.max(Int(value.exponent), format.leastExponent) - (format.precision - 1)
    let unit = Double(sign: .plus, exponent: exponent, significand: 1)
    // A format of powers of two alone rounds up.
    let rule: FloatingPointRoundingRule = format.precision == 1 ? .up : .toNearestOrEven
    return (value / unit).rounded(rule) * unit
  }
}
