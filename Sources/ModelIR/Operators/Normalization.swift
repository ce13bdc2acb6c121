import Quantities
public import TensorTypes

/// Scaling by statistics of the elements themselves, or by stored ones.
public struct Normalization: OperatorDefinition {
  public let function: Function
  /// Added to a variance or mean square before the root.
  public let epsilon: Double

  public init(_ function: Function, epsilon: Double = 1e-5) {
    self.function = function
    self.epsilon = epsilon
  }

  public enum Function: Sendable, Hashable {
    case batch(Batch)
    /// `X, Scale, B?`; over all axes from `axis` on. Also the mean and the reciprocal deviation.
    case layer(axis: Int, statistics: DType)
    /// `X, scale`: by the root mean square, over all axes from `axis` on.
    case rms(axis: Int, statistics: DType)
    /// ``rms(axis:statistics:)`` by its older name; also the reciprocal root.
    case simplifiedLayer(axis: Int, statistics: DType)
    /// `input, skip, gamma, beta?, bias?`: layer normalization of the sum, over the last axis. Also
    /// mean, reciprocal deviation, and the sum.
    case skipLayer
    /// `input, skip, gamma, bias?`: by the root mean square.
    case skipSimplifiedLayer
    /// `input, scale, B`: each plane of each image.
    case instance
    /// `X, scale, bias`: groups of channels of each image.
    case group(Group)
    /// `x / (bias + alpha / size · Σ x²)^beta`, summed over `size` neighbouring channels.
    case localResponse(size: Int, alpha: Double, beta: Double, bias: Double)
    /// `x / ‖x‖ₚ` along an axis.
    case lp(axis: Int, power: Int)
    /// `(x − mean) / deviation` over the axes.
    case meanVariance(axes: [Int])
  }

  /// `X, scale, B, mean, var`: by stored statistics, one for each channel.
  public struct Batch: Sendable, Hashable {
    public let momentum: Double
    /// Whether the statistics are those of the batch, and the running ones are results.
    public let isTraining: Bool
    /// Opset 7 could keep statistics for each position instead of each channel.
    public let isPerChannel: Bool
    public init(momentum: Double = 0.9, isTraining: Bool = false, isPerChannel: Bool = true) {
      self.momentum = momentum
      self.isTraining = isTraining
      self.isPerChannel = isPerChannel
    }
  }

  public struct Group: Sendable, Hashable {
    public let count: Int
    public let statistics: DType
    /// Whether scale and bias have one number a channel, or as before opset 21 one a group.
    public let scalesChannels: Bool
    public let channelsLast: Bool
    public let activation: Elementwise.Function?
    public init(
      count: Int, statistics: DType = .float32, scalesChannels: Bool = true,
      channelsLast: Bool = false, activation: Elementwise.Function? = nil
    ) {
      self.count = count
      self.statistics = statistics
      self.scalesChannels = scalesChannels
      self.channelsLast = channelsLast
      self.activation = activation
    }
  }

  public var kind: OperatorKind {
    switch function {
    case .batch: .batchNormalization
    case .layer: .layerNormalization
    case .rms: .rmsNormalization
    case .simplifiedLayer: .simplifiedLayerNormalization
    case .skipLayer: .skipLayerNormalization
    case .skipSimplifiedLayer: .skipSimplifiedLayerNormalization
    case .instance: .instanceNormalization
    case .group: .groupNormalization
    case .localResponse: .lrn
    case .lp: .lpNormalization
    case .meanVariance: .meanVarianceNormalization
    }
  }

  var inputCount: ClosedRange<Int> {
    switch function {
    case .batch: 5...5
    case .layer: 2...3
    case .rms, .simplifiedLayer: 2...2
    case .skipLayer: 3...5
    case .skipSimplifiedLayer: 3...4
    case .instance, .group: 3...3
    case .localResponse, .lp, .meanVariance: 1...1
    }
  }

  public func outputTypes(
    for inputs: [Operand?], outputCount: Int
  ) throws(ShapeError) -> [TensorType?] {
    try inputs.requireCount(inputCount)
    let input = try inputs.required(0, count: inputCount).type
    let types: [TensorType?]
    switch function {
    case .batch(let batch): types = try batchTypes(inputs, input, batch)
    case .layer(let axis, let statistics):
      let rows = try leading(input, axis: axis)
      try requireParameters(inputs, 1...2, broadcastingTo: input.dimensions)
      let row = TensorType(statistics, rows + Array(repeating: 1, count: input.rank - rows.count))
      types = [input, row, row]
    case .rms(let axis, _):
      _ = try leading(input, axis: axis)
      try requireParameters(inputs, 1...1, broadcastingTo: input.dimensions)
      types = [input]
    case .simplifiedLayer(let axis, let statistics):
      let rows = try leading(input, axis: axis)
      try requireParameters(inputs, 1...1, broadcastingTo: input.dimensions)
      types = [
        input, TensorType(statistics, rows + Array(repeating: 1, count: input.rank - rows.count)),
      ]
    case .skipLayer, .skipSimplifiedLayer:
      let rows = try leading(input, axis: -1)
      try requireParameters(
        inputs, 1...(inputCount.upperBound - 1), broadcastingTo: input.dimensions)
      let row = TensorType(.float32, rows + [1])
      types = [input, row, row, input]
    case .instance:
      let channels = try channels(of: input)
      for index in 1...2 {
        try requireEqual("the count of scales", inputs.elementCount(index), channels)
      }
      types = [input]
    case .group(let group):
      let channels = try channels(of: input, last: group.channelsLast)
      _ = try extentQuotient(channels, by: group.count, of: "num_groups")
      for index in 1...2 {
        try requireEqual(
          "the count of scales", inputs.elementCount(index),
          group.scalesChannels ? channels : group.count)
      }
      types = [input]
    case .localResponse(let size, _, _, _):
      _ = try channels(of: input)
      guard size > 0 else { throw .invalidAttribute(name: "size", reason: "is \(size)") }
      types = [input]
    case .lp(let axis, let power):
      _ = try resolvedAxis(axis, rank: input.rank)
      guard power == 1 || power == 2 else {
        throw .invalidAttribute(name: "p", reason: "is \(power), expected 1 or 2")
      }
      types = [input]
    case .meanVariance(let axes):
      for axis in axes { _ = try resolvedAxis(axis, rank: input.rank) }
      types = [input]
    }
    return Array(types.prefix(outputCount))
  }

  /// Before opset 14 a training step also gave two saved statistics.
  private func batchTypes(
    _ inputs: [Operand?], _ input: TensorType, _ batch: Batch
  ) throws(ShapeError) -> [TensorType?] {
    let channels = input.rank > 1 ? input.dimensions[1] : 1
    let count = batch.isPerChannel ? channels : elementCount(input.dimensions.dropFirst())
    for index in 1...4 {
      let actual = try inputs.required(index, count: inputCount).type.elementCount
      try requireEqual("the count of statistics", actual, count)
    }
    let statistics = inputs[3]?.type ?? input
    return [input] + Array(repeating: statistics, count: 4)
  }

  private func channels(
    of input: TensorType, last: Bool = false
  ) throws(ShapeError) -> Int {
    guard input.rank >= 2 else {
      throw .wrongRank(input: 0, expected: "2 or more", actual: input.rank)
    }
    return input.dimensions[last ? input.rank - 1 : 1]
  }

  /// The extents before the normalised axes.
  private func leading(_ input: TensorType, axis: Int) throws(ShapeError) -> [Int] {
    Array(input.dimensions.prefix(try resolvedAxis(axis, rank: input.rank)))
  }

  private func requireParameters(
    _ inputs: [Operand?], _ positions: ClosedRange<Int>, broadcastingTo shape: [Int]
  ) throws(ShapeError) {
    _ = try inputs.required(positions.lowerBound, count: inputCount)
    for position in positions {
      guard let parameter = inputs.optional(position)?.type.dimensions else { continue }
      guard try broadcast(parameter, shape) == shape else {
        throw .broadcastMismatch(left: parameter, right: shape)
      }
    }
  }
}
