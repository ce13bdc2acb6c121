import HardwareModel
import ModelIR
import TensorTypes

extension OperatorBenchmark {
  /// Elements, from a first-level cache to a good part of a last-level one.
  static let lengths = [4096, 16_384, 65_536, 262_144, 1_048_576]
  /// Of operators that run on the reference kernel, a hundred times slower.
  static let shortLengths = [1024, 4096, 16_384, 65_536]

  static let elementwise: [OperatorBenchmark] =
    functions.map(unary) + pairs.flatMap(binary) + channelFactors

  private static let functions: [Elementwise.Function] = [
    .relu, .leakyRelu(alpha: 0.01), .clip(min: 0, max: 6), .hardSigmoid(alpha: 0.2, beta: 0.5),
    .hardSwish, .sigmoid, .swish(alpha: 1), .quickGelu(alpha: 1.702), .tanh, .exp, .erf,
    .gelu(.erf), .gelu(.tanh), .fastGelu, .mish, .softplus, .softsign, .elu(alpha: 1),
    .selu(alpha: 1.673, gamma: 1.051), .celu(alpha: 1), .thresholdedRelu(alpha: 1), .abs, .neg,
    .sqrt, .reciprocal, .log, .sin, .cos, .floor, .round, .sign,
  ]

  private static let pairs: [Elementwise.Function] = [
    .add, .sub, .mul, .div, .max, .min, .pow, .equal, .greater,
  ]

  private static let channelFactors: [OperatorBenchmark] = [
    OperatorBenchmark(.pRelu, "slope of a channel", per: .element, over: layers) {
      graph, layer in
      graph.subject(
        .elementwise(Elementwise(.pRelu)),
        [graph.image(layer.0, layer.1), graph.weight([layer.0, 1, 1])])
    },
    OperatorBenchmark(.mul, "factor of a channel", per: .element, over: layers) { graph, layer in
      graph.subject(
        .elementwise(Elementwise(.mul)),
        [graph.image(layer.0, layer.1), graph.fed([1, layer.0, 1, 1])])
    },
    OperatorBenchmark(.where, per: .element, over: lengths) { graph, length in
      graph.subject(
        .elementwise(Elementwise(.where)),
        [
          graph.fed([length / 64, 64], .bool, from: 0...1), graph.fed([length / 64, 64]),
          graph.fed([length / 64, 64]),
        ])
    },
  ]

  private static func unary(_ function: Elementwise.Function) -> OperatorBenchmark {
    let op = Elementwise(function)
    let variant = function == .gelu(.tanh) ? "tanh" : ""
    return OperatorBenchmark(op.kind, variant, per: .element, over: lengths) { graph, length in
      graph.subject(.elementwise(op), [graph.fed([length / 64, 64])])
    }
  }

  /// Of equal shapes, and with one number for each column.
  private static func binary(_ function: Elementwise.Function) -> [OperatorBenchmark] {
    let op = Elementwise(function)
    return [
      OperatorBenchmark(op.kind, "equal shapes", per: .element, over: lengths) { graph, length in
        graph.subject(
          .elementwise(op), [graph.fed([length / 64, 64]), graph.fed([length / 64, 64])])
      },
      OperatorBenchmark(op.kind, "with a row", per: .element, over: lengths) { graph, length in
        graph.subject(.elementwise(op), [graph.fed([length / 64, 64]), graph.weight([64])])
      },
    ]
  }
}
