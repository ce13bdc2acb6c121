import ModelIR
import TensorTypes

extension Geometry {
  func reference<S: KernelScalar>(_ use: KernelUse<S>) throws(ReferenceError) -> [ReferenceTensor<
    S
  >] {
    switch self {
    case .affineGrid(let alignsCorners): return [try grid(use, alignsCorners)]
    case .gridSample(let interpolation, let outside, let alignsCorners):
      return [try sampled(use, interpolation, outside, alignsCorners)]
    case .nonMaxSuppression(let centersBoxes): return [try suppressed(use, centersBoxes)]
    case .detection(let detection): return [try detection.reference(use)]
    case .detectionPostProcess(let operation): return try operation.reference(use)
    case .det:
      let matrices = SquareMatrices(try use.required(0))
      return [try use.result(matrices.stack, matrices.elements.map { determinant($0) })]
    case .inverse:
      let matrices = SquareMatrices(try use.required(0))
      return [
        try use.result(
          try use.required(0).dimensions, matrices.elements.flatMap { inverted($0).joined() })
      ]
    }
  }

  /// Each place of the result, from −1 to 1 along each axis, through the map.
  private func grid<S: KernelScalar>(
    _ use: KernelUse<S>, _ alignsCorners: Bool
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let maps = try use.required(0)
    let size = use.integers(1) ?? []
    let spatial = Array(size.dropFirst(2))
    guard maps.dimensions == [size[0], spatial.count, spatial.count + 1] else {
      throw .invalidElement(input: 0, reason: "is no map for each of \(size[0]) grids")
    }
    var elements: [S] = []
    for batch in 0..<size[0] {
      for index in Indices(spatial) {
        // Coordinates are in the order of the maps: the last axis first.
        let place =
          zip(index, spatial).reversed().map { place, extent in
            let steps = Double(alignsCorners ? max(extent - 1, 1) : extent)
            return S((2 * Double(place) + (alignsCorners ? 0 : 1)) / steps - 1)
          } + [S.one]
        for row in 0..<spatial.count {
          var sum = S.zero
          for (column, coordinate) in place.enumerated() {
            sum +=
              maps.elements[(batch * spatial.count + row) * place.count + column] * coordinate
          }
          elements.append(sum)
        }
      }
    }
    return try use.result([size[0]] + spatial + [spatial.count], elements)
  }

  /// Samples between elements, at coordinates from −1 to 1; the weights serve all channels and are
  /// not counted.
  private func sampled<S: KernelScalar>(
    _ use: KernelUse<S>, _ interpolation: Interpolation, _ outside: Outside, _ alignsCorners: Bool
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let planes = try Planes(try use.required(0))
    let grid = try use.required(1)
    let axes = planes.spatial.count
    guard grid.dimensions[0] == planes.batch, axes < 8 else {
      throw .invalidElement(input: 1, reason: "is no grid for each of \(planes.batch) inputs")
    }
    let spatial = Array(grid.dimensions.dropFirst().dropLast())
    let places = elementCount(spatial)
    let strides = rowMajorStrides(planes.spatial)
    var elements: [S] = []
    for batch in 0..<planes.batch {
      let taps = (0..<places).map { place in
        var combined: [(position: Int?, weight: Double)] = [(0, 1)]
        for axis in 0..<axes {
          let coordinate = grid.elements[(batch * places + place) * axes + axes - 1 - axis]
          let extent = planes.spatial[axis]
          let span = Double(alignsCorners ? extent - 1 : extent)
          let start = alignsCorners ? 0 : -0.5
          let center = (coordinate.doubleValue + 1) / 2 * span + start
          let along = interpolation.taps(
            outside.moved(center, from: start, span, extent)
          ).map { (outside.moved($0.place, of: extent, alignsCorners), $0.weight) }
          combined = combined.flatMap { tap in
            along.map { place, weight in
              (
                place >= 0 && place < extent
                  ? tap.position.map { $0 + place * strides[axis] } : nil,
                tap.weight * weight
              )
            }
          }
        }
        return combined
      }
      for channel in 0..<planes.channels {
        let base = (batch * planes.channels + channel) * planes.planeSize
        for taps in taps {
          func element(_ position: Int?) -> S {
            position.map { planes.elements[base + $0] } ?? .zero
          }
          if taps.count == 1 {
            elements.append(element(taps[0].position))
            continue
          }
          let products = taps.map { element($0.position) * S($0.weight) }
          elements.append(products.dropFirst().reduce(products[0]) { $0 + $1 })
        }
      }
    }
    return try use.result([planes.batch, planes.channels] + spatial, elements)
  }

  /// For each class, boxes by descending score that overlap none kept so far by more than a ratio.
  private func suppressed<S: KernelScalar>(
    _ use: KernelUse<S>, _ centersBoxes: Bool
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let (boxes, scores) = (try use.required(0), try use.required(1))
    let (batch, count) = (boxes.dimensions[0], boxes.dimensions[1])
    let classes = scores.dimensions[1]
    guard boxes.dimensions[2] == 4, scores.dimensions == [batch, classes, count] else {
      throw .invalidElement(input: 1, reason: "has no score for each box")
    }
    let limit = use.integers(2)?.first ?? 0
    let ratio = use.scalar(3) ?? .zero
    let least = use.scalar(4)
    var kept: [S] = []
    for index in Indices([batch, classes]) {
      let base = (index[0] * classes + index[1]) * count
      var candidates: [Int] = []
      for box in 0..<count where least.map({ $0 < scores.elements[base + box] }) ?? true {
        candidates.append(box)
      }
      candidates.sort { one, other in
        let (left, right) = (scores.elements[base + one], scores.elements[base + other])
        return right < left || (!(left < right) && one < other)
      }
      var selected: [Box<S>] = []
      for candidate in candidates where selected.count < limit {
        let start = (index[0] * count + candidate) * 4
        let box = Box(Array(boxes.elements[start..<start + 4]), isCentered: centersBoxes)
        if selected.contains(where: { ratio < $0.overlap(box) }) { continue }
        selected.append(box)
        kept += [index[0], index[1], candidate].map { S(Double($0)) }
      }
    }
    return try ReferenceTensor(computed: TensorType(.int64, [kept.count / 3, 3]), kept)
  }
}

extension Geometry.Interpolation {
  /// The elements around a place along one axis, and their weights.
  fileprivate func taps(_ center: Double) -> [(place: Int, weight: Double)] {
    let bounded = center.isFinite ? min(max(center, -0x1p40), 0x1p40) : -0x1p40
    let lower = Int(bounded.rounded(.down))
    switch self {
    case .nearest: return [(Int(bounded.rounded(.toNearestOrEven)), 1)]
    case .linear:
      let fraction = bounded - Double(lower)
      return [(lower, 1 - fraction), (lower + 1, fraction)]
    case .cubic:
      return (lower - 1...lower + 2).map { ($0, cubicWeight(bounded - Double($0))) }
    }
  }
}

extension Geometry.Outside {
  /// A coordinate of an axis brought inside, from `start` on over a span.
  fileprivate func moved(
    _ center: Double, from start: Double, _ span: Double, _ extent: Int
  ) -> Double {
    switch self {
    case .zero: return center
    case .border: return min(max(center, 0), Double(extent - 1))
    case .reflection:
      guard span > 0, center.isFinite else { return 0 }
      let distance = abs(center - start).truncatingRemainder(dividingBy: 2 * span)
      return start + (distance > span ? 2 * span - distance : distance)
    }
  }

  /// A place brought inside, where outside is not zero.
  fileprivate func moved(_ place: Int, of extent: Int, _ alignsCorners: Bool) -> Int {
    guard place < 0 || place >= extent, extent > 0 else { return place }
    switch self {
    case .zero: return place
    case .border: return min(max(place, 0), extent - 1)
    case .reflection:
      let period = alignsCorners ? max(2 * (extent - 1), 1) : 2 * extent
      let rest = ((alignsCorners ? abs(place) : (place < 0 ? -1 - place : place)) % period)
      return rest < extent ? rest : (alignsCorners ? period - rest : period - 1 - rest)
    }
  }
}
