import ModelIR

/// A positive factor as TFLite's kernels multiply integers by it: `multiplier · 2^(shift − 31)`.
///
/// Source: `QuantizeMultiplier` and `MultiplyByQuantizedMultiplier` of
/// `tensorflow/lite/kernels/internal`, with two roundings.
struct FixedPointScale: Hashable {
  /// 0, or from 2³⁰ up.
  let multiplier: Int32
  /// −31 to 30.
  let shift: Int32

  /// The nearest; 0 for what is below 2⁻³² or no positive number, and the greatest for what is above
  /// 2³⁰.
  init(_ factor: Double) {
    guard factor > 0, !factor.isNaN else { (multiplier, shift) = (0, 0); return }
    guard factor < 0x1p30 else { (multiplier, shift) = (.max, 30); return }
    var exponent = Int32(clamping: factor.exponent) + 1
    var digits = Int64((factor.significand * 0x1p30).rounded(.toNearestOrAwayFromZero))
    if digits == 1 << 31 {
      digits /= 2
      exponent += 1
    }
    (multiplier, shift) =
      exponent < -31 ? (0, 0) : exponent > 30 ? (.max, 30) : (Int32(digits), exponent)
  }

  private init(multiplier: Int32, shift: Int32) {
    self.multiplier = multiplier
    self.shift = shift
  }

  /// The product, rounded to 32 bits with halves upward, and then by the shift with halves away from
  /// zero. A shift to the left comes first, and what it pushes out is lost.
  func callAsFunction(_ number: Int32) -> Int32 {
    let wide = Int64(number << max(shift, 0)) * Int64(multiplier)
    let high = Int32(truncatingIfNeeded: (wide + 1 << 30) >> 31)
    guard shift < 0 else { return high }
    let mask = Int32(truncatingIfNeeded: (Int64(1) << Int64(-shift)) - 1)
    let half = (mask >> 1) + (high < 0 ? 1 : 0)
    return (high >> -shift) + (high & mask > half ? 1 : 0)
  }

  /// A factor that divides by a count as well, as TFLite's mean does: the multiplier is divided, with
  /// as many digits more as the count has.
  func divided(by count: Int) -> Self {
    guard count > 0 else { return self }
    let digits = Int32(clamping: min(Int.bitWidth - 1 - count.leadingZeroBitCount, 32))
    let places = max(min(digits, 31 + shift), 0)
    let quotient = (Int64(multiplier) << Int64(places)) / Int64(count)
    return Self(multiplier: Int32(clamping: quotient), shift: shift - places)
  }
}

extension FixedPointScale {
  /// From scales of data, weights and result. TFLite rounds the product of the first two to float32
  /// where one factor serves all channels (`GetQuantizedConvolutionMultipler`).
  init(data: Double, weights: Double, result: Double, isShared: Bool) {
    self.init((isShared ? Double(Float(data * weights)) : data * weights) / result)
  }
}

/// The sum or product of two quantized numbers in fixed point.
///
/// Source: `tensorflow/lite/kernels/add.cc` and `mul.cc`.
struct FixedPointBinary {
  private let left: FixedPointScale?
  private let right: FixedPointScale?
  private let leftZero: Int32
  private let rightZero: Int32
  let result: FixedPointScale

  /// Digits behind the point that a sum has on the way.
  private static let fraction: Int32 = 20

  /// A scale and its zero point, of each operand.
  init(
    multiplies: Bool, left: (scale: Float, zeroPoint: Int32),
    right: (scale: Float, zeroPoint: Int32),
    resultScale: Float
  ) {
    (leftZero, rightZero) = (left.zeroPoint, right.zeroPoint)
    if multiplies {
      (self.left, self.right) = (nil, nil)
      result = FixedPointScale(Double(left.scale * right.scale / resultScale))
    } else {
      let greatest = Double(2 * max(left.scale, right.scale))
      self.left = FixedPointScale(Double(left.scale) / greatest)
      self.right = FixedPointScale(Double(right.scale) / greatest)
      result = FixedPointScale(greatest / (Double(1 << Self.fraction) * Double(resultScale)))
    }
  }

  /// What is combined in place of an operand's stored number.
  func leftTerm(_ number: Int32) -> Int32 { Self.term(left, number &- leftZero) }
  func rightTerm(_ number: Int32) -> Int32 { Self.term(right, number &- rightZero) }

  private static func term(_ scale: FixedPointScale?, _ number: Int32) -> Int32 {
    scale.map { $0(number << fraction) } ?? number
  }

  func callAsFunction(_ x: Int32, _ y: Int32) -> Int32 {
    let (x, y) = (leftTerm(x), rightTerm(y))
    return result(left == nil ? x &* y : x &+ y)
  }
}

/// A leaky rectifier of quantized numbers in fixed point: one factor from zero up, another below.
///
/// Source: `QuantizeLeakyRelu` of `tensorflow/lite/kernels/internal`, and `activations.cc`.
struct FixedPointLeakyRelu {
  private let positive: FixedPointScale
  private let negative: FixedPointScale
  private let zeroPoint: Int32

  init(alpha: Double, scale: Float, zeroPoint: Int32, resultScale: Float) {
    positive = FixedPointScale(Double(scale / resultScale))
    negative = FixedPointScale(Double(scale * Float(alpha) / resultScale))
    self.zeroPoint = zeroPoint
  }

  /// The stored number of the result, without its zero point.
  func callAsFunction(_ number: Int32) -> Int32 {
    let number = number &- zeroPoint
    return number >= 0 ? positive(number) : negative(number)
  }
}

extension KernelScalar {
  /// A whole number of 32 bits; sums wrap there.
  var fixed: Int32 { Int32(truncatingIfNeeded: wholeNumber) }
}
