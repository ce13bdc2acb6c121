import Platform
import TestSupport
import Testing

@testable import ModelImport

@Suite struct FlexMapTests {
  private func numbers(_ bytes: [UInt8]) throws(MalformedFile) -> [String: Double] {
    try FlexMap.numbers(in: bytes.indices, bytes.span)
  }

  @Test func `numbers have their names`() throws {
    #expect(
      try numbers(DetectionSample.options(suppressesByClass: true)) == [
        "max_detections": 3, "max_classes_per_detection": 1, "detections_per_class": 2,
        "use_regular_nms": 1, "nms_score_threshold": 0.5, "nms_iou_threshold": 0.5,
        "num_classes": 2, "y_scale": 10, "x_scale": 10, "h_scale": 5, "w_scale": 5,
      ])
  }

  @Test func `a map of bytes has no real numbers`() throws {
    // {"a": -2, "b": 200}: names, their places, the width of these, the count, the values.
    let bytes: [UInt8] = [
      97, 0, 98, 0, 2, 5, 4, 2, 1, 2, 0xFE, 200, 1 << 2, 2 << 2, 4, 9 << 2, 1,
    ]
    #expect(try numbers(bytes) == ["a": -2, "b": 200])
  }

  @Test func `every prefix is refused`() {
    let bytes = DetectionSample.options()
    for count in bytes.indices {
      #expect(throws: MalformedFile.self) { try numbers(Array(bytes.prefix(count))) }
    }
  }

  @Test func `flipped bytes are refused or understood`() {
    var generator = SeededGenerator(seed: 2026)
    var (accepted, refused) = (0, 0)
    for _ in 0..<20_000 {
      var bytes = DetectionSample.options()
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(
          in: 0...255, using: &generator)
      }
      do throws(MalformedFile) {
        _ = try numbers(bytes)
        accepted += 1
      } catch {
        refused += 1
      }
    }
    #expect(accepted > 0)
    #expect(refused > 0)
  }
}
