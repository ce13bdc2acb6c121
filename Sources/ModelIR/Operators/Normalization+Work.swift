import Quantities
public import TensorTypes

extension Normalization {
  /// For a mean over `n` elements: `n` adds and a divide. For the deviation: subtract, square and
  /// add for each element, then divide, add epsilon, root, reciprocal. Then a multiply for each
  /// element, and one operation for each scale and bias.
  public func work(inputs: [Operand?], outputs: [TensorType?]) -> Work? {
    guard let input = inputs.optional(0)?.type, let rows = rowCount(of: input) else { return nil }
    let cost = cost(inputs)
    return Work(
      otherOperations: .product(cost.perElement, input.elementCount)
        + .product(cost.perRow, rows),
      inputs: inputs, outputs: outputs)
  }

  /// How many sets of statistics there are.
  private func rowCount(of input: TensorType) -> Int? {
    switch function {
    case .batch(let batch):
      let channels = input.rank > 1 ? input.dimensions[1] : 1
      return batch.isPerChannel ? channels : elementCount(input.dimensions.dropFirst())
    case .layer(let axis, _), .rms(let axis, _), .simplifiedLayer(let axis, _):
      guard let axis = try? resolvedAxis(axis, rank: input.rank) else { return nil }
      return elementCount(input.dimensions.prefix(axis))
    case .skipLayer, .skipSimplifiedLayer: return elementCount(input.dimensions.dropLast())
    case .instance: return elementCount(input.dimensions.prefix(2))
    case .group(let group): return saturatingProduct(input.dimensions.first ?? 0, group.count)
    case .localResponse:
      return elementCount(input.dimensions.enumerated().filter { $0.offset != 1 }.map(\.element))
    case .lp(let axis, _):
      guard let axis = try? resolvedAxis(axis, rank: input.rank) else { return nil }
      return elementCount(input.dimensions.enumerated().filter { $0.offset != axis }.map(\.element))
    case .meanVariance(let axes):
      let resolved = axes.map { $0 < 0 ? $0 + input.rank : $0 }
      return elementCount(
        input.dimensions.enumerated().filter { !resolved.contains($0.offset) }.map(\.element))
    }
  }

  private func cost(_ inputs: [Operand?]) -> (perElement: Int, perRow: Int) {
    func present(_ index: Int) -> Int { inputs.optional(index) == nil ? 0 : 1 }
    // Add for the mean; subtract, square, add for the variance; multiply by the reciprocal.
    let standardize = 5
    // Divide for the mean and for the variance, add epsilon, root, reciprocal.
    let deviation = 5
    // Square, add, multiply by the reciprocal.
    let scaleByRootMeanSquare = 3
    let rootMeanSquare = 4
    switch function {
    // Subtract the mean, multiply by the reciprocal deviation, scale, bias; add epsilon, root,
    // reciprocal.
    case .batch(let batch) where !batch.isTraining: return (4, 3)
    // The running statistics mix old and new: two multiplies and an add each, and 1 − momentum.
    case .batch: return (standardize + 2, deviation + 7)
    case .layer: return (standardize + 1 + present(2), deviation)
    case .rms, .simplifiedLayer: return (scaleByRootMeanSquare + 1, rootMeanSquare)
    case .skipLayer: return (1 + present(4) + standardize + 1 + present(3), deviation)
    case .skipSimplifiedLayer:
      return (1 + present(3) + scaleByRootMeanSquare + 1, rootMeanSquare)
    case .instance: return (standardize + 2, deviation)
    case .group(let group):
      let activation =
        group.activation.map { Elementwise($0).operationsPerElement(inputs: [inputs.optional(0)]) }
        ?? 0
      return (standardize + 2 + activation, deviation)
    // Square; multiply, add the bias, power, divide; and for each row of channels the neighbours.
    case .localResponse(let size, _, _, _):
      let channels = inputs.optional(0)?.type.dimensions.dropFirst().first ?? 0
      return (5, neighbours(channels: channels, size: size))
    // Absolute value or square, add, divide; root.
    case .lp(_, let power): return (3, power == 2 ? 1 : 0)
    case .meanVariance: return (standardize, deviation)
    }
  }

  /// Elements that a window of `size` meets on its way over the channels, none beyond the ends:
  /// each channel itself, and those up to `(size − 1) / 2` before and `size / 2` behind.
  private func neighbours(channels: Int, size: Int) -> Int {
    func reached(_ distance: Int) -> FLOPs {
      let near = min(distance, max(channels - 1, 0))
      // Σ min(distance, i) for i below the count of channels.
      let (even, odd) = near % 2 == 0 ? (near / 2, near + 1) : (near, (near + 1) / 2)
      return .product(even, odd) + .product(near, max(channels - 1, 0) - near)
    }
    return (FLOPs(channels) + reached((size - 1) / 2) + reached(size / 2)).rawValue
  }
}
