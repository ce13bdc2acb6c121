import ModelIR
import TensorTypes

extension Normalization {
  func reference<S: KernelScalar>(_ use: KernelUse<S>) throws(ReferenceError) -> [ReferenceTensor<
    S
  >] {
    let input = try use.required(0)
    let rank = input.dimensions.count
    switch function {
    case .batch(let batch): return try normalizedBatch(use, batch)
    case .layer(let axis, _):
      return try layered(use, input, axis: resolved(axis, rank: rank), scale: 1, bias: 2)
    case .rms(let axis, _), .simplifiedLayer(let axis, _):
      return try rootMeanSquare(use, input, axis: resolved(axis, rank: rank), scale: 1)
    case .skipLayer:
      let sum = try input.adding(use.optional(1)).adding(use.optional(4))
      return try layered(use, sum, axis: rank - 1, scale: 2, bias: 3)
        + [try use.result(sum.dimensions, sum.elements, output: 3)]
    case .skipSimplifiedLayer:
      let sum = try input.adding(use.optional(1)).adding(use.optional(3))
      let results = try rootMeanSquare(use, sum, axis: rank - 1, scale: 2)
      let zeros = results[1].mapping { _ in .zero }
      return [
        results[0], zeros, results[1], try use.result(sum.dimensions, sum.elements, output: 3),
      ]
    case .instance:
      let channels = input.dimensions[1]
      return [
        try standardized(use, input, rowCount: input.dimensions[0] * channels) { _, index in
          index / max(elementCount(input.dimensions.dropFirst(2)), 1) % channels
        }
      ]
    case .group(let group): return [try grouped(use, group)]
    case .localResponse(let size, let alpha, let beta, let bias):
      return [try localResponse(use, size: size, alpha: alpha, beta: beta, bias: bias)]
    case .lp(let axis, let power):
      let split = AxisSplit(input.dimensions, axis: try resolved(axis, rank: rank))
      var elements = input.elements
      for row in split.rows {
        let parts = row.map {
          power == 2 ? elements[$0] * elements[$0] : elements[$0].applying(.abs)
        }
        let norm = power == 2 ? total(parts).applying(.sqrt) : total(parts)
        for position in row {
          let quotient = elements[position] / norm
          elements[position] = norm.doubleValue == 0 ? .zero : quotient
        }
      }
      return [try use.result(input.dimensions, elements)]
    case .meanVariance(let axes):
      var reduced: Set<Int> = []
      for axis in axes { reduced.insert(try resolved(axis, rank: rank)) }
      var elements = input.elements
      for row in groups(input.dimensions, reducing: reduced) {
        let (results, _) = standardize(row.map { elements[$0] })
        for (position, result) in zip(row, results) { elements[position] = result }
      }
      return [try use.result(input.dimensions, elements)]
    }
  }

  struct Statistics<S: KernelScalar> {
    let mean: S
    let variance: S
    /// `1 / √(variance + ε)`.
    let reciprocal: S
  }

  /// `(x − mean) / √(variance + ε)` of a row, with its statistics.
  func standardize<S: KernelScalar>(_ row: [S]) -> ([S], Statistics<S>) {
    let count = S(Double(row.count))
    let mean = total(row) / count
    let centred = row.map { $0 - mean }
    let variance = total(centred.map { $0 * $0 }) / count
    let reciprocal = self.reciprocal(variance)
    let results = centred.map { $0 * reciprocal }
    return (results, Statistics(mean: mean, variance: variance, reciprocal: reciprocal))
  }

  func reciprocal<S: KernelScalar>(_ square: S) -> S {
    .one / (square + S(epsilon)).applying(.sqrt)
  }

  /// Layer normalization over the axes from `axis` on; also mean and reciprocal deviation.
  private func layered<S: KernelScalar>(
    _ use: KernelUse<S>, _ input: ReferenceTensor<S>, axis: Int, scale: Int, bias: Int
  ) throws(ReferenceError) -> [ReferenceTensor<S>] {
    let (rows, statisticsShape) = rows(input, axis)
    let scales = try use.required(scale).broadcast(to: input.dimensions).elements
    let biases = try use.optional(bias)?.broadcast(to: input.dimensions).elements
    var elements: [S] = []
    var (means, reciprocals): ([S], [S]) = ([], [])
    for row in rows {
      let (results, statistics) = standardize(Array(input.elements[row]))
      for (index, result) in zip(row, results) {
        let scaled = result * scales[index]
        elements.append(biases.map { scaled + $0[index] } ?? scaled)
      }
      means.append(statistics.mean)
      reciprocals.append(statistics.reciprocal)
    }
    return [
      try use.result(input.dimensions, elements),
      try use.result(statisticsShape, means, output: 1),
      try use.result(statisticsShape, reciprocals, output: 2),
    ]
  }

  /// `x / √(mean x² + ε) · scale`; also the reciprocal root.
  private func rootMeanSquare<S: KernelScalar>(
    _ use: KernelUse<S>, _ input: ReferenceTensor<S>, axis: Int, scale: Int
  ) throws(ReferenceError) -> [ReferenceTensor<S>] {
    let (rows, statisticsShape) = rows(input, axis)
    let scales = try use.required(scale).broadcast(to: input.dimensions).elements
    var (elements, reciprocals): ([S], [S]) = ([], [])
    for row in rows {
      let mean =
        total(row.lazy.map { input.elements[$0] * input.elements[$0] })
        / S(Double(row.count))
      let reciprocal = self.reciprocal(mean)
      elements += row.map { input.elements[$0] * reciprocal * scales[$0] }
      reciprocals.append(reciprocal)
    }
    return [
      try use.result(input.dimensions, elements),
      try use.result(statisticsShape, reciprocals, output: 1),
    ]
  }

  private func rows<S>(
    _ input: ReferenceTensor<S>, _ axis: Int
  ) -> (rows: [Range<Int>], statistics: [Int]) {
    let leading = Array(input.dimensions.prefix(axis))
    let length = elementCount(input.dimensions.dropFirst(axis))
    let statistics = leading + Array(repeating: 1, count: input.dimensions.count - axis)
    return ((0..<elementCount(leading)).map { $0 * length..<($0 + 1) * length }, statistics)
  }

  /// Rows of equal length standardized, then scaled and shifted by the parameters at the place that
  /// `parameter` gives for a row and an element.
  private func standardized<S: KernelScalar>(
    _ use: KernelUse<S>, _ input: ReferenceTensor<S>, rowCount: Int,
    activation: Elementwise.Function? = nil, parameter: (Int, Int) -> Int
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let (scales, biases) = (try use.required(1).elements, try use.required(2).elements)
    let length = input.elements.count / max(rowCount, 1)
    var elements: [S] = []
    for row in 0..<rowCount {
      let range = row * length..<(row + 1) * length
      let (results, _) = standardize(Array(input.elements[range]))
      for (index, result) in zip(range, results) {
        let place = parameter(row, index)
        let value = result * scales[place] + biases[place]
        elements.append(activation.map { Elementwise($0).value(value) } ?? value)
      }
    }
    return try use.result(input.dimensions, elements)
  }

  private func grouped<S: KernelScalar>(
    _ use: KernelUse<S>, _ group: Group
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let planes = try Planes(try use.required(0), channelsLast: group.channelsLast)
    let shape = [planes.batch, planes.channels] + planes.spatial
    let input = try ReferenceTensor(
      computed: TensorType(try use.required(0).type.dtype, shape), planes.elements)
    let result = try standardized(
      use, input, rowCount: planes.batch * group.count, activation: group.activation
    ) { row, index in
      group.scalesChannels ? index / max(planes.planeSize, 1) % planes.channels : row % group.count
    }
    return try planes.result(
      use, channels: planes.channels, planes.spatial, result.elements)
  }
}
