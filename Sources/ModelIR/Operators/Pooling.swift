import Quantities
public import TensorTypes

/// Maxima and means of windows, of whole planes, and of regions.
public struct Pooling: OperatorDefinition {
  public let function: Function
  /// How quantized functions make their results; the others have no use for it.
  public let requantization: Requantization
  public init(_ function: Function, requantization: Requantization = .real) {
    self.function = function
    self.requantization = requantization
  }

  /// A window over each plane of `[batch, channels, spatial…]`; kernel extents are required.
  public struct Sliding: Sendable, Hashable {
    public let window: SpatialWindow
    /// Whether a last window may reach past the padded end.
    public let roundsUp: Bool
    /// Whether channels stand behind the spatial axes.
    public let channelsLast: Bool
    public init(window: SpatialWindow, roundsUp: Bool = false, channelsLast: Bool = false) {
      self.window = window
      self.roundsUp = roundsUp
      self.channelsLast = channelsLast
    }
  }

  public enum RegionMode: Sendable, Hashable { case average, max }

  public struct RegionAlignment: Sendable, Hashable {
    public let mode: RegionMode
    public let outputHeight: Int
    public let outputWidth: Int
    /// Samples along each axis of a result element; 0 adapts to the region.
    public let samplingRatio: Int
    public let spatialScale: Double
    /// Whether coordinates are shifted by half a pixel.
    public let usesHalfPixel: Bool
    public init(
      mode: RegionMode, outputHeight: Int, outputWidth: Int, samplingRatio: Int,
      spatialScale: Double, usesHalfPixel: Bool
    ) {
      self.mode = mode
      self.outputHeight = outputHeight
      self.outputWidth = outputWidth
      self.samplingRatio = samplingRatio
      self.spatialScale = spatialScale
      self.usesHalfPixel = usesHalfPixel
    }
  }

  public enum Function: Sendable, Hashable {
    /// The second output, if any, has the positions of the maxima.
    case max(Sliding, countsColumnsFirst: Bool)
    case average(Sliding, includesPadding: Bool)
    /// `(Σ |x|ᵖ)^(1/p)`.
    case lp(Sliding, power: Int)
    case globalMax
    case globalAverage
    case globalLp(power: Int)
    /// `X, rois`: maxima of a grid of `[height, width]` cells of each region.
    case maxRegion(pooledShape: [Int], spatialScale: Double)
    /// `X, I, output_shape?`: puts maxima back where they were.
    case maxUnpool(window: SpatialWindow)
    /// `X, rois, batch_indices`: means or maxima of samples between elements.
    case regionAlign(RegionAlignment)
    /// `X, x_scale, x_zero_point?, y_scale, y_zero_point?`.
    case qLinearAverage(Sliding, includesPadding: Bool)
    case qLinearGlobalAverage(channelsLast: Bool)
  }

  /// Whether data and results are `[batch, spatial…, channels]`.
  public var channelsLast: Bool {
    switch function {
    case .max(let sliding, _), .average(let sliding, _), .lp(let sliding, _),
      .qLinearAverage(let sliding, _):
      sliding.channelsLast
    case .qLinearGlobalAverage(let channelsLast): channelsLast
    case .globalMax, .globalAverage, .globalLp, .maxRegion, .maxUnpool, .regionAlign: false
    }
  }

  public var kind: OperatorKind {
    switch function {
    case .max: .maxPool
    case .average: .averagePool
    case .lp: .lpPool
    case .globalMax: .globalMaxPool
    case .globalAverage: .globalAveragePool
    case .globalLp: .globalLpPool
    case .maxRegion: .maxRoiPool
    case .maxUnpool: .maxUnpool
    case .regionAlign: .roiAlign
    case .qLinearAverage: .qLinearAveragePool
    case .qLinearGlobalAverage: .qLinearGlobalAveragePool
    }
  }

  public func outputTypes(
    for inputs: [Operand?], outputCount: Int
  ) throws(ShapeError) -> [TensorType?] {
    try inputs.requireCount(inputCount)
    let input = try inputs.required(0, count: inputCount, ranks: 2...Int.max).type
    switch function {
    case .max(let sliding, _):
      let result = try sliding.result(input)
      return Array([result, TensorType(.int64, result.dimensions)].prefix(outputCount))
    case .average(let sliding, _), .lp(let sliding, _), .qLinearAverage(let sliding, _):
      return [try sliding.result(input)]
    case .globalMax, .globalAverage, .globalLp:
      return [
        input.replacingSpatial(Array(repeating: 1, count: input.rank - 2), channelsLast: false)
      ]
    case .qLinearGlobalAverage(let channelsLast):
      return [
        input.replacingSpatial(
          Array(repeating: 1, count: input.rank - 2), channelsLast: channelsLast)
      ]
    case .maxRegion(let pooledShape, _):
      return [try regions(inputs, input, pooledShape, boxRank: 5)]
    case .regionAlign(let alignment):
      return [
        try regions(inputs, input, [alignment.outputHeight, alignment.outputWidth], boxRank: 4)
      ]
    case .maxUnpool(let window):
      return [try unpooled(inputs, input, window)]
    }
  }

  private var inputCount: ClosedRange<Int> {
    switch function {
    case .max, .average, .lp, .globalMax, .globalAverage, .globalLp: 1...1
    case .maxRegion: 2...2
    case .maxUnpool: 2...3
    case .regionAlign: 3...3
    case .qLinearAverage, .qLinearGlobalAverage: 4...5
    }
  }

  private func regions(
    _ inputs: [Operand?], _ input: TensorType, _ cells: [Int], boxRank: Int
  ) throws(ShapeError) -> TensorType {
    guard input.rank == 4 else { throw .wrongRank(input: 0, expected: "4", actual: input.rank) }
    let boxes = try inputs.required(1, count: inputCount, ranks: 2...2).type.dimensions
    try requireEqual("the numbers of a region", boxes[1], boxRank)
    guard cells.count == 2, cells.allSatisfy({ $0 > 0 }) else {
      throw .invalidAttribute(name: "pooled_shape", reason: "is \(cells)")
    }
    if case .regionAlign = function {
      let batches = try inputs.required(2, count: inputCount, ranks: 1...1).type.dimensions
      try requireEqual("the count of batch indices", batches[0], boxes[0])
    }
    return TensorType(input.dtype, [boxes[0], input.dimensions[1]] + cells)
  }

  private func unpooled(
    _ inputs: [Operand?], _ input: TensorType, _ window: SpatialWindow
  ) throws(ShapeError) -> TensorType? {
    if let shape = inputs.optional(2) {
      guard let extents = shape.literal?.integers else { return nil }
      guard extents.count == input.rank, extents.allSatisfy({ $0 >= 0 }) else {
        throw .invalidInput(index: 2, reason: "is no shape of rank \(input.rank)")
      }
      return TensorType(input.dtype, extents)
    }
    let axes = try window.axes(
      input: Array(input.dimensions.dropFirst(2)), kernel: try window.requiredKernel())
    var spatial: [Int] = []
    for axis in axes { spatial.append(try axis.transposedExtent(extra: 0)) }
    return input.replacingSpatial(spatial, channelsLast: false)
  }

  /// Operations: for each window element one compare or add, and for the p-norm an absolute value
  /// and a power before; one divide or root for each result element of means and norms. Window
  /// elements in the padding are counted. Quantized means come from and go to quantized numbers.
  /// Regions whose sample count depends on the data are unknown.
  public func work(inputs: [Operand?], outputs: [TensorType?]) -> Work? {
    guard let result = outputs.optional(0) ?? nil else { return nil }
    let reads: Int
    switch function {
    case .max(let sliding, _), .average(let sliding, _), .lp(let sliding, _),
      .qLinearAverage(let sliding, _):
      reads = saturatingProduct(result.elementCount, elementCount(sliding.window.kernel ?? []))
    case .globalMax, .globalAverage, .globalLp, .qLinearGlobalAverage:
      reads = inputs.elementCount(0)
    case .maxUnpool: reads = 0
    case .maxRegion: return nil
    case .regionAlign(let alignment):
      guard alignment.samplingRatio > 0 else { return nil }
      // A sample is four multiplies, three adds or comparisons, and its part in the mean.
      reads = saturatingProduct(
        result.elementCount,
        saturatingProduct(
          8, saturatingProduct(alignment.samplingRatio, alignment.samplingRatio)))
    }
    return Work(
      otherOperations: .product(operations.perRead, reads)
        + .product(operations.perResult, result.elementCount),
      inputs: inputs, outputs: outputs)
  }

  private var operations: (perRead: Int, perResult: Int) {
    switch function {
    case .max, .globalMax: (1, 0)
    case .average, .globalAverage: (1, 1)
    case .lp, .globalLp: (3, 1)
    case .regionAlign(let alignment): (1, alignment.mode == .average ? 1 : 0)
    case .maxUnpool, .maxRegion: (0, 0)
    case .qLinearAverage, .qLinearGlobalAverage:
      (AffineCost.dequantize + 1, 1 + AffineCost.quantize)
    }
  }
}

extension Pooling.Sliding {
  fileprivate func result(_ input: TensorType) throws(ShapeError) -> TensorType {
    let spatial =
      channelsLast
      ? input.dimensions.dropFirst().dropLast() : input.dimensions.dropFirst(2)
    var extents: [Int] = []
    for axis in try window.axes(input: Array(spatial), kernel: window.requiredKernel()) {
      extents.append(try axis.windowCount(roundsUp: roundsUp))
    }
    return input.replacingSpatial(extents, channelsLast: channelsLast)
  }
}

extension SpatialWindow {
  func requiredKernel() throws(ShapeError) -> [Int] {
    guard let kernel else {
      throw .invalidAttribute(name: "kernel_shape", reason: "is missing")
    }
    return kernel
  }
}

extension TensorType {
  /// The same batch and channels with other spatial extents.
  fileprivate func replacingSpatial(_ spatial: [Int], channelsLast: Bool) -> TensorType {
    channelsLast
      ? TensorType(dtype, Array(dimensions.prefix(1)) + spatial + Array(dimensions.suffix(1)))
      : TensorType(dtype, Array(dimensions.prefix(2)) + spatial)
  }
}
