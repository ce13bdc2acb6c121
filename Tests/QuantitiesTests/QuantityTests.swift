import Quantities
import Testing

@Suite struct QuantityTests {
  @Test func `a rate is read with its unit`() throws {
    #expect(try BytesPerSecond(parsing: "25.6 GB/s") == BytesPerSecond(25.6e9))
    #expect(try Bytes(parsing: "8GiB") == Bytes(8 << 30))
    #expect(try Seconds(parsing: "20ms").rawValue == 0.02)
    #expect(try Seconds(parsing: "2e-3 s") == Seconds(0.002))
    #expect(try Fraction(parsing: "20%").rawValue == 0.2)
  }

  @Test func `the wrong unit says which were expected`() {
    #expect(throws: QuantityError.wrongUnit(found: "GB", expected: Seconds.units.map(\.symbol))) {
      try Seconds(parsing: "3 GB")
    }
    #expect(throws: QuantityError.notANumber("fast")) { try BytesPerSecond(parsing: "fast") }
    #expect(throws: QuantityError.notWhole("1.5 B", unit: "B")) { try Bytes(parsing: "1.5 B") }
    #expect(throws: QuantityError.outOfRange("-1 B")) { try Bytes(parsing: "-1 B") }
    #expect(throws: QuantityError.outOfRange("1e30 B")) { try Bytes(parsing: "1e30 B") }
  }

  @Test(arguments: [
    (Seconds(0.0123).description, "12.3 ms"), (Seconds(4.2e-6).description, "4.20 µs"),
    (MACs(4_089_184_256).description, "4.09 GMAC"), (Bytes(435_000_000).description, "415 MiB"),
    (Bytes(0).description, "0.000 B"), (threeDigits(99.96), "100"), (threeDigits(-0.0001), "0.000"),
    (Fraction(0.125).description, "12.5 %"), (fixed(-2.5, decimals: 0), "-3"),
  ])
  func `printing keeps three digits`(printed: String, expected: String) {
    #expect(printed == expected)
  }

  @Test func `counts saturate instead of trapping`() {
    #expect((Bytes(.max) + Bytes(1)).isSaturated)
    #expect(MACs.product(1 << 40, 1 << 40).isSaturated)
    #expect(FLOPs(MACs(.max)).isSaturated)
  }
}
