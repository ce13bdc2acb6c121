import ModelIR
import TensorTypes

extension Pooling {
  func reference<S: KernelScalar>(_ use: KernelUse<S>) throws(ReferenceError) -> [ReferenceTensor<
    S
  >] {
    switch function {
    case .max(let sliding, let countsColumnsFirst):
      return try maxima(use, sliding, countsColumnsFirst: countsColumnsFirst)
    case .average(let sliding, let includesPadding):
      return [
        try windows(use, sliding) { elements, padded in
          total(elements) / S(Double(includesPadding ? padded : elements.count { !$0.isPadding }))
        }
      ]
    case .lp(let sliding, let power):
      return [try windows(use, sliding) { elements, _ in norm(elements.map(\.value), power) }]
    case .globalMax:
      return [try whole(use) { $0.reduce(.negativeInfinity) { S.maximum($0, $1) } }]
    case .globalAverage:
      return [try whole(use) { total($0) / S(Double($0.count)) }]
    case .globalLp(let power): return [try whole(use) { norm($0, power) }]
    case .maxRegion(let pooledShape, let spatialScale):
      return [try regionMaxima(use, pooledShape, spatialScale)]
    case .maxUnpool(let window): return [try unpooled(use, window)]
    case .regionAlign(let alignment): return [try aligned(use, alignment)]
    case .qLinearAverage(let sliding, let includesPadding):
      let affine = Affine(use)
      if requantization == .fixedPoint {
        return [
          try windows(use, sliding) { elements, _ in
            let inside = elements.filter { !$0.isPadding }
            return affine.storedMean(inside.map(\.value))
          }
        ]
      }
      return [
        try windows(use, sliding, padding: affine.inputZero) {
          elements, padded in
          let sum = total(elements.lazy.map { affine.real($0.value) })
          let count = includesPadding ? padded : elements.count { !$0.isPadding }
          return affine.quantized(sum / S(Double(count)))
        }
      ]
    case .qLinearGlobalAverage(let channelsLast):
      let affine = Affine(use)
      if requantization == .fixedPoint {
        return [try whole(use, channelsLast: channelsLast) { affine.fixedPointMean($0) }]
      }
      return [
        try whole(use, channelsLast: channelsLast) { elements in
          affine.quantized(total(elements.lazy.map { affine.real($0) }) / S(Double(elements.count)))
        }
      ]
    }
  }

  /// An element of a window, or what stands for it in the padding.
  struct Read<S: KernelScalar> {
    let value: S
    let isPadding: Bool
  }

  /// A function of each window. Its second argument is the count of elements that lie within the
  /// input or its stated padding: a last window may reach further.
  private func windows<S: KernelScalar>(
    _ use: KernelUse<S>, _ sliding: Sliding, padding: S = .zero,
    _ value: ([Read<S>], Int) -> S
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let planes = try Planes(try use.required(0), channelsLast: sliding.channelsLast)
    let geometry = try sliding.geometry(planes.spatial)
    let reads = geometry.reads(of: planes.spatial)
    let padded = geometry.paddedCounts(planes.spatial, sliding.window)
    var results: [S] = []
    for plane in 0..<planes.batch * planes.channels {
      for (window, positions) in reads.enumerated() {
        let elements = positions.map { position in
          Read(
            value: position.map { planes.elements[plane * planes.planeSize + $0] } ?? padding,
            isPadding: position == nil)
        }
        results.append(value(elements, padded[window]))
      }
    }
    return try planes.result(use, channels: planes.channels, geometry.counts, results)
  }

  /// A function of each whole plane.
  private func whole<S: KernelScalar>(
    _ use: KernelUse<S>, channelsLast: Bool = false, _ value: ([S]) -> S
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let planes = try Planes(try use.required(0), channelsLast: channelsLast)
    let results = (0..<planes.batch * planes.channels).map { plane in
      value(Array(planes.elements[plane * planes.planeSize..<(plane + 1) * planes.planeSize]))
    }
    return try planes.result(
      use, channels: planes.channels, planes.spatial.map { _ in 1 }, results)
  }

  /// Maxima, and their positions in the whole tensor.
  private func maxima<S: KernelScalar>(
    _ use: KernelUse<S>, _ sliding: Sliding, countsColumnsFirst: Bool
  ) throws(ReferenceError) -> [ReferenceTensor<S>] {
    let planes = try Planes(try use.required(0), channelsLast: sliding.channelsLast)
    let geometry = try sliding.geometry(planes.spatial)
    let reads = geometry.reads(of: planes.spatial)
    let places = columnPositions(planes.spatial, columnsFirst: countsColumnsFirst)
    var (results, positions): ([S], [S]) = ([], [])
    for plane in 0..<planes.batch * planes.channels {
      let base = plane * planes.planeSize
      for window in reads {
        var best = (value: S.negativeInfinity, position: window.lazy.compactMap { $0 }.first ?? 0)
        for read in window {
          let value = read.map { planes.elements[base + $0] } ?? .negativeInfinity
          if best.value < value { best = (value, read ?? 0) }
        }
        results.append(best.value)
        positions.append(S(Double(base + places[best.position])))
      }
    }
    return [
      try planes.result(use, channels: planes.channels, geometry.counts, results),
      try planes.result(use, channels: planes.channels, geometry.counts, positions, output: 1),
    ]
  }

  /// Where each element of a plane would stand with columns first.
  private func columnPositions(_ spatial: [Int], columnsFirst: Bool) -> [Int] {
    guard columnsFirst else { return Array(0..<elementCount(spatial)) }
    let strides = Array(rowMajorStrides(spatial.reversed()).reversed())
    return Indices(spatial).map { position($0, strides) }
  }

  private func unpooled<S: KernelScalar>(
    _ use: KernelUse<S>, _ window: SpatialWindow
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let input = try use.required(0)
    // Positions refer to the extents that pooling had; a stated shape only enlarges the result.
    let rank = input.dimensions.count - 2
    var shape = Array(input.dimensions.prefix(2))
    for axis in 0..<rank {
      let stride = window.strides.isEmpty ? 1 : window.strides[axis]
      let kernel = window.kernel?[axis] ?? 1
      var padding = 0
      if case .explicit(let pads) = window.padding, !pads.isEmpty {
        padding = pads[axis] + pads[rank + axis]
      }
      shape.append(stride * (input.dimensions[axis + 2] - 1) + kernel - padding)
    }
    let result = use.integers(2) ?? shape
    guard elementCount(shape) <= Operator.maximumElementCount,
      zip(result, shape).allSatisfy({ $0 >= $1 })
    else { throw .invalidElement(input: 2, reason: "cuts off what was pooled") }
    let strides = rowMajorStrides(result)
    let places = stridedPositions(shape, strides)
    var elements = Array(repeating: S.zero, count: elementCount(result))
    for (value, place) in zip(input.elements, use.integers(1) ?? []) {
      guard places.indices.contains(place) else {
        throw .invalidElement(input: 1, reason: "names the place \(place) of \(places.count)")
      }
      elements[places[place]] = value
    }
    return try use.result(result, elements)
  }
}

private func total<S: KernelScalar>(_ elements: [Pooling.Read<S>]) -> S {
  total(elements.lazy.map(\.value))
}

/// `(Σ |x|ᵖ)^(1/p)`.
private func norm<S: KernelScalar>(_ elements: [S], _ power: Int) -> S {
  let sum = total(elements.lazy.map { $0.applying(.abs).applying(.power, S(Double(power))) })
  return sum.applying(.power, S(1 / Double(power)))
}

/// Scales and zero points of a pooling's operand and result.
private struct Affine<S: KernelScalar> {
  let use: KernelUse<S>
  init(_ use: KernelUse<S>) { self.use = use }

  /// What reads as zero.
  var inputZero: S { use.scalar(2) ?? .zero }
  func real(_ element: S) -> S {
    element.dequantized(scale: use.scalar(1) ?? .one, zeroPoint: inputZero)
  }
  func quantized(_ value: S) -> S {
    value.quantized(scale: use.scalar(3) ?? .one, zeroPoint: use.scalar(4), dtype: use.dtype())
  }

  /// The mean of stored numbers where the result has the operand's scale; halves away from zero.
  func storedMean(_ elements: [S]) -> S {
    let count = max(elements.count, 1)
    let sum = elements.reduce(0) { $0 + Int($1.fixed) }
    let mean = (sum + (sum > 0 ? count / 2 : -(count / 2))) / count
    return S(whole: mean).clamped(to: use.dtype())
  }

  /// The sum less its zero points, with the division in the factor of the scales.
  func fixedPointMean(_ elements: [S]) -> S {
    let ratio =
      (use.scalar(1) ?? .one).doubleValue / (use.scalar(3) ?? .one).doubleValue
    let factor = FixedPointScale(ratio).divided(by: elements.count)
    let zero = inputZero.fixed
    let sum = elements.reduce(Int32(0)) { $0 &+ $1.fixed &- zero }
    return (S(whole: Int(factor(sum))) + (use.scalar(4) ?? .zero)).clamped(to: use.dtype())
  }
}

extension Pooling.Sliding {
  func geometry(_ spatial: [Int]) throws(ReferenceError) -> WindowGeometry {
    try WindowGeometry(window, kernel: window.kernel ?? [], input: spatial, roundsUp: roundsUp)
  }
}

extension WindowGeometry {
  /// How many elements of each window lie within the input or its stated padding.
  func paddedCounts(_ input: [Int], _ window: SpatialWindow) -> [Int] {
    let elements = Array(Indices(kernel))
    let ends: [Int] =
      switch window.padding {
      case .explicit(let pads) where !pads.isEmpty:
        zip(input, pads.dropFirst(input.count)).map { $0 + $1 }
      case .explicit, .valid: input
      case .sameUpper, .sameLower: input.map { _ in .max }
      }
    return Indices(counts).map { index in
      elements.count { element in
        zip(coordinates(window: index, element: element), ends).allSatisfy { $0 < $1 }
      }
    }
  }
}
