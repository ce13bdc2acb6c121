import HardwareModel
import Testing

@Suite struct ProvenanceTests {
  @Test func `a board lists every number with its unit, in order`() throws {
    let board = try #require(try Catalog.load(Fixture.all).board("tiny"))
    #expect(
      board.facts.map { "\($0.path): \($0.value)" } == [
        "price: 80.0 USD",
        "dram.capacity: 1.00 GiB",
        "dram.reserved: 100 MiB",
        "dram.bandwidth: 4.00 GB/s",
        "dram.single-core bandwidth: 2.00 GB/s",
        "usb3.bandwidth: 400 MB/s",
        "usb3.latency: 100 µs",
        "cpu.Tiny core.clock: 1.00 GHz",
        "cpu.Tiny core.peak float32: 8.00 GFLOP/s",
        "cpu.Tiny core.peak int8: 32.0 GOP/s",
        "cpu.l1d.capacity: 32.0 KiB",
        "cpu.l1d.bandwidth: 16.0 GB/s",
        "cpu.l2.capacity: 512 KiB",
        "cpu.l2.bandwidth: 16.0 GB/s",
        "npu.array.peak int8: 1.00 TOP/s",
        "npu.tile: 1×16×16",
        "npu.resident weights: 7.63 MiB",
        "full mode.power: 5.00 W",
        "half mode.memory scale: 50.0 %",
        "half mode.cpu clock scale: 50.0 %",
      ])
    #expect(board.facts.count == Fixture.boardText.split(separator: "source:").count - 1)
    #expect(board.facts.first?.basis == .datasheet)
    #expect(board.facts.first?.source == "price list")
  }

  @Test func `a runtime lists its numbers for a kind of unit`() throws {
    let runtime = try #require(try Catalog.load(Fixture.all).runtime("tiny-runtime"))
    let facts = runtime.facts(for: .cpuInOrder)
    #expect(facts.count == 4 + KernelClass.allCases.count)
    #expect(facts.first?.path == "cpu_in_order.dispatch overhead")
    #expect(facts.first?.value == "5.00 µs")
    let elementwise = facts.first { $0.path.hasSuffix("efficiency elementwise") }
    #expect(elementwise?.value == "10.0 % (5.00 % to 20.0 %)")
    #expect(elementwise?.basis == .measured)
    #expect(facts.last?.path == "memory.base")
    #expect(runtime.facts(for: .gpu).isEmpty)
  }
}
