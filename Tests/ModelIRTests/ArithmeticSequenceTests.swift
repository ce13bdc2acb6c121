import ModelIR
import Quantities
import TensorTypes
import Testing

private let plain = Attention.Scoring()

@Test func `grouped queries share past keys and values`() throws {
  let cache = tensor(1, 2, 5, 4)
  let (types, work) = try evaluated(
    Attention(.scaledDotProduct(queryHeads: nil, keyValueHeads: nil, plain)),
    [tensor(1, 4, 3, 4), tensor(1, 2, 3, 4), tensor(1, 2, 3, 6), nil, cache, tensor(1, 2, 5, 6)],
    outputCount: 4)
  #expect(
    types == [float32(1, 4, 3, 6), float32(1, 2, 8, 4), float32(1, 2, 8, 6), float32(1, 4, 3, 8)])
  // 4 heads · 3 queries · 8 keys = 96 scores, of 4 and 6 multiply-accumulates.
  #expect(work?.macs == MACs(96 * 10))
  // The scale, and five for the softmax.
  #expect(work?.otherOperations == FLOPs(96 * 6))
}

@Test func `without an axis of heads the counts of heads are needed`() throws {
  let tokens = tensor(2, 3, 8)
  func attention(_ queryHeads: Int?, _ keyValueHeads: Int?) -> Attention {
    Attention(
      .scaledDotProduct(
        queryHeads: queryHeads, keyValueHeads: keyValueHeads, Attention.Scoring(softcap: 30)))
  }
  let (types, work) = try evaluated(attention(2, 2), [tokens, tokens, tokens, tensor(3, 3)])
  #expect(types == [float32(2, 3, 8)])
  // 2 · 2 · 3 · 3 = 36 scores: scale, mask, cap 3, softmax 5.
  #expect(work?.otherOperations == FLOPs(360))
  for heads in [(nil, nil), (0, 0), (3, 3), (2, 0), (-2, -2)] as [(Int?, Int?)] {
    #expect(throws: ShapeError.self) {
      try attention(heads.0, heads.1).outputTypes(for: [tokens, tokens, tokens], outputCount: 1)
    }
  }
}

@Test func `a projected attention also counts its projection`() throws {
  let projection = Attention.Projection(heads: 2, widths: [8, 8, 4])
  let (types, work) = try evaluated(
    Attention(.projected(projection, plain)), [tensor(1, 3, 6), tensor(6, 20), tensor(20)])
  #expect(types == [float32(1, 3, 4)])
  // 3 · 6 · 20 for the projection; 2 · 3 · 3 scores of 4 and 2.
  #expect(work?.macs == MACs(360 + 18 * 6))
  #expect(work?.otherOperations == FLOPs(60 + 18 * 6))
}

@Test func `several heads attend to another sequence`() throws {
  let (types, work) = try evaluated(
    Attention(.multiHead(heads: 2, plain)), [tensor(1, 3, 8), tensor(1, 5, 8), tensor(1, 5, 12)],
    outputCount: 3)
  #expect(types == [float32(1, 3, 12), float32(1, 2, 5, 4), float32(1, 2, 5, 6)])
  #expect(work?.macs == MACs(2 * 3 * 5 * 10))
}

@Test func `a shared cache is written only where it changes`() throws {
  let cache = tensor(.float16, 1, 2, 32, 8)
  let total = try #require(TensorLiteral(TensorType(.int32, []), .integers([10])))
  func attention(_ window: Int?) throws -> (types: [TensorType?], work: Work?) {
    try evaluated(
      Attention(
        .groupQuery(
          queryHeads: 4, keyValueHeads: 2, rotates: false,
          Attention.Scoring(lookback: window.map { $0 - 1 }, lookahead: 0))),
      [
        tensor(.float16, 1, 1, 32), tensor(.float16, 1, 1, 16), tensor(.float16, 1, 1, 16),
        cache, cache, tensor(.int32, 1), Operand(total),
      ], outputCount: 3)
  }
  let (types, work) = try attention(nil)
  #expect(types == [TensorType(.float16, [1, 1, 32]), cache.type, cache.type])
  #expect(work?.macs == MACs(4 * 10 * 16))
  #expect(work?.writes == [Bytes(64), Bytes(32), Bytes(32)])
  #expect(try attention(4).work?.macs == MACs(4 * 4 * 16))
}

@Test func `a growing cache is the past and the new`() throws {
  let (types, _) = try evaluated(
    Attention(.groupQuery(queryHeads: 4, keyValueHeads: 2, rotates: false, plain)),
    [
      tensor(1, 3, 64), nil, nil, tensor(1, 2, 5, 8), tensor(1, 2, 5, 8), tensor(.int32, 1),
      tensor(.int32),
    ], outputCount: 3)
  #expect(types == [float32(1, 3, 32), float32(1, 2, 8, 8), float32(1, 2, 8, 8)])
}

@Test func `a rotation reads only the rows it needs`() throws {
  let rotation = Attention.Rotation(positionsSecond: true, interleaved: false, heads: 2, width: 0)
  let (types, work) = try evaluated(
    Attention(.rotaryEmbedding(rotation)),
    [tensor(1, 3, 8), tensor(.int64, 1, 3), tensor(1000, 2), tensor(1000, 2)])
  #expect(types == [float32(1, 3, 8)])
  // Six operations a pair.
  #expect(work?.otherOperations == FLOPs(72))
  #expect(work?.reads == [Bytes(96), Bytes(24), Bytes(24), Bytes(24)])
}

@Test func `a recurrent state costs the same for every token`() throws {
  let tokens = tensor(1, 5, 8)
  let recurrence = Attention.Recurrence(
    rule: .gatedDelta, queryHeads: 2, keyValueHeads: 2, scale: nil)
  let (types, work) = try evaluated(
    Attention(.linear(recurrence)),
    [tokens, tokens, tensor(1, 5, 12), nil, tensor(1, 5, 2), tensor(1, 5, 2)], outputCount: 2)
  #expect(types == [float32(1, 5, 12), float32(1, 2, 4, 6)])
  // Recall, update and read a state of 4 · 6 for 2 heads and 5 tokens.
  #expect(work?.macs == MACs(3 * 5 * 2 * 24))
}

@Test func `embeddings read a row of each table for each token`() throws {
  let (types, work) = try evaluated(
    Attention(.embedLayerNormalization(epsilon: 1e-12)),
    [
      tensor(.int32, 2, 3), tensor(.int32, 2, 3), tensor(1000, 8), tensor(512, 8), tensor(2, 8),
      tensor(8), tensor(8),
    ], outputCount: 2)
  #expect(types == [float32(2, 3, 8), TensorType(.int32, [2])])
  #expect(work?.reads[2] == Bytes(6 * 8 * 4))
  #expect(work?.reads[4] == Bytes(2 * 8 * 4))
  #expect(work?.otherOperations == FLOPs(48 * 9 + 6 * 5))
}

@Test func `a bidirectional LSTM`() throws {
  let (types, work) = try evaluated(
    Recurrent(.lstm(couplesInputAndForget: false), direction: .bidirectional),
    [tensor(3, 2, 4), tensor(2, 20, 4), tensor(2, 20, 5), tensor(2, 40)], outputCount: 3)
  #expect(types == [float32(3, 2, 2, 5), float32(2, 2, 5), float32(2, 2, 5)])
  // 3 steps · 2 directions · 2 sequences · 4 gates · 5 · (4 + 5).
  #expect(work?.macs == MACs(2160))
  // 60 cells: 8 for biases, 3 logistic of 4, 2 tanh, 4 to join.
  #expect(work?.otherOperations == FLOPs(60 * 26))
}

@Test func `the batch may come first`() throws {
  let gru = Recurrent(.gru(linearBeforeReset: false), batchFirst: true)
  let (types, work) = try evaluated(
    gru, [tensor(2, 3, 4), tensor(1, 15, 4), tensor(1, 15, 5)], outputCount: 2)
  #expect(types == [float32(2, 3, 1, 5), float32(2, 1, 5)])
  #expect(work?.macs == MACs(3 * 2 * 3 * 5 * 9))
  #expect(work?.otherOperations == FLOPs(30 * (2 * 4 + 1 + 5)))
  #expect(throws: ShapeError.self) {
    try gru.outputTypes(for: [tensor(2, 3, 4), tensor(1, 20, 4), tensor(1, 15, 5)], outputCount: 1)
  }
}

@Test func `stated activations replace a cell's own`() throws {
  let rnn = Recurrent(.rnn, activations: [.elementwise(.relu)])
  let (types, work) = try evaluated(rnn, [tensor(3, 1, 4), tensor(1, 5, 4), tensor(1, 5, 5)])
  #expect(types == [float32(3, 1, 1, 5)])
  #expect(work?.otherOperations == FLOPs(15))
}
