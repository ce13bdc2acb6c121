import ModelIR

let matrixProductLowerings: [String: Lower] = [
  "MatMul": { _ in .matrixProduct(MatrixProduct(.matMul)) },
  "Gemm": { node throws(LoweringError) in .matrixProduct(MatrixProduct(.gemm(try node.gemm()))) },
  "MatMulInteger": { _ in .matrixProduct(MatrixProduct(.matMulInteger)) },
  "QLinearMatMul": { _ in .matrixProduct(MatrixProduct(.qLinearMatMul)) },
  "QGemm": { node throws(LoweringError) in .matrixProduct(MatrixProduct(.qGemm(try node.gemm()))) },
  "MatMulNBits": { node throws(LoweringError) in
    .matrixProduct(
      MatrixProduct(
        .matMulNBits(
          MatrixProduct.BlockQuantized(
            inputSize: try node.required("K"), outputSize: try node.required("N"),
            bits: try node.int("bits", default: 4), blockSize: try node.required("block_size"),
            accuracyLevel: try node.int("accuracy_level", default: 0)))))
  },
  "FusedMatMul": { node throws(LoweringError) in
    .matrixProduct(
      MatrixProduct(
        .fusedMatMul(
          MatrixProduct.Fused(
            alpha: try node.float("alpha", default: 1), transposesA: try node.flag("transA"),
            transposesB: try node.flag("transB"), transposesBatchA: try node.flag("transBatchA"),
            transposesBatchB: try node.flag("transBatchB")))))
  },
  "FusedGemm": { node throws(LoweringError) in
    let activation = try node.fusedActivation(
      try node.optionalFloat("activation_alpha"), try node.optionalFloat("activation_beta"))
    return .matrixProduct(MatrixProduct(.fusedGemm(try node.gemm(), activation: activation)))
  },
  "DynamicQuantizeMatMul": { _ in .matrixProduct(MatrixProduct(.dynamicQuantizeMatMul)) },
  "MatMulIntegerToFloat": { _ in .matrixProduct(MatrixProduct(.matMulIntegerToFloat)) },
  "Einsum": { node throws(LoweringError) in
    guard let equation = try node.string("equation") else {
      throw node.error(.missingAttribute("equation"))
    }
    return .einsum(Einsum(equation))
  },
]

extension NodeView {
  fileprivate func gemm() throws(LoweringError) -> MatrixProduct.Gemm {
    MatrixProduct.Gemm(
      alpha: try float("alpha", default: 1), beta: try float("beta", default: 1),
      transposesA: try flag("transA"), transposesB: try flag("transB"))
  }
}
