import ModelIR
import TensorTypes
import Testing

private func folded(
  _ function: Elementwise.Function, _ inputs: TensorLiteral...
) throws -> TensorLiteral? {
  let operation = Elementwise(function)
  let types = try operation.outputTypes(for: inputs.map { Operand($0) }, outputCount: 1)
  return operation.evaluate(inputs, outputs: types.compactMap { $0 })?.first
}
private func reals(_ values: Double...) throws -> TensorLiteral {
  try #require(TensorLiteral(TensorType(.float32, [values.count]), .reals(values)))
}

@Test func `integers divide toward zero and remainders follow the divisor`() throws {
  let left = TensorLiteral(vector: [7, -7, 7, -7])
  let right = TensorLiteral(vector: [2, 2, -2, -2])
  #expect(try folded(.div, left, right)?.integers == [3, -3, -3, 3])
  #expect(try folded(.mod(truncates: false), left, right)?.integers == [1, 1, -1, -1])
  #expect(try folded(.mod(truncates: true), left, right)?.integers == [1, -1, 1, -1])
}

@Test func `what does not fit is not folded`() throws {
  let one = TensorLiteral(scalar: 1)
  #expect(try folded(.add, TensorLiteral(scalar: .max), one) == nil)
  #expect(try folded(.div, one, TensorLiteral(scalar: 0)) == nil)
  #expect(try folded(.mod(truncates: false), one, TensorLiteral(scalar: 0)) == nil)
  #expect(try folded(.div, TensorLiteral(scalar: .min), TensorLiteral(scalar: -1)) == nil)
  #expect(try folded(.neg, TensorLiteral(scalar: .min)) == nil)
  #expect(try folded(.pow, TensorLiteral(scalar: 10), TensorLiteral(scalar: 19)) == nil)
  let byte = try #require(TensorLiteral(TensorType(.uint8, []), .integers([200])))
  #expect(try folded(.add, byte, byte) == nil)
  #expect(try folded(.sub, byte, byte)?.integers == [0])
}

@Test func `literals broadcast`() throws {
  let column = try #require(TensorLiteral(TensorType(.int64, [2, 1]), .integers([10, 20])))
  let sum = try folded(.add, column, TensorLiteral(vector: [1, 2, 3]))
  #expect(sum?.type == TensorType(.int64, [2, 3]))
  #expect(sum?.integers == [11, 12, 13, 21, 22, 23])
}

@Test func `comparisons and choices fold`() throws {
  let values = TensorLiteral(vector: [1, -1, 5])
  let mask = try #require(try folded(.equal, values, TensorLiteral(scalar: -1)))
  #expect(mask.type == TensorType(.bool, [3]))
  #expect(mask.integers == [0, 1, 0])
  #expect(try folded(.where, mask, TensorLiteral(scalar: 9), values)?.integers == [1, 9, 5])
  #expect(try folded(.not, mask)?.integers == [1, 0, 1])
}

@Test func `reals are rounded to their dtype`() throws {
  #expect(try folded(.add, reals(0.1), reals(0.2))?.reals == [Double(Float(0.1 + 0.2))])
  #expect(try folded(.round, reals(0.5, 1.5, -2.5))?.reals == [0, 2, -2])
  #expect(try folded(.pow, reals(9), reals(0.5))?.reals == [3])
  #expect(try folded(.mul, reals(2), TensorLiteral(vector: [2])) == nil)
}

@Test func `a product of extents folds`() throws {
  let shape = try #require(
    TensorLiteral(TensorType(.int64, [2, 3]), .integers([1, 2, 3, 4, 5, 6])))
  func folded(_ combination: Reduction.Combination, _ axes: Reduction.Axes) throws -> [Int]? {
    let reduction = Reduction(.reduce(combination, axes))
    let types = try reduction.outputTypes(for: [Operand(shape)], outputCount: 1)
    return reduction.evaluate([shape], outputs: types.compactMap { $0 })?.first?.integers
  }
  #expect(try folded(.prod, Reduction.Axes(keepsAxes: false)) == [720])
  #expect(try folded(.sum, Reduction.Axes([0], keepsAxes: false)) == [5, 7, 9])
  #expect(try folded(.sum, Reduction.Axes([-1])) == [6, 15])
  #expect(try folded(.max, Reduction.Axes([1], keepsAxes: false)) == [3, 6])
  #expect(try folded(.min, Reduction.Axes(emptyIsNone: true)) == [1, 2, 3, 4, 5, 6])
  #expect(try folded(.l2, Reduction.Axes()) == nil)
}

@Test func `extents without elements fold to nothing at once`() throws {
  let empty = try #require(TensorLiteral(TensorType(.int64, [0]), .integers([])))
  #expect(try folded(.add, empty, TensorLiteral(scalar: 1))?.integers == [])
}
