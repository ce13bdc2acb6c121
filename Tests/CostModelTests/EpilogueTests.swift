import CostModel
import Decision
import HardwareModel
import ModelIR
import Quantities
import TensorTypes
import Testing

@Suite struct EpilogueTests {
  private let host = RoundNumbers.runtime(
    "host", fusion: [.bias, .clampActivation, .anyActivation, .residual],
    kinds: [.cpuOutOfOrder])

  /// Seconds of arithmetic in each kernel of a 100 × 1000 × 1000 product with `step` behind it.
  private func computeTimes(_ step: Operator?, inputs: [String] = ["a"]) throws -> [Double] {
    var sketch = GraphSketch()
    sketch.input("x", [100, 1000])
    sketch.weight("w", [1000, 1000])
    sketch.weight("b", [1000])
    sketch.node(Ops.matMul, ["x", "w"], "a")
    if let step { sketch.node(step, inputs, "y") }
    let board = RoundNumbers.board()
    let workload = try sketch.workload(outputs: [step == nil ? "a" : "y"])
    var evaluator = Evaluator(workload, catalog: Catalog(boards: [board], runtimes: [host]))
    let deployment = Deployment(
      board: board, unit: try #require(board.unit("cpu")), runtime: host, fallback: nil,
      powerMode: try #require(board.powerModes.first), threads: 1, precision: .stored)
    return try evaluator.estimate(on: deployment).kernels.map(\.computeTime.rawValue)
  }

  @Test func `a bound or a bias behind a product costs one operation a lane, at full rate`() throws
  {
    let alone = try computeTimes(nil)
    for (step, inputs) in [(Ops.relu, ["a"]), (Ops.add, ["a", "b"])] {
      let fused = try computeTimes(step, inputs: inputs)
      try #require(fused.count == 1)
      // 10⁵ sums of 32 bits, at half of 100 GFLOP/s.
      #expect(abs(fused[0] - alone[0] - 1e5 / 50e9) < 1e-12)
    }
  }

  @Test func `an elementary function behind a product costs what it costs alone`() throws {
    let fused = try computeTimes(Ops.sigmoid)
    try #require(fused.count == 1)
    // Four operations each, at the class's half of 100 GFLOP/s.
    #expect(abs(fused[0] - (try computeTimes(nil))[0] - 4e5 / 50e9) < 1e-12)
  }
}
