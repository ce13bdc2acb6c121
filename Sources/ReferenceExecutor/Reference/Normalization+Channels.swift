import ModelIR
import TensorTypes

extension Normalization {
  /// By stored statistics, or in training by those of the batch, which then enter the running ones.
  func normalizedBatch<S: KernelScalar>(
    _ use: KernelUse<S>, _ batch: Batch
  ) throws(ReferenceError) -> [ReferenceTensor<S>] {
    let input = try use.required(0)
    let (scales, biases) = (try use.required(1).elements, try use.required(2).elements)
    let (means, variances) = (try use.required(3), try use.required(4))
    var elements = input.elements
    var (newMeans, newVariances): ([S], [S]) = ([], [])
    for (channel, positions) in channelPositions(input, batch).enumerated() {
      var mean = means.elements[channel]
      var variance = variances.elements[channel]
      if batch.isTraining {
        let (results, statistics) = standardize(positions.map { elements[$0] })
        for (position, result) in zip(positions, results) {
          elements[position] = result * scales[channel] + biases[channel]
        }
        let (kept, taken) = (S(batch.momentum), .one - S(batch.momentum))
        mean = mean * kept + statistics.mean * taken
        variance = variance * kept + statistics.variance * taken
      } else {
        let reciprocal = reciprocal(variance)
        for position in positions {
          elements[position] =
            (elements[position] - mean) * reciprocal * scales[channel] + biases[channel]
        }
      }
      newMeans.append(mean)
      newVariances.append(variance)
    }
    var results = [try use.result(input.dimensions, elements)]
    let running = [newMeans, newVariances, newMeans, newVariances]
    for (index, statistics) in running.enumerated() {
      results.append(try use.result(means.dimensions, statistics, output: index + 1))
    }
    return results
  }

  /// The positions of each channel, or of each place of an image where statistics are for those.
  private func channelPositions<S>(_ input: ReferenceTensor<S>, _ batch: Batch) -> [[Int]] {
    let rank = input.dimensions.count
    guard batch.isPerChannel else {
      return groups(input.dimensions, reducing: [0])
    }
    return rank > 1
      ? groups(input.dimensions, reducing: Set(0..<rank).subtracting([1]))
      : [Array(input.elements.indices)]
  }

  /// `x / (bias + alpha / size · Σ x²)^beta` over neighbouring channels that exist.
  func localResponse<S: KernelScalar>(
    _ use: KernelUse<S>, size: Int, alpha: Double, beta: Double, bias: Double
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let input = try use.required(0)
    let split = AxisSplit(input.dimensions, axis: 1)
    let (before, after) = ((size - 1) / 2, size / 2)
    var elements = input.elements
    for row in split.rows {
      let squares = row.map { input.elements[$0] * input.elements[$0] }
      for (channel, position) in row.enumerated() {
        let last = after < row.count - channel ? channel + after : row.count - 1
        let sum = total(squares[max(channel - before, 0)...last])
        let base = S(bias) + S(alpha / Double(size)) * sum
        elements[position] = input.elements[position] / base.applying(.power, S(beta))
      }
    }
    return try use.result(input.dimensions, elements)
  }
}
