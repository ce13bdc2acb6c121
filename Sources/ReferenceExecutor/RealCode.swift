import Platform
import TensorTypes

/// How a binary floating-point format of up to 16 bits spells its numbers: a sign, an exponent, a
/// fraction.
///
/// Sources: IEEE 754 (float16), ONNX `docs/docsgen/source/technical/float8.md` and `float4.md`.
struct RealCode {
  let exponentBits: Int
  let fractionBits: Int
  let bias: Int
  let hasSign: Bool
  let hasInfinity: Bool
  /// The code of what is no number; `nil` where every code is one.
  let notANumber: UInt16?

  init?(_ dtype: DType) {
    switch dtype {
    case .float16: self.init(5, 10, bias: 15, hasInfinity: true, notANumber: 0x7e00)
    case .bfloat16: self.init(8, 7, bias: 127, hasInfinity: true, notANumber: 0x7fc0)
    case .float8e4m3fn: self.init(4, 3, bias: 7, notANumber: 0x7f)
    case .float8e4m3fnuz: self.init(4, 3, bias: 8, notANumber: 0x80)
    case .float8e5m2: self.init(5, 2, bias: 15, hasInfinity: true, notANumber: 0x7f)
    case .float8e5m2fnuz: self.init(5, 2, bias: 16, notANumber: 0x80)
    case .float8e8m0: self.init(8, 0, bias: 127, hasSign: false, notANumber: 0xff)
    case .float4e2m1: self.init(2, 1, bias: 1, notANumber: nil)
    case .float32, .float64, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64,
      .bool, .int4, .uint4, .int2, .uint2, .complex64, .complex128, .string, .q4_0, .q8_0:
      return nil
    }
  }

  private init(
    _ exponentBits: Int, _ fractionBits: Int, bias: Int, hasSign: Bool = true,
    hasInfinity: Bool = false, notANumber: UInt16?
  ) {
    self.exponentBits = exponentBits
    self.fractionBits = fractionBits
    self.bias = bias
    self.hasSign = hasSign
    self.hasInfinity = hasInfinity
    self.notANumber = notANumber
  }

  private var magnitudeBits: Int { exponentBits + fractionBits }
  private var signBit: UInt16 { hasSign ? 1 << UInt16(magnitudeBits) : 0 }
  private var topExponent: Int { 1 << exponentBits - 1 }

  func value(_ code: UInt16) -> Double {
    let magnitude = Int(code & ~signBit)
    let isNegative = code & signBit != 0
    let (exponent, fraction) = (magnitude >> fractionBits, magnitude & (1 << fractionBits - 1))
    if let notANumber {
      if code == notANumber { return .nan }
      // Without a negative zero its code is the only one for what is no number.
      if notANumber != signBit, notANumber & ~signBit == code & ~signBit { return .nan }
    }
    if hasInfinity, exponent == topExponent {
      return fraction != 0 ? .nan : isNegative ? -.infinity : .infinity
    }
    let isNormal = exponent > 0 || !hasSign
    let significand = Double(fraction + (isNormal ? 1 << fractionBits : 0))
    let value = scalbn(significand, (isNormal ? exponent : 1) - bias - fractionBits)
    return isNegative ? -value : value
  }

  /// The code of a number that the format holds exactly.
  func code(_ value: Double) -> UInt16 {
    if value.isNaN { return notANumber ?? 0 }
    let sign = value.sign == .minus ? signBit : 0
    let magnitude = abs(value)
    if magnitude == 0 { return notANumber == signBit ? 0 : sign }
    if magnitude.isInfinite {
      return hasInfinity ? sign | UInt16(topExponent << fractionBits) : notANumber ?? sign
    }
    let exponent = Int(magnitude.exponent) + bias
    let isNormal = exponent > 0 || !hasSign
    let unit = scalbn(1, (isNormal ? exponent : 1) - bias - fractionBits)
    let significand = Int(magnitude / unit) - (isNormal ? 1 << fractionBits : 0)
    let code = (isNormal ? max(exponent, 0) << fractionBits : 0) | significand
    return sign | UInt16(truncatingIfNeeded: code)
  }
}
