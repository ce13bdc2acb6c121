import TestSupport
import Testing

/// Operators on stored numbers, against results derived by hand from TFLite's quantization: the
/// comments have the sums and the factor that each is multiplied by.
@Suite struct TFLiteOperatorTests {
  private typealias Tensor = TFLiteFile.Tensor

  /// A tensor of int8 or uint8; constant where it has data.
  private static func stored(
    _ name: String, _ shape: [Int], _ scales: [Float], zero: Int = 0, data: [Int]? = nil,
    axis: Int = 0, isSigned: Bool = true
  ) -> Tensor {
    Tensor(
      name, shape, type: isSigned ? 9 : 3,
      data: data.map { $0.map { UInt8(truncatingIfNeeded: $0) } }, scales: scales,
      zeroPoints: scales.map { _ in zero }, axis: axis)
  }

  private func run(
    _ tensors: [Tensor], _ code: Int, _ inputs: [Int], feeding numbers: [[Double]],
    options: [FlatField] = []
  ) throws -> [Double] {
    try runTFLiteOperator(tensors, code, inputs, feeding: numbers, options: options)
  }

  @Test func `a sum of 20 digits behind the point is rounded away from zero`() throws {
    // 5.5 / 0.5, 0.75 / 0.5, 1.25 / 0.5, −1.25 / 0.5
    let result = try run(
      [
        Self.stored("x", [4], [0.5]), Self.stored("y", [4], [0.25], zero: 1),
        Self.stored("z", [4], [0.5], zero: -2),
      ], 0, [0, 1], feeding: [[10, 1, 2, -2], [3, 2, 2, 0]], options: [.byte(0)])
    #expect(result == [9, 0, 1, -5])
  }

  @Test func `a product's half is rounded upward where no shift follows`() throws {
    // 3, −3, 5 and 10000 times one half
    let result = try run(
      [
        Self.stored("x", [4], [0.5]), Self.stored("y", [4], [0.5]), Self.stored("z", [4], [0.5]),
      ], 18, [0, 1], feeding: [[3, -3, 5, 100], [1, 1, 1, 100]], options: [.byte(0)])
    #expect(result == [2, -1, 3, 127])
  }

  @Test func `a pool's mean is one of stored numbers, halves away from zero`() throws {
    // 7 / 4, 6 / 4, −6 / 4, −5 / 4 with a zero point that plays no part
    let result = try run(
      [
        Self.stored("x", [1, 2, 2, 4], [0.5], zero: 7),
        Self.stored("y", [1, 1, 1, 4], [0.5], zero: 7),
      ], 1, [0], feeding: [[1, 1, -1, -1, 2, 2, -2, -2, 2, 1, -1, -1, 2, 2, -2, -1]],
      options: [.byte(1), .int(2), .int(2), .int(2), .int(2), .byte(0)])
    #expect(result == [2, 2, -2, -1])
  }

  @Test func `the division of a mean is part of its factor`() throws {
    // 7 · ½, upward, then · ½, away from zero; the same of 6, −6 and −5
    let result = try run(
      [
        Self.stored("x", [1, 2, 2, 4], [0.5]), Tensor("axes", ints: [1, 2]),
        Self.stored("y", [1, 1, 1, 4], [0.5]),
      ], 40, [0, 1], feeding: [[1, 1, -1, -1, 2, 2, -2, -2, 2, 1, -1, -1, 2, 2, -2, -1]],
      options: [.byte(1)])
    #expect(result == [2, 2, -2, -1])
  }

  @Test func `a convolution has a factor for each filter`() throws {
    // (4 − 6 + 1) · ½ = −½, upward; (12 + 3) · ¼: 8 after the product, then 4
    let result = try run(
      [
        Self.stored("x", [1, 1, 1, 2], [0.5]),
        Self.stored("w", [2, 1, 1, 2], [0.5, 0.25], data: [1, 2, 3, -1]),
        Tensor("b", ints: [1, 0]), Self.stored("y", [1, 1, 1, 2], [0.5], zero: 1),
      ], 3, [0, 1, 2], feeding: [[4, -3]], options: [.byte(0), .int(1), .int(1), .byte(0)])
    #expect(result == [1, 5])
  }

  @Test func `a depthwise convolution has a factor for each channel`() throws {
    // 3 · ½ and −3 · ½, upward; an activation cuts at the zero point
    let result = try run(
      [
        Self.stored("x", [1, 1, 1, 2], [0.5]),
        Self.stored("w", [1, 1, 1, 2], [0.5, 0.5], data: [1, 1], axis: 3),
        Tensor("b", ints: [0, 0]), Self.stored("y", [1, 1, 1, 2], [0.5]),
      ], 4, [0, 1, 2], feeding: [[3, -3]],
      options: [.byte(0), .int(1), .int(1), .int(1), .byte(0)])
    #expect(result == [2, -1])
  }

  @Test func `products of matrices are multiplied by a real number`() throws {
    // (3 · 1 + 0 · 5) · ½, to the even one
    let result = try run(
      [
        Self.stored("x", [1, 2], [0.5], zero: 1, isSigned: false),
        Self.stored("w", [1, 2], [0.5], zero: 2, data: [3, 7], isSigned: false),
        Self.stored("y", [1, 1], [0.5], zero: 10, isSigned: false),
      ], 9, [0, 1], feeding: [[4, 1]], options: [.byte(0)])
    #expect(result == [12])
  }

  @Test func `a leaky rectifier has a factor for each sign`() throws {
    // 3 · ½, −3 · ¼: −1½ · ½ is −1 upward, then · ½ once more, away from zero
    let result = try run(
      [Self.stored("x", [4], [0.5]), Self.stored("y", [4], [1])], 98, [0],
      feeding: [[3, -3, -2, 100]], options: [.float(0.5)])
    #expect(result == [2, -1, -1, 50])
  }

  @Test func `an activation's bound is divided in float32`() throws {
    // 6 / 0.047058824 is 127.5 in float32, a little less in float64.
    let result = try run(
      [
        Self.stored("x", [1, 1, 1, 2], [12.0 / 255], zero: -43),
        Self.stored("y", [1, 1, 1, 2], [12.0 / 255], zero: -43),
      ], 17, [0], feeding: [[127, -128]],
      options: [.byte(1), .int(1), .int(1), .int(1), .int(1), .byte(3)])
    #expect(result == [85, -43])
  }
}
