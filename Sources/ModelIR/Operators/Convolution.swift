import Quantities
public import TensorTypes

/// Sums over a window that moves along the spatial axes, for each group of channels.
public struct Convolution: OperatorDefinition {
  public let function: Function
  public let window: SpatialWindow
  /// Groups of channels that do not mix.
  public let group: Int
  /// Whether data and results are `[batch, spatial…, channels]` instead of
  /// `[batch, channels, spatial…]`.
  public let channelsLast: Bool
  /// Where the weights have the axes that the function names; empty when they stand in its order.
  public let filterAxes: [Int]
  /// How quantized functions make their results; the others have no use for it.
  public let requantization: Requantization

  public init(
    _ function: Function, window: SpatialWindow = SpatialWindow(), group: Int = 1,
    channelsLast: Bool = false, filterAxes: [Int] = [], requantization: Requantization = .real
  ) {
    self.function = function
    self.window = window
    self.group = group
    self.channelsLast = channelsLast
    self.filterAxes = filterAxes
    self.requantization = requantization
  }

  public enum Function: Sendable, Hashable {
    /// `X, W, B?`; weights are `[outputs, inputs / group, kernel…]`.
    case conv
    /// `X, W, B?`; weights are `[inputs, outputs / group, kernel…]`. A given output shape decides
    /// the padding.
    case convTranspose(outputPadding: [Int], outputShape: [Int]?)
    /// Integers to int32: `x, w, x_zero_point?, w_zero_point?`.
    case convInteger
    /// Affine-quantized: `x, x_scale, x_zero_point`, the same for `w`, then `y_scale`,
    /// `y_zero_point`, `B?`.
    case qLinearConv
    /// `X, W, B?, Z?`: the sum of all, then the activation.
    case fusedConv(activation: Elementwise.Function?)
    /// `X, W, offset, B?, mask?`: every kernel position reads between elements, at an offset.
    case deformConv(offsetGroup: Int)
    /// `X, W, B?, past_state?`: one kernel a channel over `[batch, channels, length]`, padded in
    /// front with the state; also gives the next state.
    case causalConvWithState(activation: Elementwise.Function?, dilation: Int)
  }

  public var kind: OperatorKind {
    switch function {
    case .conv: .conv
    case .convTranspose: .convTranspose
    case .convInteger: .convInteger
    case .qLinearConv: .qLinearConv
    case .fusedConv: .fusedConv
    case .deformConv: .deformConv
    case .causalConvWithState: .causalConvWithState
    }
  }

  public func outputTypes(
    for inputs: [Operand?], outputCount: Int
  ) throws(ShapeError) -> [TensorType?] {
    let problem = try problem(of: inputs)
    let shape =
      channelsLast
      ? [problem.batch] + problem.output + [problem.outputChannels]
      : [problem.batch, problem.outputChannels] + problem.output
    if let bias = layout.bias.flatMap({ inputs.optional($0) })?.type {
      try requireEqual("the count of biases", bias.elementCount, problem.outputChannels)
    }
    switch function {
    case .conv, .convTranspose, .fusedConv:
      return [TensorType(problem.input.dtype, shape)]
    case .deformConv(let offsetGroup):
      try checkOffsets(inputs, problem, offsetGroup: offsetGroup)
      return [TensorType(problem.input.dtype, shape)]
    case .convInteger:
      return [TensorType(.int32, shape)]
    case .qLinearConv:
      return [TensorType(try inputs.required(7, count: layout.inputs).type.dtype, shape)]
    case .causalConvWithState(_, let dilation):
      let length = try extentProduct(
        (problem.kernel.first ?? 1) - 1, dilation, of: "the state's length")
      let types: [TensorType?] = [
        TensorType(problem.input.dtype, shape),
        TensorType(
          inputs.optional(3)?.type.dtype ?? problem.input.dtype,
          [problem.batch, problem.outputChannels, length]),
      ]
      return Array(types.prefix(outputCount))
    }
  }

  /// Offsets and masks have a channel for each kernel position (offsets one for each axis too) of
  /// each offset group, and the result's spatial extents.
  private func checkOffsets(
    _ inputs: [Operand?], _ problem: Problem, offsetGroup: Int
  ) throws(ShapeError) {
    _ = try extentQuotient(problem.inputChannels, by: offsetGroup, of: "offset_group")
    let positions = try extentProduct(
      offsetGroup, elementCount(problem.kernel), of: "the offsets' channels")
    let channels = try extentProduct(positions, problem.kernel.count, of: "the offsets' channels")
    let offset = try inputs.required(2, count: layout.inputs).type.dimensions
    let expected = [problem.batch, channels] + problem.output
    guard offset == expected else { throw .broadcastMismatch(left: offset, right: expected) }
    if let mask = inputs.optional(4)?.type.dimensions {
      let expected = [problem.batch, positions] + problem.output
      guard mask == expected else { throw .broadcastMismatch(left: mask, right: expected) }
    }
  }
}

extension Convolution {
  /// Where the function's operands stand among the inputs.
  struct Layout {
    let inputs: ClosedRange<Int>
    var weights = 1
    var bias: Int?
    var zeroPoints: [(operand: Int, zeroPoint: Int)] = []
  }

  var layout: Layout {
    switch function {
    case .conv, .convTranspose: Layout(inputs: 2...3, bias: 2)
    case .convInteger: Layout(inputs: 2...4, zeroPoints: [(0, 2), (1, 3)])
    case .qLinearConv: Layout(inputs: 8...9, weights: 3, bias: 8, zeroPoints: [(0, 2), (3, 5)])
    case .fusedConv: Layout(inputs: 2...4, bias: 2)
    case .deformConv: Layout(inputs: 3...5, bias: 3)
    case .causalConvWithState: Layout(inputs: 2...4, bias: 2)
    }
  }

  /// The extents of one use, checked against each other.
  struct Problem {
    let input: TensorType
    let batch: Int
    let inputChannels: Int
    let outputChannels: Int
    let kernel: [Int]
    /// The result's spatial extents.
    var output: [Int] = []
  }

  func problem(of inputs: [Operand?]) throws(ShapeError) -> Problem {
    let layout = layout
    try inputs.requireCount(layout.inputs)
    let ranks = 2...Int.max
    let input = try inputs.required(0, count: layout.inputs, ranks: ranks).type
    let stored = try inputs.required(layout.weights, count: layout.inputs, ranks: ranks).type
      .dimensions
    guard stored.count == input.rank else {
      throw .wrongRank(input: layout.weights, expected: "\(input.rank)", actual: stored.count)
    }
    let weights = try filterExtents(stored)
    try checkAxes()
    let spatial =
      channelsLast
      ? Array(input.dimensions.dropFirst().dropLast()) : Array(input.dimensions.dropFirst(2))
    let channels = input.dimensions[channelsLast ? input.rank - 1 : 1]
    let kernel = Array(weights.dropFirst(2))

    switch function {
    case .conv, .convInteger, .qLinearConv, .fusedConv, .deformConv:
      try requireEqual(
        "the weights' count of input channels", weights[1],
        extentQuotient(channels, by: group, of: "group"))
      _ = try extentQuotient(weights[0], by: group, of: "group")
      var problem = Problem(
        input: input, batch: input.dimensions[0], inputChannels: channels,
        outputChannels: weights[0], kernel: kernel)
      for axis in try window.axes(input: spatial, kernel: kernel) {
        problem.output.append(try axis.windowCount())
      }
      return problem
    case .convTranspose(let outputPadding, let outputShape):
      _ = try extentQuotient(channels, by: group, of: "group")
      try requireEqual("the weights' count of input channels", weights[0], channels)
      var problem = Problem(
        input: input, batch: input.dimensions[0], inputChannels: channels,
        outputChannels: try extentProduct(weights[1], group, of: "the output channels"),
        kernel: kernel)
      problem.output = try transposedExtents(
        try window.axes(input: spatial, kernel: kernel), outputPadding, outputShape)
      return problem
    case .causalConvWithState(_, let dilation):
      guard input.rank == 3 else {
        throw .wrongRank(input: 0, expected: "3", actual: input.rank)
      }
      guard dilation > 0, kernel[0] > 0 else {
        throw .invalidAttribute(name: "dilation", reason: "and the kernel must be positive")
      }
      try requireEqual("the weights' count of channels", weights[0], channels)
      try requireEqual("the weights' count of input channels", weights[1], 1)
      return Problem(
        input: input, batch: input.dimensions[0], inputChannels: channels,
        outputChannels: channels, kernel: kernel, output: spatial)
    }
  }

  /// Only the plain functions are defined for other orders of axes.
  private func checkAxes() throws(ShapeError) {
    switch function {
    case .conv, .convTranspose, .convInteger, .qLinearConv: return
    case .fusedConv, .deformConv, .causalConvWithState:
      guard !channelsLast, filterAxes.isEmpty else {
        throw .invalidAttribute(
          name: "channels_last", reason: "is not defined for \(kind.rawValue)")
      }
    }
  }

  /// The extents of stored weights in the order that the function names.
  package func filterExtents(_ stored: [Int]) throws(ShapeError) -> [Int] {
    if filterAxes.isEmpty { return stored }
    let axes = try resolvedAxes(filterAxes, rank: stored.count)
    try requireEqual("the rank of the weights", stored.count, axes.count)
    return axes.map { stored[$0] }
  }

  private func transposedExtents(
    _ axes: [SpatialWindow.Axis], _ outputPadding: [Int], _ outputShape: [Int]?
  ) throws(ShapeError) -> [Int] {
    if let outputShape {
      let shape = Array(outputShape.suffix(axes.count))
      guard shape.count == axes.count, shape.allSatisfy({ $0 >= 0 }) else {
        throw .invalidAttribute(
          name: "output_shape", reason: "is \(outputShape) for \(axes.count) spatial axes")
      }
      return shape
    }
    guard outputPadding.isEmpty || outputPadding.count == axes.count else {
      throw .invalidAttribute(
        name: "output_padding",
        reason: "has \(outputPadding.count) values, expected \(axes.count)")
    }
    var extents: [Int] = []
    for (index, axis) in axes.enumerated() {
      extents.append(
        try axis.transposedExtent(extra: outputPadding.isEmpty ? 0 : outputPadding[index]))
    }
    return extents
  }
}
