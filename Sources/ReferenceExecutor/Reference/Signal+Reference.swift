import ModelIR
import Platform
import TensorTypes

extension Signal {
  func reference<S: KernelScalar>(_ use: KernelUse<S>) throws(ReferenceError) -> [ReferenceTensor<
    S
  >] {
    switch self {
    case .dft(let axis, let inverse, let onesided):
      return [try transformed(use, axis, inverse: inverse, onesided: onesided)]
    case .stft(let onesided): return [try frames(use, onesided: onesided)]
    }
  }

  private func transformed<S: KernelScalar>(
    _ use: KernelUse<S>, _ attribute: Int?, inverse: Bool, onesided: Bool
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let signal = try use.required(0)
    guard let type = use.types.first ?? nil else { throw .notEvaluated("DFT") }
    let rank = signal.dimensions.count
    let axis = try resolved(attribute ?? use.integers(2)?.first ?? -2, rank: rank)
    let isReal = signal.dimensions[rank - 1] == 1
    let given = signal.dimensions[axis]
    let length =
      use.integers(1)?.first
      ?? (inverse && onesided ? 2 * (max(1, given) - 1) : given)
    let strides = rowMajorStrides(signal.dimensions)
    let resultStrides = rowMajorStrides(type.dimensions)
    var elements = Array(repeating: S.zero, count: type.elementCount)
    var others = signal.dimensions
    (others[axis], others[rank - 1]) = (1, 1)
    for index in Indices(others) {
      func sample(_ place: Int) -> Complex<S> {
        var (place, conjugates) = (place, false)
        if inverse, onesided, place >= given, length - place < given {
          (place, conjugates) = (length - place, true)
        }
        guard place < given else { return Complex(real: .zero, imaginary: .zero) }
        let base = position(index, strides) + place * strides[axis]
        let imaginary = isReal ? .zero : signal.elements[base + 1]
        return Complex(
          real: signal.elements[base],
          imaginary: conjugates ? S(-imaginary.doubleValue) : imaginary)
      }
      let spectrum = fourierTransform((0..<length).map(sample), inverse: inverse)
      let base = position(index, resultStrides)
      for (place, value) in spectrum.prefix(type.dimensions[axis]).enumerated() {
        elements[base + place * resultStrides[axis]] = value.real
        if type.dimensions[rank - 1] == 2 {
          elements[base + place * resultStrides[axis] + 1] = value.imaginary
        }
      }
    }
    return try use.result(type.dimensions, elements)
  }

  private func frames<S: KernelScalar>(
    _ use: KernelUse<S>, onesided: Bool
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let signal = try use.required(0)
    guard let type = use.types.first ?? nil, let step = use.integers(1)?.first else {
      throw .notEvaluated("STFT")
    }
    let length =
      use.integers(3)?.first ?? use.optional(2)?.elements.count ?? signal.dimensions[1]
    let window = use.optional(2)?.elements
    guard window?.count ?? length <= length else {
      throw .invalidElement(input: 2, reason: "is longer than a frame")
    }
    let parts = signal.dimensions.count == 3 ? signal.dimensions[2] : 1
    var elements: [S] = []
    for batch in 0..<type.dimensions[0] {
      for frame in 0..<type.dimensions[1] {
        let samples = (0..<length).map { place in
          let base = (batch * signal.dimensions[1] + frame * step + place) * parts
          let factor = window.map { place < $0.count ? $0[place] : .zero }
          func windowed(_ value: S) -> S { factor.map { value * $0 } ?? value }
          return Complex(
            real: windowed(signal.elements[base]),
            imaginary: parts > 1 ? windowed(signal.elements[base + 1]) : .zero)
        }
        for value in fourierTransform(samples, inverse: false).prefix(type.dimensions[2]) {
          elements += [value.real, value.imaginary]
        }
      }
    }
    return try use.result(type.dimensions, elements)
  }
}

struct Complex<S: KernelScalar> {
  var real: S
  var imaginary: S

  /// The number `e^(i · angle)`; angles are known before a run.
  init(angle: Double) {
    real = S(cos(angle))
    imaginary = S(sin(angle))
  }
  init(real: S, imaginary: S) {
    self.real = real
    self.imaginary = imaginary
  }

  static func + (lhs: Self, rhs: Self) -> Self {
    Self(real: lhs.real + rhs.real, imaginary: lhs.imaginary + rhs.imaginary)
  }
  static func - (lhs: Self, rhs: Self) -> Self {
    Self(real: lhs.real - rhs.real, imaginary: lhs.imaginary - rhs.imaginary)
  }
  static func * (lhs: Self, rhs: Self) -> Self {
    Self(
      real: lhs.real * rhs.real - lhs.imaginary * rhs.imaginary,
      imaginary: lhs.real * rhs.imaginary + lhs.imaginary * rhs.real)
  }
}

/// `Σ xₙ e^(∓2πi nk / N)`, divided by N for the inverse. Lengths that are powers of two take
/// `N/2 · log₂ N` butterflies of one product, one sum and one difference: `5 · N · log₂ N`
/// operations. Others are summed as defined.
func fourierTransform<S: KernelScalar>(_ samples: [Complex<S>], inverse: Bool) -> [Complex<S>] {
  let count = samples.count
  guard count > 0 else { return [] }
  let turn = (inverse ? 2 : -2) * Double.pi
  var results: [Complex<S>]
  if count & (count - 1) == 0 {
    let bits = count.trailingZeroBitCount
    results = samples.indices.map { index in
      samples[
        (0..<bits).reduce(0) { $0 | (index >> $1 & 1) << (bits - 1 - $1) }]
    }
    var half = 1
    while half < count {
      for start in stride(from: 0, to: count, by: 2 * half) {
        for offset in 0..<half {
          let twiddle = Complex<S>(angle: turn * Double(offset) / Double(2 * half))
          let upper = results[start + offset]
          let lower = results[start + offset + half] * twiddle
          results[start + offset] = upper + lower
          results[start + offset + half] = upper - lower
        }
      }
      half *= 2
    }
  } else {
    results = (0..<count).map { k in
      var sum = Complex<S>(real: .zero, imaginary: .zero)
      for (n, sample) in samples.enumerated() {
        sum = sum + sample * Complex(angle: turn * Double(n * k % count) / Double(count))
      }
      return sum
    }
  }
  guard inverse else { return results }
  let scale = S(Double(count))
  return results.map { Complex(real: $0.real / scale, imaginary: $0.imaginary / scale) }
}
