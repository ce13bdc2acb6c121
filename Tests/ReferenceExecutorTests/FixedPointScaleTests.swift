import Testing

@testable import ReferenceExecutor

@Suite struct FixedPointScaleTests {
  @Test func `a factor has 31 digits and a shift`() {
    #expect(FixedPointScale(0.5).multiplier == 1 << 30)
    #expect(FixedPointScale(0.5).shift == 0)
    #expect(FixedPointScale(3).multiplier == 3 << 29)
    #expect(FixedPointScale(3).shift == 2)
    // Rounded up to the next power of two.
    #expect(FixedPointScale(1 - 0x1p-40) == FixedPointScale(1))
  }

  @Test(arguments: [0, -1, .nan, 0x1p-33, -.infinity])
  func `what is no positive factor, or too small, is zero`(factor: Double) {
    #expect(FixedPointScale(factor)(1 << 30) == 0)
  }

  @Test func `a factor too great is the greatest`() {
    #expect(FixedPointScale(.infinity) == FixedPointScale(0x1p40))
    #expect(FixedPointScale(.infinity).shift == 30)
  }

  @Test func `halves are rounded upward, and away from zero after a shift`() {
    #expect([-3, -1, 1, 3].map { FixedPointScale(0.5)($0) } == [-1, 0, 1, 2])
    // −6 · ½ = −3, then −3 / 2 = −1½.
    #expect([-6, -2, 2, 6].map { FixedPointScale(0.25)($0) } == [-2, -1, 1, 2])
    // Twice: 5 · ½ is 3, and 3 / 2 is 2, though 5 / 4 is nearer to 1.
    #expect(FixedPointScale(0.25)(5) == 2)
    #expect(FixedPointScale(4)(7) == 28)
    #expect(FixedPointScale(0.75)(.min) == -1_610_612_736)
  }

  @Test func `a count divides the multiplier`() {
    #expect(FixedPointScale(1).divided(by: 4) == FixedPointScale(0.25))
    #expect(FixedPointScale(1).divided(by: 49)(4900) == 100)
    #expect(FixedPointScale(1).divided(by: 1) == FixedPointScale(1))
    #expect(FixedPointScale(0x1p-30).divided(by: 1 << 40)(.max) == 0)
  }
}
