import HardwareModel
import Quantities
import Testing

/// Graphics and neural units in the table of cores.
@Suite struct AcceleratorTableTests {
  private static let head = """
    schema: 1
    sources: { made-up: "for this test" }
    cores: [{ name: c, macs: 4, fp16: no, order: in_order, architecture: armv8, source: made-up }]
    chips: [{ names: [d], clusters: [{ core: c, count: 1, clock: 1 GHz }], source: made-up }]
    accelerators:

    """

  private func table(_ lines: String...) throws(ProfileError) -> CoreTable {
    let text = lines.map { "  - { \($0), source: made-up }\n" }.joined()
    return try CoreTable(
      ProfileFile(kind: .coreTable, name: "cores.yaml", text: Self.head + text))
  }

  @Test func `a graphics unit has a maker and a rate in float32, a neural unit neither`() throws {
    let units = try table(
      "names: [G7, G7 MP2], kind: gpu, design: G, vendor: mali, peak: 80 GFLOP/s, "
        + "float32: 40 GFLOP/s, discrete: no",
      "names: [N1], kind: npu, peak: 1 TFLOP/s",
      "names: [N2], kind: npu, peak: 1 TFLOP/s, resident_weights: 7 MiB"
    ).accelerators
    #expect(units[0].peakRate == FLOPsPerSecond(80e9))
    #expect(units[0].design == "G")
    #expect(
      units[0].graphics
        == .init(vendor: .mali, float32Rate: FLOPsPerSecond(40e9), isDiscrete: false))
    #expect(units[1].graphics == nil)
    #expect(units.map(\.residentWeights) == [nil, nil, .mebibytes(7)])
  }

  @Test func `without a peak of its own, a graphics unit's is that of float32`() throws {
    let units = try table(
      "names: [G7], kind: gpu, vendor: amd, float32: 40 GFLOP/s, discrete: yes"
    ).accelerators
    #expect(units.first?.peakRate == FLOPsPerSecond(40e9))
    #expect(units.first?.design == "G7")
  }

  @Test(arguments: [
    ("names: [a], kind: gpu, vendor: nobody, float32: 1 GFLOP/s, discrete: no", "nobody"),
    ("names: [a], kind: gpu, vendor: amd, discrete: no", "float32"),
    ("names: [a], kind: gpu, float32: 1 GFLOP/s, discrete: no", "vendor"),
    ("names: [a], kind: gpu, vendor: amd, float32: 0 GFLOP/s, discrete: no", "float32"),
    ("names: [a], kind: gpu, vendor: amd, float32: 5, discrete: no", "float32"),
    ("names: [a], kind: gpu, vendor: amd, float32: 1 GFLOP/s, discrete: perhaps", "perhaps"),
    ("names: [a], kind: gpu, vendor: amd, float32: 1 GFLOP/s, discrete: no, lanes: 4", "lanes"),
    ("names: [a], kind: npu", "peak"),
    ("names: [a], kind: npu, peak: 1 TFLOP/s, vendor: amd", "graphics units"),
    ("names: [a], kind: npu, peak: 1 TFLOP/s, resident_weights: 0 B", "more than zero"),
    ("names: [a], kind: npu, peak: 1 TFLOP/s, resident_weights: 7", "resident_weights"),
    (
      "names: [a], kind: gpu, vendor: amd, float32: 1 GFLOP/s, discrete: no, "
        + "resident_weights: 7 MiB", "neural units"
    ),
    ("names: [a], kind: dsp, peak: 1 TFLOP/s", "dsp"),
    ("names: [a, A], kind: npu, peak: 1 TFLOP/s", "names two units"),
  ])
  func `a wrong entry is refused with its place`(_ entry: String, _ reason: String) {
    let error = #expect(throws: ProfileError.self) {
      try table("names: [sound], kind: npu, peak: 1 TFLOP/s", entry)
    }
    #expect(error?.file == "cores.yaml")
    #expect(error?.line == 7)
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
  }

  /// One chip has a graphics and a neural unit.
  @Test func `names are unique among units of one kind`() throws {
    let units = try table(
      "names: [chip], kind: gpu, vendor: amd, float32: 1 GFLOP/s, discrete: no",
      "names: [chip], kind: npu, peak: 1 TFLOP/s"
    ).accelerators
    #expect(units.count == 2)
  }
}
