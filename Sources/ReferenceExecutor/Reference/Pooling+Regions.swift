import ModelIR
import Platform
import TensorTypes

extension Pooling {
  /// Maxima of a grid of cells of each region `(batch, left, top, right, bottom)`, whose corners are
  /// rounded to whole elements; a cell without elements is zero.
  func regionMaxima<S: KernelScalar>(
    _ use: KernelUse<S>, _ pooledShape: [Int], _ spatialScale: Double
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let planes = try Planes(try use.required(0))
    let regions = try use.required(1)
    var results: [S] = []
    for region in 0..<regions.dimensions[0] {
      let numbers = (0..<5).map { regions.elements[region * 5 + $0].doubleValue }
      let batch = try place(numbers[0], below: planes.batch, input: 1)
      let edges = numbers.dropFirst().map { ($0 * spatialScale).rounded() }
      let origin = [edges[1], edges[0]]
      let sizes = [max(edges[3] - edges[1] + 1, 1), max(edges[2] - edges[0] + 1, 1)]
      for channel in 0..<planes.channels {
        let base = (batch * planes.channels + channel) * planes.planeSize
        for cell in Indices(pooledShape) {
          let ranges = (0..<2).map { axis in
            let step = sizes[axis] / Double(pooledShape[axis])
            let extent = Double(planes.spatial[axis])
            func bounded(_ value: Double) -> Int {
              Int(exactly: min(max(value + origin[axis], 0), extent)) ?? 0
            }
            let first = bounded((Double(cell[axis]) * step).rounded(.down))
            return first..<max(bounded((Double(cell[axis] + 1) * step).rounded(.up)), first)
          }
          let cells = ranges[0].flatMap { row in
            ranges[1].map { base + row * planes.spatial[1] + $0 }
          }
          results.append(
            cells.isEmpty
              ? .zero : cells.reduce(.negativeInfinity) { S.maximum($0, planes.elements[$1]) })
        }
      }
    }
    return try use.result([regions.dimensions[0], planes.channels] + pooledShape, results)
  }

  /// Means or maxima of samples between elements of each region `(left, top, right, bottom)`. Where
  /// the samples fall is the same for all channels and not counted.
  func aligned<S: KernelScalar>(
    _ use: KernelUse<S>, _ alignment: RegionAlignment
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let planes = try Planes(try use.required(0))
    let regions = try use.required(1)
    let cells = [alignment.outputHeight, alignment.outputWidth]
    var results: [S] = []
    for region in 0..<regions.dimensions[0] {
      let batches = try use.required(2).elements
      let batch = try place(batches[region].doubleValue, below: planes.batch, input: 2)
      let shift = alignment.usesHalfPixel ? 0.5 : 0
      let edges = (0..<4).map {
        regions.elements[region * 4 + $0].doubleValue * alignment.spatialScale - shift
      }
      let origin = [edges[1], edges[0]]
      let sizes = [edges[3] - edges[1], edges[2] - edges[0]]
        .map { alignment.usesHalfPixel ? $0 : max($0, 1) }
      let steps = (0..<2).map { sizes[$0] / Double(cells[$0]) }
      let counts = steps.map { step in
        alignment.samplingRatio > 0
          ? alignment.samplingRatio : Int(exactly: min(max(step.rounded(.up), 0), 4096)) ?? 0
      }
      let samples = Indices(cells).map { cell in
        Indices(counts).map { sample in
          let coordinates = (0..<2).map { axis in
            let within = (Double(sample[axis]) + 0.5) / Double(counts[axis])
            return origin[axis] + (Double(cell[axis]) + within) * steps[axis]
          }
          return bilinear(coordinates, planes.spatial)
        }
      }
      for channel in 0..<planes.channels {
        let base = (batch * planes.channels + channel) * planes.planeSize
        for cell in samples {
          let values = cell.map { corners in
            let products = corners.map { planes.elements[base + $0.position] * S($0.weight) }
            return products.dropFirst().reduce(products.first ?? .zero) {
              alignment.mode == .average ? $0 + $1 : S.maximum($0, $1)
            }
          }
          results.append(
            alignment.mode == .average
              ? total(values) / S(Double(max(values.count, 1)))
              : values.reduce(.negativeInfinity) { S.maximum($0, $1) })
        }
      }
    }
    return try use.result([regions.dimensions[0], planes.channels] + cells, results)
  }

  /// Four elements around a place, with their weights; more than one element outside of the plane
  /// all weights are zero.
  private func bilinear(
    _ coordinates: [Double], _ extents: [Int]
  ) -> [(position: Int, weight: Double)] {
    let isOutside = zip(coordinates, extents).contains { coordinate, extent in
      !(coordinate >= -1 && coordinate <= Double(extent))
    }
    guard !isOutside, !extents.contains(0) else {
      return Array(repeating: (position: 0, weight: 0), count: extents.contains(0) ? 0 : 4)
    }
    let axes = zip(coordinates, extents).map { coordinate, extent in
      let clamped = min(max(coordinate, 0), Double(extent - 1))
      let lower = Int(clamped.rounded(.down))
      return (lower: lower, upper: min(lower + 1, extent - 1), fraction: clamped - Double(lower))
    }
    return [(false, false), (false, true), (true, false), (true, true)].map { down, right in
      let row = down ? axes[0].upper : axes[0].lower
      let column = right ? axes[1].upper : axes[1].lower
      return (
        row * extents[1] + column,
        (down ? axes[0].fraction : 1 - axes[0].fraction)
          * (right ? axes[1].fraction : 1 - axes[1].fraction)
      )
    }
  }

  private func place(
    _ value: Double, below count: Int, input: Int
  ) throws(ReferenceError) -> Int {
    guard let place = Int(exactly: value), place >= 0, place < count else {
      throw .invalidElement(input: input, reason: "names batch \(value) of \(count)")
    }
    return place
  }
}
