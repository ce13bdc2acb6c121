import ModelIR
import TensorTypes
import TestSupport

extension ExampleMaker {
  /// A window that fits an input, along 1 to 3 axes.
  private mutating func window(
    axes: Int, kernel: [Int], dilates: Bool = true
  ) -> SpatialWindow {
    let padding: SpatialWindow.Padding =
      switch integer(0...4) {
      case 0: .sameUpper
      case 1: .sameLower
      case 2: .valid
      default: .explicit(integers(2 * axes, 0...(kernel.min() ?? 1) - 1))
      }
    return SpatialWindow(
      kernel: kernel, strides: flag() ? integers(axes, 1...3) : [],
      dilations: dilates && flag() ? integers(axes, 1...2) : [], padding: padding)
  }

  mutating func convolution() -> OperatorExample {
    let axes = integer(1...3)
    let kernel = integers(axes, 1...3)
    let window = window(axes: axes, kernel: kernel)
    let (group, depth, filters) = (integer(1...3), integer(1...2), integer(1...2))
    let spatial = integers(axes, 5...6)
    let batch = integer(1...2)
    let input = [batch, group * depth] + spatial
    let weights = [group * filters, depth] + kernel
    let bias = maybe(tensor([group * filters]))
    func example(
      _ function: Convolution.Function, _ inputs: [Operand?], channelsLast: Bool = false,
      filterAxes: [Int] = []
    ) -> OperatorExample {
      OperatorExample(
        .convolution(
          Convolution(
            function, window: window, group: group, channelsLast: channelsLast,
            filterAxes: filterAxes)), trimmed(inputs))
    }
    // Data with channels first or last, and filters whose axes stand in any order.
    let channelsLast = flag()
    let ordered = channelsLast ? [batch] + spatial + [group * depth] : input
    let filterAxes = flag() ? [] : Array(0..<weights.count).shuffled(using: &generator)
    func stored(_ weights: [Int]) -> [Int] {
      var stored = weights
      for (extent, axis) in zip(weights, filterAxes) { stored[axis] = extent }
      return stored
    }
    switch integer(0...5) {
    case 0:
      return example(
        .conv, [tensor(ordered), tensor(stored(weights)), bias], channelsLast: channelsLast,
        filterAxes: filterAxes)
    case 1:
      return example(
        .convInteger,
        [
          tensor(ordered, .uint8), tensor(stored(weights), .int8), maybe(bytePoint),
          maybe(tensor([group * filters], .int8)),
        ], channelsLast: channelsLast, filterAxes: filterAxes)
    case 2:
      let result = outputShape(of: example(.conv, [tensor(input), tensor(weights)]))
      return example(
        .fusedConv(activation: element([nil, .relu, .sigmoid, .leakyRelu(alpha: 0.1)])),
        [tensor(input), tensor(weights), bias, maybe(tensor(result))])
    case 3:
      return example(
        .qLinearConv,
        [
          tensor(ordered, .uint8), scalar, bytePoint, tensor(stored(weights), .int8),
          tensor([group * filters]), tensor([group * filters], .int8), scalar, bytePoint,
          bias == nil ? nil : tensor([group * filters], .int32),
        ], channelsLast: channelsLast, filterAxes: filterAxes)
    case 4:
      return example(
        .convTranspose(
          outputPadding: window.strides.isEmpty ? [] : window.strides.map { $0 - 1 },
          outputShape: flag() ? integers(axes, 4...12) : nil),
        [tensor(ordered), tensor(stored([group * depth, filters] + kernel)), bias],
        channelsLast: channelsLast, filterAxes: filterAxes)
    default:
      let result = outputShape(of: example(.conv, [tensor(input), tensor(weights)]))
      let offsetGroup = flag() ? group : 1
      let positions = offsetGroup * kernel.reduce(1, *)
      return example(
        .deformConv(offsetGroup: offsetGroup),
        [
          tensor(input), tensor(weights), tensor([batch, positions * axes] + result.dropFirst(2)),
          bias, maybe(tensor([batch, positions] + result.dropFirst(2))),
        ])
    }
  }

  private func outputShape(of example: OperatorExample) -> [Int] {
    let types = try? example.op.definition?.outputTypes(for: example.inputs, outputCount: 1)
    return types?.first??.dimensions ?? []
  }

  mutating func causalConvolution() -> OperatorExample {
    let (batch, channels) = (integer(1...2), integer(1...3))
    let (kernel, dilation) = (integer(1...3), integer(1...2))
    return OperatorExample(
      .convolution(
        Convolution(
          .causalConvWithState(
            activation: element([nil, .swish(alpha: 1)]), dilation: dilation))),
      trimmed([
        tensor([batch, channels, integer(1...6)]), tensor([channels, 1, kernel]),
        maybe(tensor([channels])), maybe(tensor([batch, channels, (kernel - 1) * dilation])),
      ]), outputCount: 2)
  }

  mutating func pooling() -> OperatorExample {
    let axes = integer(1...3)
    let input = integers(2, 1...3) + integers(axes, 5...7)
    let channelsLast = flag()
    let sliding = Pooling.Sliding(
      window: window(axes: axes, kernel: integers(axes, 1...3)), roundsUp: flag(),
      channelsLast: channelsLast)
    let ordered = channelsLast ? [input[0]] + input.dropFirst(2) + [input[1]] : input
    let quantized: [Operand?] = [
      tensor(input, .uint8), scalar, maybe(bytePoint), scalar, bytePoint,
    ]
    func example(
      _ function: Pooling.Function, _ ordered: [Int]? = nil, outputCount: Int = 1
    ) -> OperatorExample {
      OperatorExample(
        .pooling(Pooling(function)), [tensor(ordered ?? input)], outputCount: outputCount)
    }
    switch integer(0...7) {
    case 0:
      return example(
        .max(sliding, countsColumnsFirst: flag()), ordered, outputCount: integer(1...2))
    case 1: return example(.average(sliding, includesPadding: flag()), ordered)
    case 2: return example(.lp(sliding, power: integer(1...3)), ordered)
    case 3: return example(.globalMax)
    case 4: return example(.globalAverage)
    case 5: return example(.globalLp(power: integer(1...3)))
    case 6:
      var inputs = quantized
      inputs[0] = tensor(ordered, .uint8)
      return OperatorExample(
        .pooling(Pooling(.qLinearAverage(sliding, includesPadding: flag()))), inputs)
    default:
      return OperatorExample(
        .pooling(Pooling(.qLinearGlobalAverage(channelsLast: channelsLast))), quantized)
    }
  }
}
