import Measurement
import Quantities
import Testing

@Suite struct DistributionTests {
  private func distribution(_ values: some Sequence<Double>) throws -> Distribution {
    try #require(Distribution(values.map { Seconds($0) }))
  }

  @Test func `no samples have no distribution`() { #expect(Distribution([]) == nil) }

  @Test func `the median of an even count is the mean of the middle two`() throws {
    #expect(try distribution([4, 1, 3, 2]).median == Seconds(2.5))
    #expect(try distribution([9, 1, 5]).median == Seconds(5))
  }

  @Test func `percentiles need enough samples to have met their tail`() throws {
    // 0.9²⁸ = 5.2 %, 0.9²⁹ = 4.7 %; 0.99²⁹⁸ = 5.003 %, 0.99²⁹⁹ = 4.95 %.
    #expect(Distribution.floor(ofPercentile: 0.9) == 29)
    #expect(Distribution.floor(ofPercentile: 0.99) == 299)
    #expect(try distribution((1...28).map(Double.init)).percentile(0.9) == nil)
    #expect(try distribution((1...29).map(Double.init)).percentile(0.9) == Seconds(27))
    #expect(try distribution((1...298).map(Double.init)).percentile(0.99) == nil)
    #expect(try distribution((1...300).map(Double.init)).percentile(0.99) == Seconds(297))
  }

  @Test(arguments: [0, 1, -1, 2, Double.nan, .infinity])
  func `a share that is none has no percentile`(share: Double) throws {
    #expect(try distribution((1...1000).map(Double.init)).percentile(share) == nil)
  }

  @Test(arguments: [(6, 0, 5), (10, 1, 8), (20, 5, 14), (100, 39, 60)])
  func `the median's interval follows the binomial table`(count: Int, low: Int, high: Int) throws {
    // Ranks from the two-sided 95 % sign-test table, counted from zero.
    let interval = try #require(
      try distribution((0..<count).map(Double.init)).medianInterval)
    #expect(interval == Seconds(Double(low))...Seconds(Double(high)))
  }

  @Test func `the median's interval of very many samples is finite`() throws {
    let interval = try #require(
      try distribution((0..<100_000).map(Double.init)).medianInterval)
    #expect(interval.contains(Seconds(49_999.5)))
    #expect(interval.upperBound - interval.lowerBound < Seconds(700))
  }

  @Test func `five samples give no interval of the median`() throws {
    #expect(try distribution((1...5).map(Double.init)).medianInterval == nil)
  }

  @Test func `drift compares the last third with the first`() throws {
    #expect(try distribution([1, 1, 1, 5, 5, 5, 2, 2, 2]).drift == 2)
    #expect(try distribution([1, 1, 1, 1, 1, 1, 1, 1]).drift == nil)
  }
}
