import HardwareModel
import ModelIR
import TensorTypes

extension OperatorBenchmark {
  /// Operators on bytes, with the scales that they state.
  static let quantized: [OperatorBenchmark] = [
    convolution("1x1", 1), convolution("3x3", 3), convolution("3x3 depthwise", 3, depthwise: true),
    convolution("5x5 depthwise", 5, depthwise: true),
    product("1 row", rows: 1, over: vectors), product("128 rows", rows: 128, over: matrices),
    elementwise(.qLinearAdd, .qLinearAdd), elementwise(.qLinearMul, .qLinearMul),
    elementwise(.qLinearSigmoid, .qLinearSigmoid),
    elementwise(.qLinearLeakyRelu, .qLinearLeakyRelu(alpha: 0.1)),
    OperatorBenchmark(.quantizeLinear, per: .byte, over: lengths) { graph, length in
      graph.subject(
        .quantization(
          QuantizationOperator(
            .quantizeLinear(
              QuantizationOperator.Granularity(), output: nil, saturates: true, precision: nil))),
        [graph.fed([length / 64, 64]), graph.real(0.01), graph.integer(128, .uint8)])
    },
    OperatorBenchmark(.dequantizeLinear, "", .uint8, per: .byte, over: lengths) { graph, length in
      graph.subject(
        .quantization(
          QuantizationOperator(
            .dequantizeLinear(QuantizationOperator.Granularity(), output: nil))),
        [graph.fed([length / 64, 64], .uint8), graph.real(0.01), graph.integer(128, .uint8)])
    },
    OperatorBenchmark(.dynamicQuantizeLinear, per: .byte, over: lengths) { graph, length in
      graph.subject(
        .quantization(QuantizationOperator(.dynamicQuantizeLinear)),
        [graph.fed([length / 64, 64])], outputCount: 3)
    },
  ]

  /// Scale and zero point of activations.
  private static func affine(_ graph: inout BenchmarkGraph) -> [Value.ID?] {
    [graph.real(0.05), graph.integer(128, .uint8)]
  }

  private static func convolution(
    _ name: String, _ kernel: Int, depthwise: Bool = false
  ) -> OperatorBenchmark {
    OperatorBenchmark(.qLinearConv, name, .uint8, per: .mac, over: layers) { graph, layer in
      let (channels, extent) = layer
      let window = SpatialWindow(
        kernel: [kernel, kernel], padding: .explicit(Array(repeating: kernel / 2, count: 4)))
      let op = Convolution(.qLinearConv, window: window, group: depthwise ? channels : 1)
      let input = graph.fed([1, channels, extent, extent], .uint8, from: 0...255)
      let filters = graph.weight(
        [channels, depthwise ? 1 : channels, kernel, kernel], .int8)
      graph.subject(
        .convolution(op),
        [input] + affine(&graph) + [filters, graph.real(0.01), graph.integer(0, .int8)]
          + affine(&graph))
    }
  }

  private static func product(
    _ name: String, rows: Int, over sizes: [(Int, Int)]
  ) -> OperatorBenchmark {
    OperatorBenchmark(.qLinearMatMul, name, .uint8, per: .mac, over: sizes) { graph, size in
      let input = graph.fed([rows, size.0], .uint8, from: 0...255)
      let matrix = graph.weight([size.0, size.1], .int8)
      graph.subject(
        .matrixProduct(MatrixProduct(.qLinearMatMul)),
        [input] + affine(&graph) + [matrix, graph.real(0.01), graph.integer(0, .int8)]
          + affine(&graph))
    }
  }

  /// Of one operand or two, each with scale and zero point.
  private static func elementwise(
    _ kind: OperatorKind, _ function: Elementwise.Function
  ) -> OperatorBenchmark {
    OperatorBenchmark(kind, "", .uint8, per: .element, over: lengths) { graph, length in
      var inputs: [Value.ID?] = []
      for _ in 0..<(function == .qLinearAdd || function == .qLinearMul ? 2 : 1) {
        inputs += [graph.fed([length / 64, 64], .uint8, from: 0...255)] + affine(&graph)
      }
      graph.subject(.elementwise(Elementwise(function)), inputs + affine(&graph))
    }
  }
}
