import CostModel
import Decision
import HardwareModel
import ModelIR
import Quantities
import TensorTypes
import Testing

@Suite struct TimingTests {
  private func deployment(
    _ board: Board, unit: String, _ runtime: Runtime, fallback: Runtime? = nil,
    precision: Precision = .stored
  ) throws -> Deployment {
    Deployment(
      board: board, unit: try #require(board.unit(unit)), runtime: runtime, fallback: fallback,
      powerMode: try #require(board.powerModes.first), threads: 1, precision: precision)
  }

  private func estimate(
    _ workload: Workload, _ deployment: Deployment, catalog: [Runtime]
  ) throws -> Estimate {
    var evaluator = Evaluator(
      workload, catalog: Catalog(boards: [deployment.board], runtimes: catalog))
    return try evaluator.estimate(on: deployment)
  }

  private func product(m: Int, k: Int, n: Int) throws -> Workload {
    var sketch = GraphSketch()
    sketch.input("x", [m, k])
    sketch.weight("w", [k, n])
    sketch.node(Ops.matMul, ["x", "w"], "y")
    return try sketch.workload(outputs: ["y"])
  }

  private let host = RoundNumbers.runtime("host", kinds: [.cpuOutOfOrder])

  @Test func `a compute-bound product takes its operations over the attained rate`() throws {
    let workload = try product(m: 100, k: 1000, n: 1000)
    let result = try estimate(
      workload, deployment(RoundNumbers.board(), unit: "cpu", host), catalog: [host])
    // 2·10⁸ operations at half of 100 GFLOP/s, 1 µs to start, 10 µs to enter.
    #expect(abs(result.latency.median.rawValue - (4e-3 + 11e-6)) < 1e-12)
    #expect(result.bound == .compute)
  }

  @Test func `a vector's product takes its bytes over the bandwidth`() throws {
    let workload = try product(m: 1, k: 1000, n: 1000)
    let result = try estimate(
      workload, deployment(RoundNumbers.board(), unit: "cpu", host), catalog: [host])
    let bytes = 4.0 * (1000 * 1000 + 2 * 1000)
    #expect(abs(result.kernels[0].memoryTime.rawValue - bytes / 10e9) < 1e-12)
    #expect(result.bound == .memory("dram"))
  }

  @Test func `weights are read at their own share of the bandwidth`() throws {
    let workload = try product(m: 1, k: 1000, n: 1000)
    let slow = RoundNumbers.runtime(
      "host", kinds: [.cpuOutOfOrder], weightBandwidth: Factor(value: 0.5, low: 0.4, high: 0.6))
    func estimated(_ runtime: Runtime) throws -> Estimate {
      try estimate(
        workload, deployment(RoundNumbers.board(), unit: "cpu", runtime), catalog: [runtime])
    }
    let (plain, result) = (try estimated(host), try estimated(slow))
    let seconds = (4e6 / 0.5 + 8000) / 10e9
    #expect(abs(result.kernels[0].memoryTime.rawValue - seconds) < 1e-12)
    #expect(result.latency.logDeviation > plain.latency.logDeviation)
  }

  @Test func `weights that stay in a shared cache are read at one core's part of its rate`() throws
  {
    let cache = MemoryLevel(
      id: "l2", scope: .shared, capacity: RoundNumbers.sourced(.mebibytes(32)),
      bandwidth: RoundNumbers.sourced(BytesPerSecond(80e9)))
    let result = try estimate(
      product(m: 1, k: 1000, n: 1000),
      deployment(RoundNumbers.board(cores: 4, levels: [cache]), unit: "cpu", host),
      catalog: [host])
    let bytes = 4.0 * (1000 * 1000 + 2 * 1000)
    #expect(abs(result.kernels[0].memoryTime.rawValue - bytes / 20e9) < 1e-12)
    #expect(result.kernels[0].memoryTraffic == .zero)
    #expect(result.bound == .memory("l2"))
  }

  /// Of a product with 4 MB of weights, with two caches of the given sizes.
  private func rateOfProduct(inner: Bytes, outer: Bytes, one: Double? = nil) throws -> (
    bytesPerSecond: Double, bound: Bound
  ) {
    let levels = [
      MemoryLevel(
        id: "l2", scope: .perCore, capacity: RoundNumbers.sourced(inner),
        bandwidth: RoundNumbers.sourced(BytesPerSecond(80e9))),
      MemoryLevel(
        id: "l3", scope: .shared, capacity: RoundNumbers.sourced(outer),
        bandwidth: RoundNumbers.sourced(BytesPerSecond(80e9)),
        singleCoreBandwidth: one.map { RoundNumbers.sourced(BytesPerSecond($0)) }),
    ]
    let result = try estimate(
      product(m: 1, k: 1000, n: 1000),
      deployment(RoundNumbers.board(cores: 4, levels: levels), unit: "cpu", host),
      catalog: [host])
    let bytes = 4.0 * (1000 * 1000 + 2 * 1000)
    return (bytes / result.kernels[0].memoryTime.rawValue, result.bound)
  }

  @Test func `what fits an inner cache is read at its rate`() throws {
    let result = try rateOfProduct(inner: .mebibytes(8), outer: .mebibytes(32))
    #expect(abs(result.bytesPerSecond / 80e9 - 1) < 1e-9)
    #expect(result.bound == .memory("l2"))
  }

  @Test func `of twice what fits an inner cache, half is read from the next`() throws {
    // Weights, and an arena of whole cache lines.
    let working = 4 * 1000 * 1000 + 2 * 4032
    let result = try rateOfProduct(inner: Bytes(working / 2), outer: .mebibytes(32))
    let mixed = 1 / (0.5 / 80e9 + 0.5 / 20e9)
    #expect(abs(result.bytesPerSecond / mixed - 1) < 1e-3)
    #expect(result.bound == .memory("l3"))
  }

  @Test func `one core draws of a shared cache what is known of one`() throws {
    let result = try rateOfProduct(inner: .kibibytes(1), outer: .mebibytes(32), one: 50e9)
    #expect(abs(result.bytesPerSecond / 50e9 - 1) < 1e-3)
  }

  @Test func `a partial tile pays for most of a whole one`() throws {
    let board = RoundNumbers.board(tile: TileShape(m: 1, n: 16, k: 1))
    let whole = try estimate(
      product(m: 100, k: 1000, n: 16), deployment(board, unit: "cpu", host), catalog: [host])
    let partial = try estimate(
      product(m: 100, k: 1000, n: 17), deployment(board, unit: "cpu", host), catalog: [host])
    let ratio =
      partial.kernels[0].computeTime.rawValue / whole.kernels[0].computeTime.rawValue
    // What Ethos-U55-128 shows from 16 to 17 channels.
    #expect(abs(ratio - 1.87) < 0.01)
  }

  @Test func `an operator without support costs hand-overs, and the host alone stands beside it`()
    throws
  {
    var sketch = GraphSketch()
    sketch.input("x", [100, 1000])
    sketch.weight("w", [1000, 1000])
    sketch.node(Ops.matMul, ["x", "w"], "a")
    sketch.node(Ops.erf, ["a"], "b")
    sketch.node(Ops.matMul, ["b", "w"], "y")
    let workload = try sketch.workload(outputs: ["y"])
    let hosts = RoundNumbers.runtime("host", computes: [.float32, .int8], kinds: [.cpuOutOfOrder])
    let all = RoundNumbers.runtime("npu", computes: [.int8], kinds: [.npu], fallback: "host")
    let some = RoundNumbers.runtime(
      "npu", unsupported: [.erf], computes: [.int8], kinds: [.npu], fallback: "host")

    let whole = try estimate(
      workload, deployment(RoundNumbers.board(), unit: "npu", all, fallback: hosts),
      catalog: [all, hosts])
    #expect(whole.fallback?.kernelCount == 0)
    #expect(whole.fallback?.cost == .zero)
    #expect(whole.transfers.count == 2)
    #expect(whole.assumptions.first?.contains("as if converted to int8") == true)

    let cut = try estimate(
      workload, deployment(RoundNumbers.board(), unit: "npu", some, fallback: hosts),
      catalog: [some, hosts])
    #expect(cut.transfers.count == 4)
    #expect(cut.fallback?.partitionCount == 2)
    #expect(cut.fallback?.operators == ["Erf"])
    let cost = try #require(cut.fallback?.cost)
    #expect(abs((cut.latency.median - whole.latency.median - cost).rawValue) < 1e-9)
    #expect(cut.fallback?.hostOnlyLatency != nil)

    let prefix = RoundNumbers.runtime(
      "npu", unsupported: [.erf], partition: .prefix, computes: [.int8], kinds: [.npu],
      fallback: "host")
    let head = try estimate(
      workload, deployment(RoundNumbers.board(), unit: "npu", prefix, fallback: hosts),
      catalog: [prefix, hosts])
    #expect(head.kernels.map(\.placement) == [.unit, .host, .host])
    let none = RoundNumbers.runtime(
      "npu", unsupported: [.erf], partition: .wholeModel, computes: [.int8], kinds: [.npu],
      fallback: "host")
    #expect(throws: DeploymentError.nothingRuns(on: "NPU", runtime: "npu", operators: ["Erf"])) {
      try estimate(
        workload, deployment(RoundNumbers.board(), unit: "npu", none, fallback: hosts),
        catalog: [none, hosts])
    }
  }

  @Test func `a view between kernels of the unit crosses no border`() throws {
    var sketch = GraphSketch()
    sketch.input("x", [100, 1000])
    sketch.weight("w", [1000, 1000])
    sketch.node(Ops.matMul, ["x", "w"], "a")
    sketch.node(.view(View.identity), ["a"], "b")
    sketch.node(Ops.matMul, ["b", "w"], "y")
    let npu = RoundNumbers.runtime("npu", computes: [.int8], kinds: [.npu], fallback: "host")
    let result = try estimate(
      sketch.workload(outputs: ["y"]),
      deployment(RoundNumbers.board(), unit: "npu", npu, fallback: host), catalog: [npu, host])
    #expect(result.transfers.count == 2)
  }

  @Test func `weights beyond the on-chip store stream over the link at every run`() throws {
    let npu = RoundNumbers.runtime("npu", computes: [.int8], kinds: [.npu], fallback: "host")
    let small = try estimate(
      product(m: 100, k: 100, n: 100),
      deployment(RoundNumbers.board(), unit: "npu", npu, fallback: host), catalog: [npu, host])
    #expect(small.kernels[0].memoryTraffic == Bytes(100 * 100 + 100 * 100))
    let large = try estimate(
      product(m: 1, k: 2048, n: 1024),
      deployment(RoundNumbers.board(), unit: "npu", npu, fallback: host), catalog: [npu, host])
    // Of 2 MiB and the scales of 1024 channels, 1 MiB stays.
    let streamed = 2048 * 1024 + 4 * 1024 - (1 << 20)
    #expect(abs(large.kernels[0].memoryTime.rawValue - Double(streamed) / 1e9) < 1e-8)
  }

  @Test func `a format that the unit does not compute in is refused`() throws {
    let npu = RoundNumbers.runtime("npu", computes: [.int8], kinds: [.npu], fallback: "host")
    let asked = try deployment(
      RoundNumbers.board(), unit: "npu", npu, fallback: host, precision: .fp16)
    #expect(throws: DeploymentError.noArithmetic(dtype: .float16, runtime: "npu")) {
      try estimate(product(m: 2, k: 2, n: 2), asked, catalog: [npu, host])
    }
  }

  @Test func `missing work makes the latency a lower bound, and success unknown`() throws {
    var sketch = GraphSketch()
    sketch.input("x", [4, 4])
    sketch.node(Ops.unknown, ["x"], "y")
    sketch.node(Ops.relu, ["x"], "z")
    let result = try estimate(
      sketch.workload(outputs: ["y", "z"]), deployment(RoundNumbers.board(), unit: "cpu", host),
      catalog: [host])
    #expect(result.coverage.share == 0.5)
    #expect(result.coverage.unknownOperators == ["acme::Foo"])
    let verdict = Verdict(result, against: Requirements(deadline: Seconds(1)))
    #expect(verdict.deadline == .unknown)
    #expect(!verdict.isAcceptable)
  }

  @Test func `the interval widens with what is only estimated`() throws {
    let workload = try product(m: 100, k: 1000, n: 1000)
    let sure = RoundNumbers.runtime(
      "host", kinds: [.cpuOutOfOrder], efficiency: Factor(value: 0.5, low: 0.45, high: 0.55))
    let unsure = RoundNumbers.runtime(
      "host", kinds: [.cpuOutOfOrder], efficiency: Factor(value: 0.5, low: 0.1, high: 1))
    let board = RoundNumbers.board()
    let narrow = try estimate(workload, deployment(board, unit: "cpu", sure), catalog: [sure])
    let wide = try estimate(workload, deployment(board, unit: "cpu", unsure), catalog: [unsure])
    #expect(narrow.latency.median == wide.latency.median)
    #expect(narrow.latency.logDeviation < wide.latency.logDeviation)
    #expect(wide.latency.probability(atMost: wide.latency.median) == 0.5)
    #expect(abs(wide.latency.probability(atMost: wide.latency.high) - 0.95) < 1e-9)
  }

  @Test func `memory that does not suffice is a verdict with its parts`() throws {
    let fits = try estimate(
      product(m: 1, k: 1024, n: 1024), deployment(RoundNumbers.board(), unit: "cpu", host),
      catalog: [host])
    #expect(fits.fit == .fits)
    // 64 MiB hold 16 MiB of system and no 64 MiB of weights.
    let tooLarge = try estimate(
      product(m: 1, k: 4096, n: 4096), deployment(RoundNumbers.board(), unit: "cpu", host),
      catalog: [host])
    #expect(tooLarge.fit == .doesNotFit)
    #expect(tooLarge.memory[0].slack < .zero)
    #expect(tooLarge.memory[0].parts.map(\.name) == ["weights", "activations", "system"])
  }
}
