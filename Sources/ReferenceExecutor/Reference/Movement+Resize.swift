import ModelIR
import TensorTypes

extension Resize {
  /// One axis after the other, from the first: each whose extent changes is filtered with weights
  /// that depend only on the place, and so are not counted.
  func reference<S: KernelScalar>(
    _ use: KernelUse<S>
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    var current = try use.required(0)
    guard let result = use.types.first ?? nil else { throw .notEvaluated("Resize") }
    let axes = try sampledAxes(current.dimensions, result.dimensions) {
      use.optional($0)?.elements.map(\.doubleValue)
    }
    for (axis, sampled) in axes.enumerated()
    where sampled.after > 0 && (sampled.before != sampled.after || sampled.isMoved) {
      let filter = AxisFilter(self, sampled)
      current = try filter.applied(
        to: current, axis: axis, outside: S(sampling.extrapolation))
    }
    return try use.result(result.dimensions, current.elements)
  }

  /// How each axis is sampled; `numbers` gives the elements of an input.
  func sampledAxes(
    _ input: [Int], _ result: [Int], numbers: (Int) -> [Double]?
  ) throws(ReferenceError) -> [SampledAxis] {
    var sampled = zip(input, result).map { SampledAxis(before: $0, after: $1) }
    var axes = Array(input.indices)
    if let stated = self.axes {
      axes = []
      for axis in stated { axes.append(try resolved(axis, rank: input.count)) }
    }
    if let regionInput, let bounds = numbers(regionInput), !bounds.isEmpty {
      guard bounds.count == 2 * axes.count else {
        throw .invalidElement(input: regionInput, reason: "has \(bounds.count) bounds")
      }
      for (index, axis) in axes.enumerated() {
        sampled[axis].region = (bounds[index], bounds[axes.count + index])
      }
    }
    let sizes = sizesInput.flatMap(numbers) ?? []
    if !sizes.isEmpty {
      let ratios = zip(axes, sizes).map { $1 / Double(input[$0]) }
      let common: Double? =
        switch policy {
        case .stretch: nil
        case .notLarger: ratios.min()
        case .notSmaller: ratios.max()
        }
      for axis in axes { sampled[axis].scale = common ?? sampled[axis].scale }
    } else if let stated = self.scales ?? scalesInput.flatMap(numbers) {
      for (axis, scale) in zip(axes, stated) { sampled[axis].scale = scale }
    }
    return sampled
  }
}

/// One axis of a resized tensor.
struct SampledAxis {
  let before: Int
  let after: Int
  /// How many elements of the result stand for one of the input.
  var scale: Double
  /// The part of the axis that is sampled.
  var region: (start: Double, end: Double)?

  init(before: Int, after: Int) {
    self.before = before
    self.after = after
    scale = Double(after) / Double(before)
  }

  /// Whether elements come from elsewhere although the extent stays.
  var isMoved: Bool { region.map { $0.start != 0 || $0.end != 1 } ?? (scale != 1) }

  /// The place of the input for a place of the result.
  func source(_ index: Int, _ coordinates: Resize.Coordinates) -> Double {
    let x = Double(index)
    let extent = Double(before)
    let length = region == nil ? scale * extent : Double(after)
    switch coordinates {
    case .centers: return (x + 0.5) / scale - 0.5
    case .symmetricCenters:
      let middle = extent / 2 * (1 - Double(after) / length)
      return middle + (x + 0.5) / scale - 0.5
    case .centersButSingle: return length == 1 ? -0.5 : (x + 0.5) / scale - 0.5
    case .centersUnshifted: return (x + 0.5) / scale
    case .alignedCorners: return length == 1 ? 0 : x * (extent - 1) / (length - 1)
    case .corners: return x / scale
    case .region:
      let (start, end) = region ?? (0, 1)
      if after == 1 { return (start + end) * (extent - 1) / 2 }
      return start * (extent - 1) + x * (end - start) * (extent - 1) / Double(after - 1)
    }
  }
}

/// The elements and weights that make each element along one axis.
struct AxisFilter {
  /// For each element of the result: where its elements stand, and their weights; elements beyond
  /// the ends are those at the ends. Empty outside of the input.
  private(set) var places: [[(place: Int, weight: Double)]] = []

  init(_ resize: Resize, _ axis: SampledAxis) {
    let (before, after) = (axis.before, axis.after)
    let sampling = resize.sampling
    let taps =
      switch resize.mode {
      case .nearest: 1
      case .linear: 2
      case .cubic: 4
      }
    let widening = resize.antialiases && before > after && taps > 1 ? (before - 1) / after + 1 : 1
    let stretch = resize.antialiases ? Swift.min(axis.scale, 1) : 1
    for index in 0..<after {
      let center = axis.source(index, sampling.coordinates)
      if axis.region != nil, !(center >= 0 && center <= Double(before - 1)) {
        places.append([])
        continue
      }
      if taps == 1 {
        places.append([(Self.clamped(sampling.rounding.nearest(center), before), 1)])
        continue
      }
      let reach = Double(taps) / 2 / stretch
      let first = (center - reach).rounded(.down) + 1
      var weights = (0..<taps * widening).map { tap in
        let place = first + Double(tap)
        if sampling.excludesOutside, place < 0 || place >= Double(before) { return 0.0 }
        let distance = (place - center) * stretch
        return resize.mode == .linear
          ? Self.line(distance) : cubicWeight(distance, sampling.cubicCoefficient)
      }
      let sum = weights.reduce(0, +)
      if sum != 0 { weights = weights.map { $0 / sum } }
      places.append(
        weights.enumerated().map {
          (Self.clamped(first + Double($0.offset), before), $0.element)
        })
    }
  }

  private static func clamped(_ place: Double, _ extent: Int) -> Int {
    Int(exactly: Swift.min(Swift.max(place, 0), Double(Swift.max(extent - 1, 0)))) ?? 0
  }

  private static func line(_ distance: Double) -> Double { Swift.max(1 - Swift.abs(distance), 0) }

  func applied<S: KernelScalar>(
    to tensor: ReferenceTensor<S>, axis: Int, outside: S
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let split = AxisSplit(tensor.dimensions, axis: axis)
    var shape = tensor.dimensions
    shape[axis] = places.count
    var elements: [S] = []
    for outer in 0..<split.outer {
      for sources in places {
        for inner in 0..<split.inner {
          func element(_ place: Int) -> S {
            tensor.elements[(outer * split.extent + place) * split.inner + inner]
          }
          if sources.isEmpty {
            elements.append(outside)
            continue
          }
          if sources.count == 1 {
            elements.append(element(sources[0].place))
            continue
          }
          let products = sources.map { element($0.place) * S($0.weight) }
          elements.append(products.dropFirst().reduce(products[0]) { $0 + $1 })
        }
      }
    }
    return try ReferenceTensor(computed: TensorType(tensor.type.dtype, shape), elements)
  }
}

extension Resize.Rounding {
  fileprivate func nearest(_ place: Double) -> Double {
    switch self {
    case .halfDown: (place - 0.5).rounded(.up)
    case .halfUp: (place + 0.5).rounded(.down)
    case .down: place.rounded(.down)
    case .up: place.rounded(.up)
    }
  }
}

/// The weight of a sample at a distance by cubic convolution (Keys, IEEE Trans. ASSP 29(6), 1981).
func cubicWeight(_ distance: Double, _ a: Double = -0.75) -> Double {
  let x = Swift.abs(distance)
  if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
  if x < 2 { return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }
  return 0
}
