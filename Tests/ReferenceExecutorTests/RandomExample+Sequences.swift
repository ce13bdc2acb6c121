import ModelIR
import TensorTypes
import TestSupport

extension ExampleMaker {
  mutating func recurrent() -> OperatorExample {
    let (length, batch, size, hidden) = (
      integer(1...3), integer(1...3), integer(1...4), integer(1...4)
    )
    let direction = element([Recurrent.Direction.forward, .reverse, .bidirectional])
    let cells: [(Recurrent.Cell, gates: Int)] = [
      (.lstm(couplesInputAndForget: flag()), 4), (.gru(linearBeforeReset: flag()), 3), (.rnn, 1),
      (.dynamicQuantizeLSTM(couplesInputAndForget: flag()), 4),
    ]
    let (cell, gates) = element(cells)
    let batchFirst = flag()
    let directions = direction.count
    let own = gates == 4 ? 3 : gates == 3 ? 2 : 1
    let choices: [Recurrent.Activation] = [
      .elementwise(.relu), .elementwise(.hardSigmoid(alpha: 0.2, beta: 0.5)),
      .affine(alpha: 0.5, beta: 1), .scaledTanh(alpha: 1.7, beta: 0.6),
    ]
    let activations = flag() ? [] : (0..<own * directions).map { _ in element(choices) }
    let state = tensor(batchFirst ? [batch, directions, hidden] : [directions, batch, hidden])
    let isQuantized = if case .dynamicQuantizeLSTM = cell { true } else { false }
    var inputs: [Operand?] = [
      tensor(batchFirst ? [batch, length, size] : [length, batch, size]),
      isQuantized
        ? tensor([directions, size, gates * hidden], .int8)
        : tensor([directions, gates * hidden, size]),
      isQuantized
        ? tensor([directions, hidden, gates * hidden], .int8)
        : tensor([directions, gates * hidden, hidden]),
      maybe(tensor([directions, 2 * gates * hidden])), maybe(tensor([batch], .int32)),
      maybe(state),
    ]
    if gates == 4 { inputs += [maybe(state), maybe(tensor([directions, 3 * hidden]))] }
    if isQuantized {
      let scale = element([tensor([directions]), tensor([directions, gates * hidden])])
      let zeroPoint = Operand(TensorType(.int8, scale.type.dimensions))
      inputs += [scale, zeroPoint, scale, zeroPoint]
    }
    return OperatorExample(
      .recurrent(
        Recurrent(
          cell, direction: direction, batchFirst: batchFirst, activations: activations,
          clip: flag() ? 3 : nil)), trimmed(inputs), outputCount: gates == 4 ? 3 : 2)
  }

  mutating func attention() -> OperatorExample {
    let scoring = Attention.Scoring(
      scale: flag() ? 0.5 : nil, isCausal: flag(), softcap: element([0, 20]),
      lookback: flag() ? integer(0...3) : nil, lookahead: flag() ? integer(0...2) : nil)
    let (batch, length, past) = (integer(1...2), integer(1...3), integer(0...3))
    let (heads, shared, size) = (integer(1...2), integer(1...2), 2 * integer(1...2))
    let queryHeads = heads * shared
    let cache = tensor([batch, heads, past, size])
    let hasPast = past > 0 && flag()
    let keys = length + (hasPast ? past : 0)
    let pair = hasPast ? [cache, cache] : [nil, nil]
    func example(
      _ function: Attention.Function, _ inputs: [Operand?], outputCount: Int = 1
    ) -> OperatorExample {
      OperatorExample(
        .attention(Attention(function)), trimmed(inputs), outputCount: outputCount)
    }
    switch integer(0...4) {
    case 0:
      let valueSize = integer(1...3)
      let isWide = flag()
      let added = flag() ? length : integer(1...4)
      let keys = added + (hasPast ? past : 0)
      func operand(_ length: Int, _ heads: Int, _ size: Int) -> Operand {
        tensor(isWide ? [batch, length, heads * size] : [batch, heads, length, size])
      }
      return example(
        .scaledDotProduct(queryHeads: queryHeads, keyValueHeads: heads, scoring),
        [
          operand(length, queryHeads, size), operand(added, heads, size),
          operand(added, heads, valueSize),
          maybe(
            tensor(
              broadcastable(to: [batch, queryHeads, length, keys]), flag() ? .bool : .float32)),
          hasPast ? cache : nil, hasPast ? tensor([batch, heads, past, valueSize]) : nil,
        ], outputCount: element([1, 3, 4]))
    case 1:
      let tokens = tensor([batch, length, heads * size])
      return example(
        .multiHead(heads: heads, scoring),
        [
          tokens, tokens, tokens, maybe(tensor([3 * heads * size])), maybe(tensor([batch], .int32)),
          maybe(tensor([1, heads, length, keys])),
        ] + pair, outputCount: element([1, 3, 4]))
    case 2:
      let total = hasPast ? past + length : length
      let isPacked = flag()
      let tokens = tensor([batch, length, heads * size])
      return example(
        .groupQuery(
          queryHeads: queryHeads, keyValueHeads: heads, rotates: flag(), scoring),
        [
          tensor([batch, length, (queryHeads + (isPacked ? 2 * heads : 0)) * size]),
          isPacked ? nil : tokens, isPacked ? nil : tokens,
        ] + pair + [
          tensor([batch], .int32), Operand(TensorLiteral(scalar: total)),
          tensor([8, size / integer(1...2)]).halved, tensor([8, size]).halved,
        ], outputCount: 3
      ).withEqualTables
    default:
      let projection = Attention.Projection(heads: heads, rotates: flag())
      let width = 3 * heads * size
      let isQuantized = flag()
      let pastPair = hasPast ? tensor([2, batch, heads, past, size]) : nil
      let depth = integer(1...4)
      return isQuantized
        ? example(
          .quantizedProjected(projection, scoring),
          [
            tensor([batch, length, depth], .uint8), tensor([depth, width], .int8),
            tensor([width]), scalar, scalar, maybe(tensor([batch], .int32)), maybe(bytePoint),
            maybe(tensor([], .int8)), pastPair,
          ], outputCount: 2)
        : example(
          .projected(projection, scoring),
          [
            tensor([batch, length, depth]), tensor([depth, width]), maybe(tensor([width])),
            maybe(tensor([batch], .int32)), pastPair,
            maybe(tensor([batch, heads, length, keys])),
          ], outputCount: 2)
    }
  }

  mutating func attentionLike() -> OperatorExample {
    let (batch, length) = (integer(1...2), integer(1...3))
    let (heads, size) = (integer(1...2), 2 * integer(1...2))
    if flag() {
      let rule = element([
        Attention.Recurrence.Rule.linear, .gated, .delta, .gatedDelta,
      ])
      let queryHeads = heads * integer(1...2)
      let valueSize = integer(1...3)
      let isGated = rule == .gated || rule == .gatedDelta
      let isDelta = rule == .delta || rule == .gatedDelta
      return OperatorExample(
        .attention(
          Attention(
            .linear(
              Attention.Recurrence(
                rule: rule, queryHeads: queryHeads, keyValueHeads: heads, scale: nil)))),
        trimmed([
          tensor([batch, length, queryHeads * size]), tensor([batch, length, heads * size]),
          tensor([batch, length, heads * valueSize]),
          maybe(tensor([batch, heads, size, valueSize])),
          isGated ? tensor([batch, length, flag() ? heads : heads * size]) : nil,
          isDelta ? tensor([batch, length, heads]) : nil,
        ]), outputCount: 2)
    }
    let width = flag() ? 0 : 2 * integer(1...size / 2)
    let isFlat = flag()
    let positionsSecond = flag()
    let tables = tensor([8, (width == 0 ? size : width) / 2])
    let positions = tensor([batch, length], .int64)
    return OperatorExample(
      .attention(
        Attention(
          .rotaryEmbedding(
            Attention.Rotation(
              positionsSecond: positionsSecond, interleaved: flag(), heads: isFlat ? heads : 0,
              width: width)))),
      [tensor(isFlat ? [batch, length, heads * size] : [batch, heads, length, size])]
        + (positionsSecond ? [positions, tables, tables] : [tables, tables, positions]))
  }
}

extension Operand {
  /// With half of the last extent, but at least 1.
  fileprivate var halved: Operand {
    let dimensions = type.dimensions
    return tensor(dimensions.dropLast() + [max((dimensions.last ?? 2) / 2, 1)], type.dtype)
  }
}

extension OperatorExample {
  /// With the table of sines as wide as that of cosines.
  fileprivate var withEqualTables: OperatorExample {
    var inputs = inputs
    inputs[8] = inputs[7]
    return OperatorExample(op, inputs, outputCount: outputCount)
  }
}
