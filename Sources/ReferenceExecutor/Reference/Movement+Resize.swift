import ModelIR
import TensorTypes

extension Resize {
  /// One axis after the other, from the first: each whose extent changes is filtered with weights
  /// that depend only on the place, and so are not counted. Places are mapped by pixel centres
  /// (`halfPixel`) or by corners.
  func reference<S: KernelScalar>(
    _ use: KernelUse<S>, halfPixel: Bool
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    var current = try use.required(0)
    guard let result = use.types.first ?? nil else { throw .notEvaluated("Resize") }
    let scales = try axisScales(use, result.dimensions)
    for axis in current.dimensions.indices
    where current.dimensions[axis] != result.dimensions[axis] && result.dimensions[axis] > 0 {
      let filter = AxisFilter(
        self, from: current.dimensions[axis], to: result.dimensions[axis], scale: scales[axis],
        halfPixel: halfPixel)
      current = try filter.applied(to: current, axis: axis)
    }
    return try use.result(result.dimensions, current.elements)
  }

  /// How many elements of the result stand for one of the input.
  private func axisScales<S>(
    _ use: KernelUse<S>, _ result: [Int]
  ) throws(ReferenceError) -> [Double] {
    let input = try use.required(0).dimensions
    if let regionInput, let region = use.optional(regionInput), !region.elements.isEmpty {
      throw .notEvaluated("Resize of a region")
    }
    var scales = zip(result, input).map { Double($0) / Double($1) }
    var axes = Array(input.indices)
    if let stated = self.axes {
      axes = []
      for axis in stated { axes.append(try resolved(axis, rank: input.count)) }
    }
    let sizes = sizesInput.flatMap { use.integers($0) } ?? []
    if !sizes.isEmpty {
      let ratios = zip(axes, sizes).map { Double($1) / Double(input[$0]) }
      let common: Double? =
        switch policy {
        case .stretch: nil
        case .notLarger: ratios.min()
        case .notSmaller: ratios.max()
        }
      for axis in axes { scales[axis] = common ?? scales[axis] }
    } else if let stated = self.scales
      ?? scalesInput.flatMap({ use.optional($0) })?.elements.map(\.doubleValue)
    {
      for (axis, scale) in zip(axes, stated) { scales[axis] = scale }
    }
    return scales
  }
}

/// The elements and weights that make each element along one axis.
private struct AxisFilter {
  let extent: Int
  /// For each element of the result: where its elements stand, and their weights; elements beyond
  /// the ends are those at the ends.
  private var places: [[(place: Int, weight: Double)]] = []

  init(_ resize: Resize, from before: Int, to after: Int, scale: Double, halfPixel: Bool) {
    extent = after
    let taps =
      switch resize.mode {
      case .nearest: 1
      case .linear: 2
      case .cubic: 4
      }
    let widening = resize.antialiases && before > after && taps > 1 ? (before - 1) / after + 1 : 1
    let stretch = resize.antialiases ? Swift.min(scale, 1) : 1
    for index in 0..<after {
      let center = halfPixel ? (Double(index) + 0.5) / scale - 0.5 : Double(index) / scale
      if taps == 1 {
        let place = halfPixel ? (center - 0.5).rounded(.up) : center.rounded(.down)
        places.append([(Self.clamped(place, before), 1)])
        continue
      }
      let reach = Double(taps) / 2 / stretch
      let first = (center - reach).rounded(.down) + 1
      var weights = (0..<taps * widening).map { tap in
        let distance = (first + Double(tap) - center) * stretch
        return resize.mode == .linear ? Self.line(distance) : cubicWeight(distance)
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
    to tensor: ReferenceTensor<S>, axis: Int
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let split = AxisSplit(tensor.dimensions, axis: axis)
    var shape = tensor.dimensions
    shape[axis] = extent
    var elements: [S] = []
    for outer in 0..<split.outer {
      for sources in places {
        for inner in 0..<split.inner {
          func element(_ place: Int) -> S {
            tensor.elements[(outer * split.extent + place) * split.inner + inner]
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

/// The weight of a sample at a distance by cubic convolution with `a = −0.75` (Keys, IEEE Trans.
/// ASSP 29(6), 1981).
func cubicWeight(_ distance: Double) -> Double {
  let (x, a) = (Swift.abs(distance), -0.75)
  if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
  if x < 2 { return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }
  return 0
}
