import HardwareModel
import Quantities
import TensorTypes
import Testing

@Suite struct ProfileLoadingTests {
  private let board: Board
  private let runtime: Runtime

  init() throws {
    let catalog = try Catalog.load(Fixture.all)
    board = try #require(catalog.board("tiny"))
    runtime = try #require(catalog.runtime("tiny-runtime"))
  }

  @Test func `a board has the memories and links that its file states`() {
    let memory = Memory(
      id: "dram", kind: .dram, holds: [.weights, .activations],
      capacity: Sourced(Bytes(1 << 30), basis: .datasheet, source: "memory map"),
      reserved: Sourced(.mebibytes(100), basis: .measured, source: "free -m"),
      bandwidth: Sourced(BytesPerSecond(4e9), basis: .measured, source: "stream"),
      singleCoreBandwidth: Sourced(
        BytesPerSecond(2e9), basis: .measured, source: "stream on one core"))
    #expect(board.memories == [memory])
    #expect(board.name == "Tiny board")
    #expect(board.price?.value == USDollars(80))
    #expect(board.links.map(\.bandwidth.value) == [BytesPerSecond(4e8)])
    #expect(board.links.map(\.latency.value) == [Seconds(1e-4)])
  }

  @Test func `a unit has the rates, levels and tile that its file states`() throws {
    let cpu = try #require(board.unit("cpu"))
    #expect(cpu.kind == .cpuInOrder)
    #expect(cpu.coreCount == 2)
    #expect(cpu.clusters.map(\.clock?.value) == [Hertz(1e9)])
    let rates = cpu.clusters.first?.peakRates.mapValues(\.value)
    #expect(rates == [.float32: FLOPsPerSecond(8e9), .int8: FLOPsPerSecond(32e9)])
    #expect(cpu.levels.map(\.scope) == [.perCore, .shared])
    #expect(cpu.levels.map(\.capacity.value) == [.kibibytes(32), .kibibytes(512)])
    #expect(cpu.link == nil)
    let npu = try #require(board.unit("npu"))
    #expect(npu.tile?.value == TileShape(m: 1, n: 16, k: 16))
    #expect(npu.residentWeights?.value == Bytes(8_000_000))
    #expect(npu.link == "usb3")
    #expect(npu.runtimes == ["tiny-npu"])
  }

  @Test func `power modes scale clocks and memory`() throws {
    #expect(board.powerModes.map(\.id) == ["full", "half"])
    let half = try #require(board.powerModes.last)
    #expect(half.power == nil)
    #expect(half.memoryScale?.value == 0.5)
    #expect(half.units["cpu"]?.cores == 1)
    #expect(half.units["cpu"]?.clockScale.value == 0.5)
  }

  @Test func `a runtime has the rules that its file states`() {
    #expect(runtime.version == "1.10")
    #expect(runtime.operators.unlisted == .unsupported)
    #expect(
      runtime.operators.rules == [
        .conv: .init(level: .yes), .loop: .init(level: .no),
        .resize: .init(level: .partial, dtypes: [.int8, .float32], note: "bilinear only"),
      ])
    #expect(runtime.fusion == [.bias, .clampActivation])
    #expect(runtime.partition == .any)
    #expect(runtime.memory.aliasesViews)
    #expect(!runtime.memory.reusesInputs)
    #expect(runtime.memory.repacksWeights)
    #expect(runtime.memory.base?.value == Bytes(5_000_000))
  }

  @Test func `every kernel class has its own efficiency or the default`() throws {
    let kernels = try #require(runtime.kernels[.cpuInOrder])
    #expect(kernels.computes == [.float32, .int8])
    #expect(kernels.dispatchOverhead.value == Seconds(5e-6))
    #expect(kernels.computeEfficiency.count == KernelClass.allCases.count)
    let own = try #require(kernels.computeEfficiency[.elementwise])
    #expect(own.value == Factor(value: 0.1, low: 0.05, high: 0.2))
    let filled = try #require(kernels.computeEfficiency[.recurrent])
    #expect(filled.value == Factor(value: 0.4, low: 0.2, high: 0.7))
    #expect(filled.source == "papers")
  }

  @Test func `a note is kept behind the source`() throws {
    let text = Fixture.boardText.replacing("source: wall meter", with: "source: meter, note: idle")
    let board = try #require(
      try Catalog.load([Fixture.board(text)] + Fixture.all.dropFirst()).boards.first)
    #expect(board.powerModes.first?.power?.source == "meter (idle)")
  }
}
