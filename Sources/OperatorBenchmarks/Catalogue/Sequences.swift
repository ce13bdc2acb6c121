import HardwareModel
import ModelIR
import TensorTypes

extension OperatorBenchmark {
  /// Steps and hidden width; the input is as wide.
  private static let sequencesOf = [(1, 128), (16, 64), (50, 128), (50, 256), (20, 512)]

  static let sequences: [OperatorBenchmark] = [
    recurrent(.lstm, gates: 4, Recurrent(.lstm(couplesInputAndForget: false)), outputCount: 3),
    recurrent(.gru, gates: 3, Recurrent(.gru(linearBeforeReset: true)), outputCount: 2),
    recurrent(.rnn, gates: 1, Recurrent(.rnn), outputCount: 2),
  ]

  private static func recurrent(
    _ kind: OperatorKind, gates: Int, _ op: Recurrent, outputCount: Int
  ) -> OperatorBenchmark {
    OperatorBenchmark(kind, per: .mac, over: sequencesOf) { graph, size in
      let (steps, width) = size
      graph.subject(
        .recurrent(op),
        [
          graph.fed([steps, 1, width]), graph.weight([1, gates * width, width]),
          graph.weight([1, gates * width, width]), graph.weight([1, 2 * gates * width]),
        ], outputCount: outputCount)
    }
  }

  /// The last steps of detectors. Their time depends on the boxes, which are random here.
  static let detection: [OperatorBenchmark] = [
    OperatorBenchmark(.topK, "100 of a row", per: .element, over: [128, 1024, 8192, 25_200]) {
      graph, length in
      graph.subject(
        .indexing(.topK(axis: -1, count: 100)), [graph.fed([1, length])], outputCount: 2)
    },
    OperatorBenchmark(.nonMaxSuppression, "1 class, at most 100", per: .element, over: boxes) {
      graph, count in
      graph.subject(
        .geometry(.nonMaxSuppression()),
        [
          graph.fed([1, count, 4]), graph.fed([1, 1, count]), graph.integer(100),
          graph.real(0.5), graph.real(0.05),
        ])
    },
    OperatorBenchmark(.gridSample, "linear", per: .element, over: [4, 8, 16, 32]) { graph, extent in
      graph.subject(
        .geometry(.gridSample(.linear)),
        [graph.fed([1, 16, extent, extent]), graph.fed([1, extent, extent, 2])])
    },
  ]

  private static let boxes = [64, 256, 1024, 2048]
}
