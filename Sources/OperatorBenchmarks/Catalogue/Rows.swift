import HardwareModel
import ModelIR
import TensorTypes

extension OperatorBenchmark {
  /// Tokens and width of transformers.
  private static let tokens = [(16, 64), (16, 192), (128, 256), (197, 384), (128, 768), (512, 768)]
  /// Rows and their length.
  private static let scores = [(64, 16), (768, 64), (1536, 128), (1, 1000), (2352, 196)]

  /// What needs statistics of its elements.
  static let rows: [OperatorBenchmark] =
    normalizations + combinations.map(reduction) + scans

  private static let combinations: [Reduction.Combination] = [
    .mean, .sum, .max, .min, .prod, .l1, .l2, .sumSquare, .logSumExp,
  ]

  private static let normalizations: [OperatorBenchmark] = [
    OperatorBenchmark(.softmax, per: .element, over: scores) { graph, size in
      graph.subject(
        .softmax(Softmax(.softmax, axis: -1)), [graph.fed([size.0, size.1])])
    },
    OperatorBenchmark(.logSoftmax, per: .element, over: scores) { graph, size in
      graph.subject(.softmax(Softmax(.logSoftmax, axis: -1)), [graph.fed([size.0, size.1])])
    },
    OperatorBenchmark(.softmax, "over channels", per: .element, over: layers) { graph, layer in
      graph.subject(.softmax(Softmax(.softmax, axis: 1)), [graph.image(layer.0, layer.1)])
    },
    tokenwise(.layer(axis: -1, statistics: .float32), parameters: 2),
    tokenwise(.rms(axis: -1, statistics: .float32), parameters: 1),
    tokenwise(.lp(axis: -1, power: 2), parameters: 0),
    OperatorBenchmark(.skipLayerNormalization, per: .element, over: tokens) { graph, size in
      graph.subject(
        .normalization(Normalization(.skipLayer)),
        [
          graph.fed([1, size.0, size.1]), graph.fed([1, size.0, size.1]),
          graph.weight([size.1]), graph.weight([size.1]),
        ])
    },
    channelwise(.batch(Normalization.Batch()), parameters: 4),
    channelwise(.instance, parameters: 2),
    channelwise(.group(Normalization.Group(count: 8)), parameters: 2),
    channelwise(.localResponse(size: 5, alpha: 1e-4, beta: 0.75, bias: 1), parameters: 0),
    channelwise(.meanVariance(axes: [0, 2, 3]), parameters: 0),
    spatialMean,
  ]

  private static let scans: [OperatorBenchmark] = [
    OperatorBenchmark(.argMax, per: .element, over: scores) { graph, size in
      graph.subject(
        .reduction(Reduction(.argMax(axis: -1, keepsAxis: false, selectsLast: false))),
        [graph.fed([size.0, size.1])])
    },
    OperatorBenchmark(.cumSum, per: .element, over: shortLengths) { graph, length in
      graph.subject(
        .reduction(Reduction(.cumulativeSum(isExclusive: false, isReversed: false))),
        [graph.fed([length / 64, 64]), graph.integer(1)])
    },
  ]

  private static func tokenwise(
    _ function: Normalization.Function, parameters: Int
  ) -> OperatorBenchmark {
    let op = Normalization(function)
    return OperatorBenchmark(op.kind, per: .element, over: tokens) { graph, size in
      var inputs = [graph.fed([1, size.0, size.1])]
      for _ in 0..<parameters { inputs.append(graph.weight([size.1])) }
      graph.subject(.normalization(op), inputs)
    }
  }

  private static func channelwise(
    _ function: Normalization.Function, parameters: Int
  ) -> OperatorBenchmark {
    let op = Normalization(function)
    return OperatorBenchmark(op.kind, per: .element, over: layers) { graph, layer in
      var inputs = [graph.image(layer.0, layer.1)]
      for _ in 0..<parameters { inputs.append(graph.weight([layer.0])) }
      graph.subject(.normalization(op), inputs)
    }
  }

  private static let spatialMean = OperatorBenchmark(
    .reduceMean, "over the plane", per: .element, over: layers
  ) { graph, layer in
    graph.subject(
      .reduction(Reduction(.reduce(.mean, Reduction.Axes([2, 3])))),
      [graph.image(layer.0, layer.1)])
  }

  private static func reduction(_ combination: Reduction.Combination) -> OperatorBenchmark {
    let op = Reduction(.reduce(combination, Reduction.Axes([-1])))
    return OperatorBenchmark(op.kind, "over rows", per: .element, over: tokens) { graph, size in
      graph.subject(.reduction(op), [graph.fed([size.0, size.1])])
    }
  }
}
