import Foundation
import Measurement
import Testing

@Suite struct ValueAgreementTests {
  private func agreement(_ reference: [Double], _ other: [Double]) throws -> ValueAgreement {
    try #require(ValueAgreement(name: "v", isOutput: true, reference: reference, other: other))
  }

  @Test func `differences are absolute, relative and in decibels`() throws {
    let value = try agreement([10, -10], [10.5, -10])
    #expect(value.maximumAbsolute == 0.5)
    #expect(value.maximumRelative == 0.05)
    // 10 log10(200 / 0.25)
    #expect(abs(value.signalToNoise - 29.0309) < 1e-4)
  }

  @Test func `near zero, a difference is measured against a thousandth of the largest`() throws {
    #expect(try agreement([1000, 0], [1000, 0.5]).maximumRelative == 0.5)
  }

  @Test func `equal values are infinitely alike, zeros and nothing included`() throws {
    #expect(try agreement([1, 2], [1, 2]).signalToNoise == .infinity)
    #expect(try agreement([0], [0]).maximumRelative == 0)
    #expect(try agreement([], []).signalToNoise == .infinity)
  }

  @Test func `what is not finite on one side alone is stray`() throws {
    let value = try agreement(
      [.nan, .nan, .infinity, .infinity, 1], [.nan, 1, .infinity, -.infinity, .infinity])
    #expect(value.strayCount == 3)
    #expect(value.maximumAbsolute == 0)
  }

  @Test func `other counts cannot be compared`() {
    #expect(ValueAgreement(name: "v", isOutput: true, reference: [1], other: []) == nil)
  }
}
