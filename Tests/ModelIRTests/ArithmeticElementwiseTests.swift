import ModelIR
import Quantities
import TensorTypes
import Testing

@Test func `operands broadcast and the result has the first dtype`() throws {
  let (types, work) = try evaluated(
    Elementwise(.add), [tensor(.float16, 2, 1, 4), tensor(.float16, 3, 1)])
  #expect(types == [TensorType(.float16, [2, 3, 4])])
  #expect(work?.otherOperations == FLOPs(24))
  // (8 + 3) read and 24 written elements of two bytes.
  #expect(work?.reads == [Bytes(16), Bytes(6)])
  #expect(work?.writes == [Bytes(48)])
}

@Test func `shapes that do not broadcast are an error`() {
  #expect(throws: ShapeError.broadcastMismatch(left: [2, 3], right: [2])) {
    try Elementwise(.mul).outputTypes(for: [tensor(2, 3), tensor(2)], outputCount: 1)
  }
}

@Test func `comparisons and tests give Booleans`() throws {
  #expect(
    try evaluated(Elementwise(.less), [tensor(2), tensor()]).types == [TensorType(.bool, [2])])
  #expect(try evaluated(Elementwise(.isNaN), [tensor(2)]).types == [TensorType(.bool, [2])])
  #expect(
    try evaluated(Elementwise(.bitwiseAnd), [tensor(.int8, 2), tensor(.int8)]).types
      == [TensorType(.int8, [2])])
}

@Test func `a choice has the shape of all three and the dtype of the chosen`() throws {
  let (types, work) = try evaluated(
    Elementwise(.where), [tensor(.bool, 3, 1), tensor(.int64, 4), tensor(.int64)])
  #expect(types == [TensorType(.int64, [3, 4])])
  #expect(work?.otherOperations == FLOPs(12))
}

@Test func `the count of operands counts in sums and means`() throws {
  let three = [tensor(2, 5), tensor(5), tensor(2, 1)]
  #expect(try evaluated(Elementwise(.sum), three).work?.otherOperations == FLOPs(20))
  #expect(try evaluated(Elementwise(.mean), three).work?.otherOperations == FLOPs(30))
  #expect(try evaluated(Elementwise(.max), [tensor(2, 5)]).work?.otherOperations == .zero)
}

@Test func `each bound of a clip is a comparison`() throws {
  let six = Elementwise(.clip(min: 0, max: 6))
  let inputs = Elementwise(.clip(min: nil, max: nil))
  #expect(try evaluated(six, [tensor(10)]).work?.otherOperations == FLOPs(20))
  #expect(try evaluated(inputs, [tensor(10), tensor()]).work?.otherOperations == FLOPs(10))
  #expect(try evaluated(inputs, [tensor(10), nil, tensor()]).types == [float32(10)])
  #expect(try evaluated(inputs, [tensor(10)]).work?.otherOperations == .zero)
}

@Test func `a slope broadcasts to its input only`() throws {
  #expect(
    try evaluated(Elementwise(.pRelu), [tensor(1, 4, 2), tensor(4, 1)]).types
      == [float32(1, 4, 2)])
  #expect(throws: ShapeError.self) {
    try Elementwise(.pRelu).outputTypes(for: [tensor(4, 1), tensor(1, 4, 2)], outputCount: 1)
  }
}

@Test func `quantized operands stand between their parameters`() throws {
  let scale = tensor()
  let zero = tensor(.uint8)
  let (types, work) = try evaluated(
    Elementwise(.qLinearAdd),
    [tensor(.uint8, 2, 3), scale, zero, tensor(.uint8, 3), scale, zero, scale, zero])
  #expect(types == [TensorType(.uint8, [2, 3])])
  // Twice subtract and multiply, add, then divide, round, add, two comparisons.
  #expect(work?.otherOperations == FLOPs(60))
}

@Test func `elementary functions follow their formulas`() throws {
  func operations(_ function: Elementwise.Function) throws -> FLOPs? {
    try evaluated(Elementwise(function), [tensor(1)]).work?.otherOperations
  }
  #expect(try operations(.relu) == FLOPs(1))
  #expect(try operations(.sigmoid) == FLOPs(4))
  #expect(try operations(.hardSwish) == FLOPs(5))
  #expect(try operations(.gelu(.erf)) == FLOPs(5))
  #expect(try operations(.gelu(.tanh)) == FLOPs(9))
}
