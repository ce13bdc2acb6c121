import TestSupport
import Testing

/// Against ai-edge-litert 2.3.0 with `OpResolverType.BUILTIN_REF` on the same file and feed; corners to
/// the digits that float32 has.
@Suite struct TFLiteDetectionTests {
  private func run(suppressesByClass: Bool) throws -> [[Double]] {
    try runTFLite(
      DetectionSample.file(suppressesByClass: suppressesByClass),
      feeding: [DetectionSample.offsets, DetectionSample.scores], hasKernels: false)
  }

  private static let first = [
    0.050000011920928955, -0.055350691080093384, 0.550000011920929, 0.555350661277771,
  ]
  private static let last = [0.574999988079071, 0.625, 0.824999988079071, 0.875]

  private func expectClose(_ found: [Double], _ expected: [Double]) {
    #expect(found.count == expected.count)
    for (found, expected) in zip(found, expected) { #expect(abs(found - expected) < 1e-6) }
  }

  @Test func `boxes are compared across classes`() throws {
    let outputs = try run(suppressesByClass: false)
    expectClose(
      outputs[0],
      Self.first + Self.first + Self.last + Self.last + [0, 0.25, 1, 0.75, 0, 0.25, 1, 0.75])
    #expect(outputs[1] == [1, 0, 0, 1, 1, 0])
    #expect(outputs[2] == [0.8125, 0.625, 0.6875, 0.375, 0.5625, 0.4375])
    #expect(outputs[3] == [3])
  }

  @Test func `boxes of a class are compared with one another`() throws {
    let outputs = try run(suppressesByClass: true)
    expectClose(outputs[0], Self.first + [0, 0, 0.5, 0.5] + Self.last)
    #expect(outputs[1] == [1, 0, 0])
    #expect(outputs[2] == [0.8125, 0.75, 0.6875])
    #expect(outputs[3] == [3])
  }
}
