import HardwareModel
import Quantities
import TensorTypes
import Testing

@Suite struct OperatorCostTests {
  private static func points(_ pairs: [(Int, Double)]) -> [OperatorCost.Observation] {
    pairs.map { bytes, seconds in
      OperatorCost.Observation(
        shape: "\(bytes)", macs: .zero, elements: 0, bytes: Bytes(bytes), time: Seconds(seconds),
        samples: 9)
    }
  }

  private static func fit(_ pairs: [(Int, Double)]) -> OperatorCost {
    OperatorCost(
      kind: .relu, variant: "", dtype: .float32, kernels: ["elementwise.f32"], scale: .byte,
      fitting: points(pairs))
  }

  @Test func `a line is found again`() {
    // 2 + 3 x
    let cost = Self.fit([(1, 5), (2, 8), (10, 32)])
    #expect(abs(cost.fixed.rawValue - 2) < 1e-9)
    #expect(abs(cost.slope.rawValue - 3) < 1e-9)
    #expect(cost.residual < 1e-9)
  }

  @Test func `neither part is negative`() {
    // The line through both points is −1 + 2 x. Without a fixed part, the relative errors of s x
    // are s − 1 and 2 s ÷ 3 − 1: least where (s − 1) + 2 ÷ 3 · (2 s ÷ 3 − 1) = 0, s = 15 ÷ 13.
    let steep = Self.fit([(1, 1), (2, 3)])
    #expect(steep.fixed == .zero)
    #expect(abs(steep.slope.rawValue - 15.0 / 13) < 1e-9)
    // Times that fall: f ÷ 4 − 1 and f ÷ 2 − 1, least where (f ÷ 4 − 1) ÷ 4 + (f ÷ 2 − 1) ÷ 2 = 0,
    // f = 12 ÷ 5; errors of −0.4 and 0.2.
    let falling = Self.fit([(1, 4), (2, 2)])
    #expect(falling.slope == .zero)
    #expect(abs(falling.fixed.rawValue - 2.4) < 1e-9)
    #expect(abs(falling.residual - 0.1.squareRoot()) < 1e-9)
  }

  @Test func `one size gives a slope alone`() {
    let cost = Self.fit([(4, 8), (4, 8)])
    #expect(cost.fixed == .zero && cost.slope == Seconds(2))
  }

  private static let text = """
    schema: 1
    basis: measured
    source: "boardfit 0.1.0 probe --operators"
    host:
      processor: "AMD EPYC"
      instruction_set: avx512-bf16
      threads: 1
      clock: 3.7 GHz
      other_load: 0.02
    operators:
      - kind: Conv
        variant: "3x3"
        dtype: float32
        kernels: [conv.winograd.f32, conv.indirect.f32]
        fixed: 1.5 us
        per_mac: 0.0125 ns
        residual: 0.07
        points:
          - { shape: "1×16×14×14, 16×16×3×3", macs: 451584, elements: 3136, bytes: 34304, time: 7.1 us, samples: 400 }

    """

  private static func read(_ text: String) throws(ProfileError) -> OperatorCosts {
    try OperatorCosts(ProfileFile(kind: .operators, name: "operators/epyc.yaml", text: text))
  }

  @Test func `a file is read as it is written`() throws {
    let costs = try Self.read(Self.text)
    #expect(costs.id == "epyc" && costs.host.threads == 1)
    let row = try #require(costs.rows(of: .conv).first)
    #expect(row.scale == .mac && row.kernels.count == 2 && row.variant == "3x3")
    #expect(abs(row.slope.rawValue - 1.25e-11) < 1e-20)
    #expect(row.observations[0].macs == MACs(451_584))
  }

  @Test(arguments: [
    ("basis: measured", "basis: estimated", "2:8: basis: costs of operators are measured"),
    ("kind: Conv", "kind: Convolution", "'Convolution' is not known here"),
    ("per_mac: 0.0125 ns", "per_mac: 0.0125 ns\n    per_byte: 1 ns", "not 2"),
    ("    per_mac: 0.0125 ns\n", "", "not 0"),
    ("per_mac: 0.0125 ns", "per_mac: -1 ns", "must not be negative"),
    ("fixed: 1.5 us", "fixed: 1.5 GB", "unit 'GB' is not one of"),
    ("residual: 0.07", "residual: little", "must be a number"),
    ("samples: 400", "samples: 0", "must be 1 to"),
    ("time: 7.1 us", "time: 0 us", "must be more than zero"),
    ("macs: 451584", "mac: 451584", "unknown key 'mac'"),
    ("dtype: float32", "dtype: float31", "'float31' is not known here"),
  ])
  func `a fault is named with its place`(old: String, new: String, message: String) {
    let text = Self.text.replacing(old, with: new)
    #expect(text != Self.text)
    do {
      _ = try Self.read(text)
      Issue.record("no error for \(new)")
    } catch {
      #expect(
        "\(error)".contains(message) && "\(error)".hasPrefix("operators/epyc.yaml:"), "\(error)")
    }
  }

  @Test func `an operator that stands twice is refused`() throws {
    let start = try #require(Self.text.firstRange(of: "  - kind"))
    let text = Self.text + Self.text[start.lowerBound...]
    let error = #expect(throws: ProfileError.self) { _ = try Self.read(text) }
    #expect("\(try #require(error))".contains("stands twice"))
  }
}
