import HardwareModel
import ModelIR
import TensorTypes

extension OperatorBenchmark {
  static let pooling: [OperatorBenchmark] =
    [(2, 2), (3, 2), (3, 1), (5, 1)].flatMap { kernel, stride in
      [
        window(kernel, stride) { .max($0, countsColumnsFirst: false) },
        window(kernel, stride) { .average($0, includesPadding: false) },
      ]
    } + [
      OperatorBenchmark(.globalAveragePool, per: .element, over: layers) { graph, layer in
        graph.subject(.pooling(Pooling(.globalAverage)), [graph.image(layer.0, layer.1)])
      },
      OperatorBenchmark(.globalMaxPool, per: .element, over: layers) { graph, layer in
        graph.subject(.pooling(Pooling(.globalMax)), [graph.image(layer.0, layer.1)])
      },
    ]

  private static func window(
    _ kernel: Int, _ stride: Int, _ function: (Pooling.Sliding) -> Pooling.Function
  ) -> OperatorBenchmark {
    let op = Pooling(
      function(
        Pooling.Sliding(
          window: SpatialWindow(
            kernel: [kernel, kernel], strides: [stride, stride],
            padding: .explicit(Array(repeating: (kernel - 1) / 2, count: 4))))))
    let name = "\(kernel)x\(kernel)" + (stride > 1 ? " stride \(stride)" : "")
    return OperatorBenchmark(op.kind, name, per: .element, over: layers) { graph, layer in
      graph.subject(.pooling(op), [graph.image(layer.0, layer.1)])
    }
  }
}
