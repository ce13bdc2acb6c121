import ModelIR
import TensorTypes
import TestSupport

extension ExampleMaker {
  mutating func reduction() -> OperatorExample {
    let dimensions = shape(rank: 1...4)
    let rank = dimensions.count
    func example(_ function: Reduction.Function, _ inputs: [Operand?]) -> OperatorExample {
      OperatorExample(.reduction(Reduction(function)), inputs)
    }
    switch integer(0...7) {
    case 0:
      return example(
        .argMax(axis: axis(rank: rank), keepsAxis: flag(), selectsLast: flag()),
        [tensor(dimensions)])
    case 1:
      return example(
        .argMin(axis: axis(rank: rank), keepsAxis: flag(), selectsLast: flag()),
        [tensor(dimensions)])
    case 2:
      return example(
        .cumulativeSum(isExclusive: flag(), isReversed: flag()),
        [tensor(dimensions), Operand(TensorLiteral(scalar: axis(rank: rank)))])
    case 3:
      return example(
        .cumulativeProduct(isExclusive: flag(), isReversed: flag()),
        [tensor(dimensions), Operand(TensorLiteral(scalar: axis(rank: rank)))])
    default:
      let axes = axes(rank: rank)
      let asInput = flag()
      return example(
        .reduce(
          element(Reduction.Combination.allCases),
          Reduction.Axes(asInput ? nil : axes, keepsAxes: flag(), emptyIsNone: flag())),
        [tensor(dimensions)] + (asInput ? [Operand(TensorLiteral(vector: axes))] : []))
    }
  }

  mutating func softmax() -> OperatorExample {
    if flag() { return loss() }
    let dimensions = shape(rank: 1...4)
    let function = element([Softmax.Function.softmax, .logSoftmax, .hardmax, .qLinearSoftmax])
    let softmax = Softmax(
      function, axis: axis(rank: dimensions.count), flattensTrailingAxes: flag())
    return OperatorExample(
      .softmax(softmax),
      function == .qLinearSoftmax
        ? [tensor(dimensions, .uint8), scalar, bytePoint, scalar, bytePoint]
        : [tensor(dimensions)])
  }

  private mutating func loss() -> OperatorExample {
    let scores = shape(rank: 2...4)
    let labels = Array(scores[..<1] + scores[2...])
    let normalizes = flag()
    let loss = Softmax.Loss(element([.none, .mean, .sum]), ignored: element([nil, 0, -1]))
    return OperatorExample(
      .softmax(Softmax(.loss(loss, normalizes: normalizes), axis: 1)),
      [tensor(scores), tensor(labels, .int64)] + (flag() ? [tensor([scores[1]])] : []),
      outputCount: normalizes ? 2 : 1)
  }

  mutating func normalization() -> OperatorExample {
    let image = shape(rank: 2...4)
    let channels = tensor([image[1]])
    let tokens = shape(rank: 2...3) + [integer(1...6)]
    let width = tensor(Array(tokens.suffix(1)))
    func example(
      _ function: Normalization.Function, _ inputs: [Operand?], outputCount: Int = 1
    ) -> OperatorExample {
      OperatorExample(
        .normalization(Normalization(function)), trimmed(inputs), outputCount: outputCount)
    }
    switch integer(0...10) {
    case 0:
      return example(
        .batch(Normalization.Batch(isTraining: flag())),
        [tensor(image)] + Array(repeating: channels, count: 4))
    case 1:
      let axis = integer(0...tokens.count - 1)
      let row = Array(tokens[axis...])
      return example(
        .layer(axis: flag() ? axis : axis - tokens.count, statistics: .float32),
        [tensor(tokens), tensor(row), maybe(tensor(row))], outputCount: integer(1...3))
    case 2: return example(.rms(axis: -1, statistics: .float32), [tensor(tokens), width])
    case 3:
      return example(
        .simplifiedLayer(axis: -1, statistics: .float32), [tensor(tokens), width], outputCount: 2)
    case 4:
      return example(
        .skipLayer, [tensor(tokens), tensor(tokens), width, maybe(width), maybe(width)],
        outputCount: 4)
    case 5:
      return example(
        .skipSimplifiedLayer, [tensor(tokens), tensor(tokens), width, maybe(width)],
        outputCount: 4)
    case 6: return example(.instance, [tensor(image), channels, channels])
    case 7:
      let count = integer(1...2)
      let channelsLast = flag()
      let scalesChannels = flag()
      let parameters = tensor([scalesChannels ? 2 * count : count])
      return example(
        .group(
          Normalization.Group(
            count: count, scalesChannels: scalesChannels, channelsLast: channelsLast,
            activation: element([nil, .swish(alpha: 1)]))),
        [tensor(channelsLast ? [2, 3, 2, 2 * count] : [2, 2 * count, 3]), parameters, parameters])
    case 8:
      return example(
        .localResponse(size: integer(1...6), alpha: 1e-4, beta: 0.75, bias: 1), [tensor(image)])
    case 9:
      return example(
        .lp(axis: axis(rank: image.count), power: integer(1...2)), [tensor(image)])
    default: return example(.meanVariance(axes: axes(rank: image.count)), [tensor(image)])
    }
  }

  mutating func elementwise() -> OperatorExample {
    let known = element(
      arithmeticOperatorExamples.filter {
        if case .elementwise = $0.op { true } else { false }
      })
    let dimensions = shape(rank: 1...4)
    var isFirst = true
    let inputs = known.inputs.map { operand in
      operand.map { operand in
        // Parameters are scalars.
        guard operand.type.rank > 0 else { return operand }
        defer { isFirst = false }
        return tensor(isFirst ? dimensions : broadcastable(to: dimensions), operand.type.dtype)
      }
    }
    return OperatorExample(known.op, inputs)
  }

  mutating func quantization() -> OperatorExample {
    let dimensions = shape(rank: 1...3)
    let axis = axis(rank: dimensions.count)
    let place = axis < 0 ? axis + dimensions.count : axis
    let blockSize = integer(0...2)
    var scales: [Int] = []
    if blockSize > 0 {
      scales = dimensions
      scales[place] = (scales[place] - 1) / blockSize + 1
    } else if flag() {
      scales = [dimensions[place]]
    }
    let granularity = QuantizationOperator.Granularity(axis: axis, blockSize: blockSize)
    let function: QuantizationOperator.Function
    switch integer(0...2) {
    case 0:
      return OperatorExample(
        .quantization(QuantizationOperator(.dynamicQuantizeLinear)), [tensor(dimensions)],
        outputCount: 3)
    case 1:
      function = .quantizeLinear(granularity, output: .int8, saturates: true, precision: nil)
    default: function = .dequantizeLinear(granularity, output: nil)
    }
    let isQuantizing = if case .quantizeLinear = function { true } else { false }
    return OperatorExample(
      .quantization(QuantizationOperator(function)),
      trimmed([
        tensor(dimensions, isQuantizing ? .float32 : .int8), tensor(scales),
        maybe(tensor(scales, .int8)),
      ]))
  }
}
