import ModelIR
import Quantities
import TensorTypes
import Testing

@Test func `batch normalization has one result, and three in training`() throws {
  let inputs: [Operand?] = [tensor(2, 4, 3, 3)] + Array(repeating: tensor(4), count: 4)
  let (types, work) = try evaluated(
    Normalization(.batch(Normalization.Batch())), inputs)
  #expect(types == [float32(2, 4, 3, 3)])
  // Four operations on each of 72 elements, three on each of 4 channels.
  #expect(work?.otherOperations == FLOPs(72 * 4 + 4 * 3))
  let training = Normalization(.batch(Normalization.Batch(isTraining: true)))
  #expect(
    try evaluated(training, inputs, outputCount: 3).types
      == [float32(2, 4, 3, 3), float32(4), float32(4)])
  #expect(throws: ShapeError.self) {
    try training.outputTypes(
      for: [tensor(2, 4, 3)] + Array(repeating: tensor(3), count: 4), outputCount: 1)
  }
}

@Test func `layer normalization gives a statistic for each row`() throws {
  let layer = Normalization(.layer(axis: 1, statistics: .float32))
  let (types, work) = try evaluated(
    layer, [tensor(.float16, 2, 3, 4), tensor(.float16, 3, 4), tensor(.float16, 3, 4)],
    outputCount: 3)
  #expect(types == [TensorType(.float16, [2, 3, 4]), float32(2, 1, 1), float32(2, 1, 1)])
  // Mean 1, variance 3, scale by deviation 1, gamma 1, beta 1 on 24 elements; 5 on 2 rows.
  #expect(work?.otherOperations == FLOPs(24 * 7 + 2 * 5))
  let plain = try evaluated(layer, [tensor(2, 3, 4), tensor(3, 4)])
  #expect(plain.types == [float32(2, 3, 4)])
  #expect(plain.work?.otherOperations == FLOPs(24 * 6 + 2 * 5))
}

@Test func `a skip connection also gives the sum`() throws {
  let tokens = tensor(2, 3, 8)
  let (types, work) = try evaluated(
    Normalization(.skipLayer), [tokens, tokens, tensor(8), tensor(8), tensor(8)], outputCount: 4)
  #expect(types == [float32(2, 3, 8), float32(2, 3, 1), float32(2, 3, 1), float32(2, 3, 8)])
  #expect(work?.otherOperations == FLOPs(48 * 9 + 6 * 5))
  let rms = try evaluated(Normalization(.skipSimplifiedLayer), [tokens, tensor(3, 8), tensor(8)])
  #expect(rms.work?.otherOperations == FLOPs(48 * 5 + 6 * 4))
}

@Test func `groups of channels are checked`() throws {
  let group = Normalization(.group(Normalization.Group(count: 2)))
  #expect(
    try evaluated(group, [tensor(1, 4, 5), tensor(4), tensor(4)]).types == [float32(1, 4, 5)])
  for count in [0, -2, 3] {
    let odd = Normalization(.group(Normalization.Group(count: count)))
    #expect(throws: ShapeError.self) {
      try odd.outputTypes(for: [tensor(1, 4, 5), tensor(4), tensor(4)], outputCount: 1)
    }
  }
}

@Test func `neighbouring channels are at most all channels`() throws {
  func operations(_ size: Int) throws -> FLOPs? {
    try evaluated(
      Normalization(.localResponse(size: size, alpha: 1e-4, beta: 0.75, bias: 1)),
      [tensor(1, 8, 2, 2)]
    ).work?.otherOperations
  }
  // Five an element, and windows of 3, 4, 5, 5, 5, 5, 4, 3 channels at each of four places.
  #expect(try operations(5) == FLOPs(32 * 5 + 4 * 34))
  #expect(try operations(.max) == FLOPs(32 * 13))
}

@Test func `a softmax costs five operations an element`() throws {
  let (types, work) = try evaluated(Softmax(.softmax, axis: -1), [tensor(2, 10)])
  #expect(types == [float32(2, 10)])
  #expect(work?.otherOperations == FLOPs(100))
  #expect(throws: ShapeError.axisOutOfRange(axis: 2, rank: 2)) {
    try Softmax(.softmax, axis: 2).outputTypes(for: [tensor(2, 10)], outputCount: 1)
  }
}

@Test func `reductions take their axes from the attribute, the input, or neither`() throws {
  func types(_ axes: Reduction.Axes, _ more: Operand?...) throws -> [TensorType?] {
    try evaluated(Reduction(.reduce(.mean, axes)), [tensor(2, 3, 4)] + more).types
  }
  let literal = Operand(TensorLiteral(vector: [-1, 0]))
  let none = try #require(TensorLiteral(TensorType(.int64, [0]), .integers([])))
  #expect(try types(Reduction.Axes([1])) == [float32(2, 1, 4)])
  #expect(try types(Reduction.Axes([1], keepsAxes: false)) == [float32(2, 4)])
  #expect(try types(Reduction.Axes(), literal) == [float32(1, 3, 1)])
  #expect(try types(Reduction.Axes()) == [float32(1, 1, 1)])
  #expect(try types(Reduction.Axes(keepsAxes: false)) == [float32()])
  #expect(try types(Reduction.Axes(emptyIsNone: true), Operand(none)) == [float32(2, 3, 4)])
  #expect(try types(Reduction.Axes(), Operand(none)) == [float32(1, 1, 1)])
  #expect(try types(Reduction.Axes(), tensor(.int64, 1)) == [nil])
  #expect(throws: ShapeError.axisOutOfRange(axis: 3, rank: 3)) {
    try Reduction(.reduce(.sum, Reduction.Axes([3]))).outputTypes(
      for: [tensor(2, 3, 4)], outputCount: 1)
  }
}

@Test func `a reduction counts what it does before, while and after combining`() throws {
  func operations(_ combination: Reduction.Combination) throws -> FLOPs? {
    try evaluated(Reduction(.reduce(combination, Reduction.Axes([1]))), [tensor(2, 10)])
      .work?.otherOperations
  }
  #expect(try operations(.sum) == FLOPs(20))
  #expect(try operations(.mean) == FLOPs(22))
  #expect(try operations(.l2) == FLOPs(42))
  #expect(try operations(.logSumExp) == FLOPs(84))
}

@Test func `positions of maxima are 64-bit integers`() throws {
  let argument = Reduction(.argMax(axis: -1, keepsAxis: false, selectsLast: false))
  #expect(try evaluated(argument, [tensor(2, 3)]).types == [TensorType(.int64, [2])])
  #expect(throws: ShapeError.self) {
    try argument.outputTypes(for: [tensor(2, 0)], outputCount: 1)
  }
}

@Test func `a quantized dtype is the zero point's, the attribute's, or uint8`() throws {
  func dtype(_ output: DType?, _ zeroPoint: Operand?) throws -> DType? {
    let quantize = QuantizationOperator(
      .quantizeLinear(
        QuantizationOperator.Granularity(), output: output, saturates: true, precision: nil))
    return try evaluated(quantize, [tensor(2, 3), tensor(), zeroPoint]).types[0]?.dtype
  }
  #expect(try dtype(nil, tensor(.int8)) == .int8)
  #expect(try dtype(.int16, nil) == .int16)
  #expect(try dtype(nil, nil) == .uint8)
}

@Test func `scales cover a tensor, slices, or blocks`() throws {
  func accepts(_ scale: Operand, axis: Int = 1, block: Int = 0) -> Bool {
    let dequantize = QuantizationOperator(
      .dequantizeLinear(
        QuantizationOperator.Granularity(axis: axis, blockSize: block), output: nil))
    let types = try? dequantize.outputTypes(for: [tensor(.int8, 2, 6), scale], outputCount: 1)
    return types == [float32(2, 6)]
  }
  #expect(accepts(tensor(), axis: 9))
  #expect(accepts(tensor(1), axis: 9))
  #expect(accepts(tensor(6)))
  #expect(accepts(tensor(2), axis: -2))
  #expect(!accepts(tensor(2)))
  #expect(!accepts(tensor(6), axis: 2))
  #expect(accepts(tensor(2, 2), block: 4))
  #expect(!accepts(tensor(2, 3), block: 4))
  #expect(!accepts(tensor(2, 6), block: -1))
}

@Test func `quantizing costs five operations an element and back two`() throws {
  let granularity = QuantizationOperator.Granularity()
  let quantize = QuantizationOperator(
    .quantizeLinear(granularity, output: nil, saturates: true, precision: nil))
  let dequantize = QuantizationOperator(.dequantizeLinear(granularity, output: nil))
  let there = try evaluated(quantize, [tensor(10), tensor(), tensor(.int8)])
  #expect(there.work?.otherOperations == FLOPs(50))
  let back = try evaluated(dequantize, [tensor(.int8, 10), tensor(), tensor(.int8)])
  #expect(back.work?.otherOperations == FLOPs(20))
  let symmetric = try evaluated(dequantize, [tensor(.int8, 10), tensor()])
  #expect(symmetric.work?.otherOperations == FLOPs(10))
  let dynamic = try evaluated(
    QuantizationOperator(.dynamicQuantizeLinear), [tensor(10)], outputCount: 3)
  #expect(dynamic.types == [TensorType(.uint8, [10]), float32(), TensorType(.uint8, [])])
  #expect(dynamic.work?.otherOperations == FLOPs(79))
}
