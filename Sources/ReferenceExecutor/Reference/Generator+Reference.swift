import ModelIR
import Platform
import TensorTypes

extension Generator {
  func reference<S: KernelScalar>(_ use: KernelUse<S>) throws(ReferenceError) -> [ReferenceTensor<
    S
  >] {
    switch self {
    case .constant(let type, let literal):
      guard let literal, let tensor = ReferenceTensor<S>(literal) else {
        throw .notEvaluated("a constant of \(type) without its elements")
      }
      return [tensor]
    case .constantOfShape(_, let value):
      let shape = use.integers(0) ?? []
      let element = S(value?.reals.first ?? 0)
      return [try use.result(shape, Array(repeating: element, count: elementCount(shape)))]
    case .eyeLike(_, let diagonal):
      let shape = try use.required(0).dimensions
      return [try use.result(shape, Indices(shape).map { S($0[1] &- $0[0] == diagonal) })]
    case .range:
      guard let start = use.scalar(0), let step = use.scalar(2) else { return [] }
      let count = use.types.first??.elementCount ?? 0
      return [try use.result([count], (0..<count).map { start + S(Double($0)) * step })]
    case .shape:
      return [try shape(of: use.required(0).type, use)]
    case .size:
      return [try use.result([], [S(Double(try use.required(0).type.elementCount))])]
    case .window(let window, _, let isPeriodic):
      let count = use.integers(0)?.first ?? 0
      let period = isPeriodic ? count : max(count - 1, 1)
      return [try use.result([count], (0..<count).map { window.value($0, of: period) })]
    case .melWeightMatrix: return [try melWeights(use)]
    case .random(let random): return [try random.reference(use)]
    case .priorBoxes(let boxes): return [try boxes.reference(use)]
    }
  }

  private func shape<S: KernelScalar>(
    of type: TensorType, _ use: KernelUse<S>
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    guard case .shape(let start, let end) = self else { throw .inconsistent("no shape") }
    func clamped(_ axis: Int) -> Int { min(max(axis < 0 ? axis + type.rank : axis, 0), type.rank) }
    let first = clamped(start)
    let extents = type.dimensions[first..<max(first, clamped(end ?? type.rank))]
    return try use.result([extents.count], extents.map { S(Double($0)) })
  }

  /// Triangles on the mel scale, each from the centre of the one before to that of the one after;
  /// their corners are whole bins.
  private func melWeights<S: KernelScalar>(
    _ use: KernelUse<S>
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    guard let bands = use.integers(0)?.first, let length = use.integers(1)?.first,
      let rate = use.integers(2)?.first, let low = use.scalar(3)?.doubleValue,
      let high = use.scalar(4)?.doubleValue, rate > 0
    else { throw .invalidElement(input: 2, reason: "is no sample rate") }
    func mel(_ frequency: Double) -> Double { 2595 * log10(1 + frequency / 700) }
    let step = (mel(high) - mel(low)) / Double(bands + 2)
    let corners = (0..<bands + 2).map { index in
      let frequency = 700 * (pow(10, (mel(low) + Double(index) * step) / 2595) - 1)
      return (Double(length + 1) * frequency / Double(rate)).rounded(.down)
    }
    let bins = length / 2 + 1
    let elements = Indices([bins, bands]).map { index in
      let (bin, band) = (S(Double(index[0])), index[1])
      let center = corners[band + 1]
      // A side without extent still falls to zero at the next bin.
      let start = min(corners[band], center - 1)
      let end = max(corners[band + 2], center + 1)
      let rising = (bin - S(start)) / S(center - start)
      let falling = (S(end) - bin) / S(end - center)
      return S.maximum(S.minimum(rising, falling), .zero)
    }
    return try use.result([bins, bands], elements)
  }
}

extension Generator.Window {
  /// Element `index` of a window of a period: one cosine term, or two.
  fileprivate func value<S: KernelScalar>(_ index: Int, of count: Int) -> S {
    func term(_ harmonic: Double) -> S {
      (S(Double(index)) * S(2 * Double.pi * harmonic / Double(count))).applying(.cos)
    }
    switch self {
    case .hann: return S(0.5) - S(0.5) * term(1)
    case .hamming: return S(25.0 / 46) - S(21.0 / 46) * term(1)
    case .blackman: return S(0.42) - S(0.5) * term(1) + S(0.08) * term(2)
    }
  }
}

extension Generator.Random {
  fileprivate func reference<S: KernelScalar>(
    _ use: KernelUse<S>
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let shape = use.types.first??.dimensions ?? []
    let count = elementCount(shape)
    switch self {
    case .normal, .normalLike:
      // Box and Muller, with mean 0 and deviation 1.
      return try use.result(
        shape,
        (0..<count).map { _ in
          let radius = (S(-2) * S.drawn().applying(.log)).applying(.sqrt)
          let angle = S(2 * Double.pi) * S.drawn()
          return S.zero + .one * (radius * angle.applying(.cos))
        })
    case .uniform, .uniformLike:
      return try use.result(shape, (0..<count).map { _ in S.zero + .one * S.drawn() })
    case .bernoulli:
      let probabilities = try use.required(0).elements
      return try use.result(shape, probabilities.map { S(S.drawn() < $0) })
    case .multinomial(let sampleCount, _):
      let scores = try use.required(0)
      let classes = scores.dimensions[1]
      var samples: [S] = []
      for row in 0..<scores.dimensions[0] {
        var sum = S.zero
        var bounds: [S] = []
        for score in scores.elements[row * classes..<(row + 1) * classes] {
          sum += score.applying(.exp)
          bounds.append(sum)
        }
        for _ in 0..<sampleCount {
          let drawn = S.drawn() * sum
          samples.append(S(Double(Self.place(of: drawn, in: bounds))))
        }
      }
      return try use.result(shape, samples)
    }
  }

  /// The first bound above a number, by `⌈log₂ count⌉` comparisons.
  private static func place<S: KernelScalar>(of value: S, in bounds: [S]) -> Int {
    let steps = bounds.count <= 1 ? 0 : Int.bitWidth - (bounds.count - 1).leadingZeroBitCount
    var (low, size) = (0, 1 << steps)
    for _ in 0..<steps {
      size /= 2
      let middle = low + size - 1
      let isAbove = value < bounds[min(middle, bounds.count - 1)]
      if !isAbove, middle < bounds.count - 1 { low = middle + 1 }
    }
    return low
  }
}

extension KernelScalar {
  /// A number from 0 up to, and without, 1: random bits, scaled by one multiply.
  fileprivate static func drawn() -> Self {
    var generator = SystemRandomNumberGenerator()
    return Self(Double(generator.next() >> 11)) * Self(0x1p-53)
  }
}
