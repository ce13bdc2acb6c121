import Foundation
import HardwareModel
import Quantities
import Testing

@Suite struct CatalogTests {
  private let variant = Fixture.board(
    """
    schema: 1
    name: Tiny board with a second NPU
    extends: tiny
    price: { value: 140 USD, basis: estimated, source: sum of both price lists }
    units:
      - id: npu2
        name: Second NPU
        kind: npu
        memory: dram
        link: usb3
        runtimes: [tiny-npu]
        clusters:
          - name: array
            count: 1
            peak_rates:
              int8: { value: 4 TOP/s, basis: datasheet, source: product brief }
    """, id: "tiny-npu2")

  private func extending(_ base: String, name: String) -> ProfileFile {
    Fixture.board("{ schema: 1, name: \(name), extends: \(base) }", id: name)
  }

  private func message(_ files: [ProfileFile]) -> String? {
    #expect(throws: ProfileError.self) { try Catalog.load(files) }?.description
  }

  @Test func `profiles stand in the order of their identifiers`() throws {
    let catalog = try Catalog.load([variant] + Fixture.all.reversed())
    #expect(catalog.boards.map(\.id) == ["tiny", "tiny-npu2"])
    #expect(catalog.runtimes.map(\.id) == ["tiny-npu", "tiny-runtime"])
  }

  @Test func `a board that extends another has its parts and its own behind them`() throws {
    let catalog = try Catalog.load(Fixture.all + [variant])
    let base = try #require(catalog.board("tiny"))
    let board = try #require(catalog.board("tiny-npu2"))
    #expect(board.units.map(\.id) == ["cpu", "npu", "npu2"])
    #expect(board.memories == base.memories)
    #expect(board.powerModes == base.powerModes)
    #expect(board.price?.value == USDollars(140))
    #expect(base.price?.value == USDollars(80))
  }

  @Test func `a board is read alone when its bases are at hand`() throws {
    let catalog = try Catalog.load(Fixture.all + [variant])
    #expect(try Board(variant, bases: [Fixture.board()]) == catalog.board("tiny-npu2"))
    let error = #expect(throws: ProfileError.self) { try Board(variant) }
    #expect(error?.reason == .unknownReference(found: "tiny", to: "board", known: []))
  }

  @Test func `power modes of a board replace those of the board it extends`() throws {
    let text = """
      schema: 1
      name: Slow
      extends: tiny-npu2
      power_modes:
        - id: slow
      """
    let catalog = try Catalog.load(Fixture.all + [variant, Fixture.board(text, id: "slow")])
    let board = try #require(catalog.board("slow"))
    #expect(board.powerModes.map(\.id) == ["slow"])
    #expect(board.units.count == 3)
    #expect(board.price?.value == USDollars(140))
  }

  @Test func `extending fails for a missing base, a circle and a chain without end`() {
    #expect(
      message(Fixture.all + [extending("tinny", name: "other")])
        == "boards/other.yaml:1:36: extends: no board has the id 'tinny'; did you mean 'tiny'?")
    #expect(
      message([extending("a", name: "b"), extending("b", name: "a")])
        == "boards/b.yaml:1:32: extends: boards extend each other: a → b → a")
    let chain = (1...9).map { extending($0 == 1 ? "tiny" : "step\($0 - 1)", name: "step\($0)") }
    #expect(
      message(Fixture.all + chain)
        == "boards/step1.yaml:1:36: extends: more than 8 boards extend each other")
  }

  @Test func `a part may not have the id of a part of the base`() {
    let text = String(decoding: variant.bytes, as: UTF8.self)
    let clash = Fixture.board(text.replacing("id: npu2", with: "id: npu"), id: "clash")
    #expect(
      message(Fixture.all + [clash])
        == "boards/clash.yaml:6:9: units[0].id: 'npu' is already units[1] in boards/tiny.yaml")
  }

  @Test func `faults between files name the file that must change`() {
    let double = Fixture.runtimeText.replacing(
      "[float32, int8]\n    disp", with: "[float64]\n    disp")
    #expect(
      message([Fixture.board(), Fixture.runtime(double), Fixture.npuRuntime])
        == """
        boards/tiny.yaml:22:16: units[0].runtimes[0]: runtime 'tiny-runtime' computes in float64, \
        for which 'Tiny core' has no rate
        """)
    let circle = Fixture.runtimeText.replacing("partition:", with: "fallback: tiny-npu\npartition:")
    #expect(
      message([Fixture.board(), Fixture.runtime(circle), Fixture.npuRuntime])
        == """
        runtimes/tiny-npu.yaml:4:11: fallback: runtimes fall back in a circle: tiny-npu → \
        tiny-runtime → tiny-npu
        """)
    let gpuOnly = Fixture.npuRuntimeText.replacing("tiny-runtime", with: "gpu-only")
    let gpuRuntime = Fixture.runtimeText.replacing("cpu_in_order:", with: "gpu:")
    #expect(
      message([
        Fixture.board(), Fixture.runtime(), Fixture.runtime(gpuOnly, id: "tiny-npu"),
        Fixture.runtime(gpuRuntime, id: "gpu-only"),
      ])
        == """
        boards/tiny.yaml:44:16: units[1].runtimes[0]: runtime 'gpu-only' has no kernels for \
        cpu_in_order
        """)
  }

  @Test func `the last directory wins and every file reports its first fault`() throws {
    let manager = FileManager.default
    let root = manager.temporaryDirectory.appending(path: "profiles-\(UUID().uuidString)")
    defer { try? manager.removeItem(at: root) }
    func write(_ text: String, _ path: String) throws {
      let url = root.appending(path: path)
      try manager.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: url, atomically: true, encoding: .utf8)
    }
    try write(Fixture.boardText, "base/boards/tiny.yaml")
    try write(Fixture.runtimeText, "base/runtimes/tiny-runtime.yaml")
    try write(Fixture.npuRuntimeText, "base/runtimes/tiny-npu.yaml")
    try write("notes", "base/runtimes/README.md")
    try write(
      Fixture.boardText.replacing("name: Tiny board", with: "name: Mine"), "own/boards/tiny.yaml")
    let base = root.appending(path: "base").path()
    let own = root.appending(path: "own").path()
    #expect(try Catalog.load(from: base).board("tiny")?.name == "Tiny board")
    let merged = try Catalog.load(directories: [base, own])
    #expect(merged.boards.map(\.name) == ["Mine"])
    #expect(merged.runtimes.count == 2)
    #expect(Catalog.problems(in: [base, own]).isEmpty)

    try write("schema: 2", "own/boards/bad.yaml")
    try write("", "own/runtimes/empty.yaml")
    let reasons = Catalog.problems(in: [base, own]).map(\.reason)
    #expect(
      reasons == [
        .invariant("schema 2 is not known; this version reads schema 1"), .emptyFile,
      ])

    try write("schema: 1", "own/boards/old.yml")
    let wrongName = #expect(throws: ProfileError.self) {
      try Catalog.load(directories: [base, own])
    }
    #expect(wrongName?.reason == .invariant("name it .yaml instead of .yml"))
    let missing = #expect(throws: ProfileError.self) { try Catalog.load(from: own + "/none") }
    #expect(missing?.reason == .cannotRead("no folder 'boards' or 'runtimes' in it"))
  }
}
