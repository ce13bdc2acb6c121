import ModelIR
import TensorTypes

private func tensor(_ dimensions: Int...) -> Operand { Operand(TensorType(.float32, dimensions)) }
private func tensor(_ dtype: DType, _ dimensions: Int...) -> Operand {
  Operand(TensorType(dtype, dimensions))
}

let attentionExamples: [OperatorExample] = {
  let scoring = Attention.Scoring()
  let tokens = tensor(1, 3, 8)
  func example(
    _ function: Attention.Function, _ inputs: [Operand?], outputCount: Int = 1
  ) -> OperatorExample {
    OperatorExample(.attention(Attention(function)), inputs, outputCount: outputCount)
  }
  let cache = tensor(1, 2, 5, 4)
  return [
    example(
      .scaledDotProduct(queryHeads: nil, keyValueHeads: nil, scoring),
      [tensor(1, 4, 3, 4), tensor(1, 2, 3, 4), tensor(1, 2, 3, 4), nil, cache, cache],
      outputCount: 3),
    example(
      .scaledDotProduct(queryHeads: 2, keyValueHeads: 2, scoring), [tokens, tokens, tokens]),
    example(
      .projected(Attention.Projection(heads: 2), scoring),
      [tokens, tensor(8, 24), tensor(24)], outputCount: 2),
    example(
      .quantizedProjected(Attention.Projection(heads: 2), scoring),
      [
        tensor(.uint8, 1, 3, 8), tensor(.int8, 8, 24), tensor(24), tensor(), tensor(), nil,
        tensor(.uint8), tensor(.int8),
      ]),
    example(
      .multiHead(heads: 2, scoring),
      [tokens, tokens, tokens, tensor(24), nil, nil, cache, cache], outputCount: 3),
    example(
      .groupQuery(queryHeads: 4, keyValueHeads: 2, rotates: true, scoring),
      [
        tensor(1, 3, 16), tokens, tokens, cache, cache, tensor(.int32, 1), tensor(.int32),
        tensor(16, 2), tensor(16, 2),
      ], outputCount: 3),
    example(
      .rotaryEmbedding(
        Attention.Rotation(positionsSecond: false, interleaved: false, heads: 2, width: 0)),
      [tokens, tensor(16, 2), tensor(16, 2), tensor(.int64, 1, 3)]),
    example(
      .linear(
        Attention.Recurrence(rule: .gatedDelta, queryHeads: 2, keyValueHeads: 2, scale: nil)),
      [tokens, tokens, tokens, nil, tensor(1, 3, 2), tensor(1, 3, 2)], outputCount: 2),
    example(
      .embedLayerNormalization(epsilon: 1e-12),
      [
        tensor(.int32, 1, 3), tensor(.int32, 1, 3), tensor(20, 8), tensor(10, 8), tensor(2, 8),
        tensor(8), tensor(8),
      ], outputCount: 2),
  ]
}()

let recurrentExamples: [OperatorExample] = {
  let input = tensor(3, 1, 4)
  func example(
    _ recurrent: Recurrent, _ inputs: [Operand?], outputCount: Int
  ) -> OperatorExample {
    OperatorExample(.recurrent(recurrent), inputs, outputCount: outputCount)
  }
  return [
    example(
      Recurrent(.lstm(couplesInputAndForget: false), direction: .bidirectional),
      [input, tensor(2, 20, 4), tensor(2, 20, 5), tensor(2, 40)], outputCount: 3),
    example(
      Recurrent(.gru(linearBeforeReset: true)),
      [input, tensor(1, 15, 4), tensor(1, 15, 5), tensor(1, 30)], outputCount: 2),
    example(Recurrent(.rnn), [input, tensor(1, 5, 4), tensor(1, 5, 5)], outputCount: 2),
    example(
      Recurrent(.dynamicQuantizeLSTM(couplesInputAndForget: false)),
      [
        input, tensor(.int8, 1, 4, 20), tensor(.int8, 1, 5, 20), tensor(1, 40), nil, nil, nil,
        nil, tensor(1), tensor(.int8, 1), tensor(1), tensor(.int8, 1),
      ], outputCount: 3),
  ]
}()
