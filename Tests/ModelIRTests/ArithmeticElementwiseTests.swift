import ModelIR
import Quantities
import TensorTypes
import Testing

@Test func `operands broadcast and the result has the first dtype`() throws {
  let add = Elementwise(.add)
  let types = try add.outputTypes(
    for: [Operand(TensorType(.float16, [2, 1, 4])), Operand(TensorType(.float16, [3, 1]))],
    outputCount: 1)
  #expect(types == [TensorType(.float16, [2, 3, 4])])
}
