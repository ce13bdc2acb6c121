import ModelIR
import Quantities
import TensorTypes
import Testing

private func float(_ extents: Int...) -> Operand { Operand(TensorType(.float32, extents)) }
private func vector(_ values: Int...) -> Operand { Operand(TensorLiteral(vector: values)) }
private func reals(_ values: [Double]) -> Operand {
  let type = TensorType(.float32, [values.count])
  return Operand(type, literal: TensorLiteral(type, .reals(values)))
}

private func extents(
  _ definition: some OperatorDefinition, _ inputs: Operand?..., outputs: Int = 1
) throws -> [[Int]?] {
  try definition.outputTypes(for: inputs, outputCount: outputs).map { $0?.dimensions }
}

@Test func `a reshape keeps, infers and refuses extents`() throws {
  #expect(try extents(View.reshape(), float(2, 3, 4), vector(0, -1)) == [[2, 12]])
  #expect(throws: ShapeError.self) { try extents(View.reshape(), float(0, 3), vector(3, 0)) }
  #expect(try extents(View.reshape(allowsZero: true), float(0, 3), vector(3, 0)) == [[3, 0]])
  #expect(throws: ShapeError.self) { try extents(View.reshape(), float(6), vector(-1, -1)) }
  #expect(throws: ShapeError.self) { try extents(View.reshape(), float(6), vector(-1, 0, 0)) }
  #expect(
    throws: ShapeError.extentMismatch(what: "the count of elements", expected: 6, actual: 8)
  ) { try extents(View.reshape(), float(6), vector(2, 4)) }
}

/// 7 elements, so: forward by 2 from 1 takes 1, 3, 5; back by 3 from the end takes 6, 3, 0.
@Test(arguments: [
  (1, 7, 2, 3), (-1, Int.min, -3, 3), (0, Int.max, 1, 7), (5, 2, 1, 0), (-3, -1, 1, 2),
  (100, 0, -1, 6), (0, 7, Int.max, 1), (6, -8, Int.min, 1),
])
func `a slice clamps its bounds`(start: Int, end: Int, step: Int, count: Int) throws {
  #expect(
    try extents(
      Movement.slice(Movement.Slice()), float(2, 7), vector(start), vector(end), vector(-1),
      vector(step)) == [[2, count]])
}

@Test func `a slice with step 0 is an error`() {
  #expect(throws: ShapeError.invalidInput(index: 4, reason: "holds the step 0")) {
    try extents(
      Movement.slice(Movement.Slice()), float(7), vector(0), vector(7), vector(0), vector(0))
  }
}

@Test func `a split is even, stated, or shorter at its end`() throws {
  let even = Movement.split(Movement.Split(axis: 0))
  #expect(try extents(even, float(6), outputs: 3) == [[2], [2], [2]])
  #expect(try extents(even, float(6), vector(1, 5), outputs: 2) == [[1], [5]])
  #expect(throws: ShapeError.self) { try extents(even, float(7), outputs: 3) }
  #expect(
    throws: ShapeError.extentMismatch(what: "the sum of the parts", expected: 6, actual: 7)
  ) { try extents(even, float(6), vector(2, 5), outputs: 2) }
  let parts = Movement.split(Movement.Split(axis: 0, partCount: 4))
  #expect(try extents(parts, float(7), outputs: 4) == [[2], [2], [2], [1]])
}

@Test func `pads add, cut, and may name axes`() throws {
  #expect(try extents(Movement.pad(pads: [0, 1, 0, 2]), float(3, 4)) == [[3, 7]])
  #expect(try extents(Movement.pad(), float(3, 4), vector(-1, 2), nil, vector(0)) == [[4, 4]])
  #expect(throws: ShapeError.self) { try extents(Movement.pad(pads: [-4, 0]), float(3)) }
}

/// 5 · 0.7 = 3.5 and 7 · 0.7 = 4.9, both rounded down; in single precision 10 · 0.7 is 7.
@Test func `scales round extents down in single precision`() throws {
  let resize = Movement.resize(Resize(.linear, scalesInput: 2, sizesInput: 3))
  #expect(try extents(resize, float(5, 7, 10), nil, reals([0.7, 0.7, 0.7])) == [[3, 4, 7]])
  #expect(try extents(resize, float(4, 4), nil, reals([]), vector(6, 3)) == [[6, 3]])
}

/// 30 × 20 into 60 × 60: the scales are 2 and 3.
@Test(arguments: [
  (Resize.AspectRatioPolicy.stretch, [2, 60, 60]), (.notLarger, [2, 60, 40]),
  (.notSmaller, [2, 90, 60]),
])
func `an aspect ratio is kept by one scale`(
  policy: Resize.AspectRatioPolicy, expected: [Int]
) throws {
  let resize = Movement.resize(Resize(.nearest, sizesInput: 3, axes: [1, -1], policy: policy))
  #expect(try extents(resize, float(2, 30, 20), nil, nil, vector(60, 60)) == [expected])
}

@Test func `interpolation costs its taps along each axis that changes`() throws {
  let input = float(1, 1, 4, 4)
  func work(_ resize: Resize, _ output: [Int]) -> Work? {
    Movement.resize(resize).work(inputs: [input], outputs: [TensorType(.float32, output)])
  }
  #expect(work(Resize(.nearest), [1, 1, 8, 8])?.flops == .zero)
  // Rows first, then columns: half as many places on the way.
  #expect(work(Resize(.linear), [1, 1, 8, 8])?.flops == FLOPs((32 + 64) * 3))
  #expect(work(Resize(.cubic), [1, 1, 4, 8])?.flops == FLOPs(32 * 7))
  #expect(work(Resize(.nearest), [1, 1, 2, 2])?.reads == [Bytes(16)])
}

@Test func `a gather reads the rows that it picks, and no more than the table`() throws {
  let table = float(1000, 64)
  let gather = Indexing.gather(axis: 0)
  func reads(_ count: Int) throws -> Bytes? {
    let inputs = [table, Operand(TensorType(.int64, [count]))]
    let types = try gather.outputTypes(for: inputs, outputCount: 1)
    return gather.work(inputs: inputs, outputs: types)?.reads[0]
  }
  #expect(try reads(3) == Bytes(3 * 64 * 4))
  #expect(try reads(5000) == Bytes(1000 * 64 * 4))
}

/// One byte packs two elements of a row of 64, so a row is 32 bytes and two scales.
@Test func `a packed table is gathered as stored`() throws {
  let gather = Indexing.gatherBlockQuantized(
    Indexing.GatherBlockQuantized(axis: 0, blockSize: 32, elementsPerByte: 2))
  let inputs: [Operand?] = [
    Operand(TensorType(.uint8, [1000, 32])), Operand(TensorType(.int64, [5])),
    Operand(TensorType(.float16, [1000, 2])),
  ]
  let types = try gather.outputTypes(for: inputs, outputCount: 1)
  #expect(types == [TensorType(.float16, [5, 64])])
  let work = try #require(gather.work(inputs: inputs, outputs: types))
  #expect(work.reads == [Bytes(5 * 32), Bytes(5 * 8), Bytes(5 * 2 * 2)])
  #expect(work.otherOperations == FLOPs(5 * 64 * 2))
}

@Test func `a slice reads what it writes, a view nothing`() {
  let output = TensorType(.float32, [2, 3])
  let slice = Movement.slice(Movement.Slice(starts: [0], ends: [2]))
  #expect(slice.work(inputs: [float(100, 3)], outputs: [output])?.traffic == Bytes(2 * 24))
  #expect(View.reshape().work(inputs: [float(6)], outputs: [output])?.traffic == .zero)
  #expect(Generator.shape().work(inputs: [float(6)], outputs: [output])?.traffic == .zero)
}

@Test func `gathers and scatters of tuples pick behind their tuples`() throws {
  let indices = Operand(TensorType(.int64, [2, 6, 1]))
  #expect(
    try extents(Indexing.gatherND(batchDimensions: 1), float(2, 3, 5), indices) == [[2, 6, 5]])
  #expect(throws: ShapeError.self) {
    try extents(
      Indexing.gatherND(batchDimensions: 0), float(2), Operand(TensorType(.int64, [4, 2])))
  }
}

@Test func `the greatest k cannot be more than there are`() throws {
  #expect(try extents(Indexing.topK(axis: 1), float(2, 9), vector(4)) == [[2, 4], [2, 4]])
  #expect(
    throws: ShapeError.invalidInput(index: 1, reason: "asks for 10 of 9 elements")
  ) { try extents(Indexing.topK(axis: 1, count: 10), float(2, 9)) }
}

/// 5 · 16 · log₂ 16 = 320 operations a complex transform of 16, half of it for real input.
@Test func `a transform counts 5 N log N`() throws {
  let complex = Signal.dft(axis: 1, inverse: false, onesided: false)
  let real = Signal.dft(axis: 1, inverse: false, onesided: true)
  let whole = TensorType(.float32, [3, 16, 2])
  #expect(try extents(real, float(3, 16, 1)) == [[3, 9, 2]])
  #expect(
    complex.work(inputs: [float(3, 16, 2)], outputs: [whole])?.otherOperations == FLOPs(3 * 320))
  #expect(
    real.work(inputs: [float(3, 16, 1)], outputs: [TensorType(.float32, [3, 9, 2])])?
      .otherOperations == FLOPs(3 * 160))
  #expect(
    try extents(Signal.dft(axis: 1, inverse: true, onesided: true), float(3, 9, 2))
      == [[3, 16, 1]])
}

/// (128 − 16) / 8 + 1 = 15 frames; each is windowed (16) and transformed (160).
@Test func `a short-time transform cuts frames`() throws {
  let stft = Signal.stft(onesided: true)
  let step = Operand(TensorLiteral(scalar: 8))
  #expect(try extents(stft, float(2, 128, 1), step, float(16)) == [[2, 15, 9, 2]])
  let work = stft.work(
    inputs: [float(2, 128, 1), step, float(16)], outputs: [TensorType(.float32, [2, 15, 9, 2])])
  #expect(work?.otherOperations == FLOPs(2 * 15 * (16 + 160)))
  #expect(throws: ShapeError.self) {
    try extents(stft, float(2, 8, 1), step, float(16))
  }
}

@Test func `elimination sums squares, an inverse clears a square for each pivot`() {
  let input = float(5, 6, 6)
  #expect(
    Geometry.det.work(inputs: [input], outputs: [TensorType(.float32, [5])])?.macs
      == MACs(5 * (1 + 4 + 9 + 16 + 25)))
  #expect(
    Geometry.inverse.work(inputs: [input], outputs: [input.type])?.macs == MACs(5 * 6 * 25))
}
