import ModelIR
import Quantities
import TensorTypes
import Testing

@Test(arguments: [
  ([2, 3], [3, 4], [2, 4], 24),
  ([3], [3, 4], [4], 12),
  ([2, 3], [3], [2], 6),
  ([3], [3], [], 3),
  ([7, 1, 2, 3], [5, 3, 4], [7, 5, 2, 4], 840),
])
func `matrix products follow numpy`(left: [Int], right: [Int], result: [Int], macs: Int) throws {
  let (types, work) = try evaluated(
    MatrixProduct(.matMul),
    [Operand(TensorType(.float32, left)), Operand(TensorType(.float32, right))])
  #expect(types == [TensorType(.float32, result)])
  #expect(work?.macs == MACs(macs))
  #expect(work?.otherOperations == .zero)
}

@Test func `a contraction needs equal extents`() {
  #expect(throws: ShapeError.contractionMismatch(left: 3, right: 4)) {
    try MatrixProduct(.matMul).outputTypes(for: [tensor(2, 3), tensor(4, 5)], outputCount: 1)
  }
}

@Test func `a general product transposes, scales and adds`() throws {
  let gemm = MatrixProduct.Gemm(alpha: 0.5, beta: 2, transposesA: true, transposesB: true)
  let (types, work) = try evaluated(
    MatrixProduct(.gemm(gemm)), [tensor(3, 2), tensor(4, 3), tensor(4)])
  #expect(types == [float32(2, 4)])
  #expect(work?.macs == MACs(24))
  // For each of 8 elements: times alpha, times beta, add.
  #expect(work?.otherOperations == FLOPs(24))
  let plain = try evaluated(
    MatrixProduct(.gemm(MatrixProduct.Gemm())), [tensor(2, 3), tensor(3, 4)])
  #expect(plain.work?.otherOperations == .zero)
  #expect(throws: ShapeError.self) {
    try MatrixProduct(.gemm(gemm)).outputTypes(
      for: [tensor(3, 2), tensor(4, 3), tensor(5, 2, 4)], outputCount: 1)
  }
}

@Test func `integer products accumulate in 32 bits`() throws {
  let (types, work) = try evaluated(
    MatrixProduct(.matMulInteger),
    [tensor(.uint8, 2, 3), tensor(.int8, 3, 4), tensor(.uint8)])
  #expect(types == [TensorType(.int32, [2, 4])])
  #expect(work?.otherOperations == FLOPs(6))
}

@Test func `packed weights read their bytes`() throws {
  let weights = MatrixProduct.BlockQuantized(inputSize: 32, outputSize: 4, blockSize: 16)
  let (types, work) = try evaluated(
    MatrixProduct(.matMulNBits(weights)), [tensor(5, 32), tensor(.uint8, 4, 2, 8), tensor(8)])
  #expect(types == [float32(5, 4)])
  #expect(work?.macs == MACs(5 * 4 * 32))
  #expect(work?.otherOperations == FLOPs(2 * 32 * 4))
  #expect(work?.reads == [Bytes(640), Bytes(64), Bytes(32)])
}

@Test func `a fused product moves its batch axis first`() throws {
  let fused = MatrixProduct.Fused(alpha: 0.5, transposesBatchA: true)
  let (types, work) = try evaluated(
    MatrixProduct(.fusedMatMul(fused)), [tensor(2, 5, 3), tensor(5, 3, 4)])
  #expect(types == [float32(5, 2, 4)])
  #expect(work?.macs == MACs(120))
  #expect(work?.otherOperations == FLOPs(40))
}

@Test func `a quantized product has the dtype of its zero point`() throws {
  let scale = tensor()
  let left = [tensor(.uint8, 2, 3), scale, tensor(.uint8)]
  let right = [tensor(.int8, 3, 4), scale, tensor(.int8)]
  let (types, work) = try evaluated(
    MatrixProduct(.qLinearMatMul), left + right + [scale, tensor(.int8)])
  #expect(types == [TensorType(.int8, [2, 4])])
  // 6 + 12 zero points off the operands, 5 operations on each of 8 results.
  #expect(work?.otherOperations == FLOPs(58))
  let real = try evaluated(MatrixProduct(.qGemm(MatrixProduct.Gemm())), left + right)
  #expect(real.types == [float32(2, 4)])
}

@Test(arguments: [
  ("ij,jk->ik", [[2, 3], [3, 4]], [2, 4], 24, 0),
  ("ij,jk", [[2, 3], [3, 4]], [2, 4], 24, 0),
  ("bhid, bhjd -> bhij", [[2, 3, 4, 5], [2, 3, 6, 5]], [2, 3, 4, 6], 720, 0),
  ("...ij,...jk->...ik", [[7, 1, 2, 3], [5, 3, 4]], [7, 5, 2, 4], 840, 0),
  ("i,j->ij", [[2], [3]], [2, 3], 0, 6),
  ("ij->ji", [[2, 3]], [3, 2], 0, 0),
  ("ij->i", [[2, 3]], [2], 0, 6),
  ("ii->i", [[3, 3]], [3], 0, 0),
  ("ii", [[3, 3]], [], 0, 3),
  ("i...->...", [[4, 2, 3]], [2, 3], 0, 24),
  // (ij,jk) costs 2 · 3 · 4, then (ik,kl) 2 · 4 · 5.
  ("ij,jk,kl->il", [[2, 3], [3, 4], [4, 5]], [2, 5], 64, 0),
])
func `sums of products`(
  equation: String, shapes: [[Int]], result: [Int], macs: Int, operations: Int
) throws {
  let (types, work) = try evaluated(
    Einsum(equation), shapes.map { Operand(TensorType(.float32, $0)) })
  #expect(types == [TensorType(.float32, result)])
  #expect(work?.macs == MACs(macs))
  #expect(work?.otherOperations == FLOPs(operations))
}

@Test(arguments: [
  "ij,jk->ik->", "ij", "ij,jk->iz", "ij,jk->ii", "i.j,jk->ik", "i1,jk->ik", "->", "",
])
func `equations that mean nothing are errors`(equation: String) {
  #expect(throws: ShapeError.self) {
    try Einsum(equation).outputTypes(for: [tensor(2, 3), tensor(3, 4)], outputCount: 1)
  }
}
