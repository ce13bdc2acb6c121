import HardwareModel
import ModelIR
import TensorTypes

extension OperatorBenchmark {
  static let products: [OperatorBenchmark] = [
    product("1 row", rows: 1, over: vectors), product("16 rows", rows: 16, over: matrices),
    product("128 rows", rows: 128, over: matrices), innerProduct,
    OperatorBenchmark(.matMul, "square", per: .mac, over: [32, 64, 128, 256, 512]) { graph, n in
      graph.subject(
        .matrixProduct(MatrixProduct(.matMul)), [graph.fed([n, n]), graph.weight([n, n])])
    },
    // Queries times keys, weights times values: neither side is stored.
    OperatorBenchmark(.matMul, "12 heads, Q·Kᵀ", per: .mac, over: contexts) { graph, length in
      graph.subject(
        .matrixProduct(MatrixProduct(.matMul)),
        [graph.fed([12, length, 64]), graph.fed([12, 64, length])])
    },
    OperatorBenchmark(.matMul, "12 heads, weights·V", per: .mac, over: contexts) { graph, length in
      graph.subject(
        .matrixProduct(MatrixProduct(.matMul)),
        [graph.fed([12, length, length]), graph.fed([12, length, 64])])
    },
    OperatorBenchmark(.attention, "12 heads, several operators", per: .mac, over: contexts) {
      graph, length in
      let scores = graph.subject(
        .matrixProduct(MatrixProduct(.matMul)),
        [graph.fed([12, length, 64]), graph.fed([12, 64, length])])
      let scaled = graph.subject(.elementwise(Elementwise(.mul)), [scores, graph.real(0.125)])
      let weights = graph.subject(.softmax(Softmax(.softmax, axis: -1)), [scaled])
      graph.subject(
        .matrixProduct(MatrixProduct(.matMul)), [weights, graph.fed([12, length, 64])])
    },
    OperatorBenchmark(.attention, "12 heads, one operator", per: .mac, over: contexts) {
      graph, length in
      let heads = [1, 12, length, 64]
      graph.subject(
        .attention(
          Attention(
            .scaledDotProduct(queryHeads: nil, keyValueHeads: nil, Attention.Scoring()))),
        [graph.fed(heads), graph.fed(heads), graph.fed(heads)])
    },
    blockQuantized("4 bits, 1 row", rows: 1), blockQuantized("4 bits, 16 rows", rows: 16),
  ]

  /// Inputs and outputs of layers.
  static let vectors = [(128, 128), (512, 512), (1024, 1000), (1024, 4096), (2048, 1000)]
  static let matrices = [(64, 64), (192, 768), (256, 256), (768, 768), (768, 3072)]
  private static let contexts = [16, 64, 128, 196, 384]

  private static func product(
    _ name: String, rows: Int, over sizes: [(Int, Int)]
  ) -> OperatorBenchmark {
    OperatorBenchmark(.matMul, name, per: .mac, over: sizes) { graph, size in
      graph.subject(
        .matrixProduct(MatrixProduct(.matMul)),
        [graph.fed([rows, size.0]), graph.weight([size.0, size.1])])
    }
  }

  /// The last layer of a classifier.
  private static let innerProduct = OperatorBenchmark(
    .gemm, "1 row, bias", per: .mac, over: vectors
  ) { graph, size in
    graph.subject(
      .matrixProduct(MatrixProduct(.gemm(MatrixProduct.Gemm(transposesB: true)))),
      [graph.fed([1, size.0]), graph.weight([size.1, size.0]), graph.weight([size.1])])
  }

  private static func blockQuantized(_ name: String, rows: Int) -> OperatorBenchmark {
    let sizes = [(256, 256), (1024, 1024), (1024, 4096), (2048, 2048)]
    return OperatorBenchmark(.matMulNBits, name, per: .mac, over: sizes) { graph, size in
      let block = MatrixProduct.BlockQuantized(
        inputSize: size.0, outputSize: size.1, blockSize: 32)
      graph.subject(
        .matrixProduct(MatrixProduct(.matMulNBits(block))),
        [
          graph.fed([1, rows, size.0]), graph.weight([size.1, size.0 / 32, 16], .uint8),
          graph.weight([size.1, size.0 / 32]),
        ])
    }
  }
}
