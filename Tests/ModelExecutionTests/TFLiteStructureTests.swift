import TestSupport
import Testing

/// Operators that choose and move elements, against results by hand.
@Suite struct TFLiteStructureTests {
  private typealias Tensor = TFLiteFile.Tensor

  @Test func `a quotient of integers is rounded down`() throws {
    let result = try runTFLiteOperator(
      [Tensor("x", [4], type: 2), Tensor("y", [4], type: 2), Tensor("z", [4], type: 2)],
      90, [0, 1], feeding: [[7, -7, 7, -7], [2, 2, -2, -2]], hasKernels: false)
    #expect(result == [3, -4, -4, 3])
  }

  @Test func `a vector selects whole rows`() throws {
    let result = try runTFLiteOperator(
      [
        Tensor("k", [2], type: 6), Tensor("x", [2, 2]), Tensor("y", [2, 2]), Tensor("z", [2, 2]),
      ], 64, [0, 1, 2], feeding: [[1, 0], [1, 2, 3, 4], [5, 6, 7, 8]])
    #expect(result == [1, 2, 7, 8])
  }

  @Test func `a slice leaves axes out, adds some and passes over others`() throws {
    // x[1, …, newaxis, 0:2] of [2, 2, 3]
    let result = try runTFLiteOperator(
      [
        Tensor("x", [2, 2, 3]), Tensor("begin", ints: [1, 0, 0, 0]),
        Tensor("end", ints: [2, 0, 0, 2]), Tensor("step", ints: [1, 1, 1, 1]),
        Tensor("y", [2, 1, 2]),
      ], 45, [0, 1, 2, 3], feeding: [(0..<12).map { Double($0) }],
      options: [.int(0), .int(0), .int(2), .int(4), .int(1)])
    #expect(result == [6, 7, 9, 10])
  }

  @Test func `places of a batch gather from its own elements`() throws {
    let result = try runTFLiteOperator(
      [
        Tensor("x", [2, 2, 3]), Tensor("places", ints: [2, 0, 1, 1], shape: [2, 2]),
        Tensor("y", [2, 2, 2]),
      ], 36, [0, 1], feeding: [(0..<12).map { Double($0) }], options: [.int(2), .int(1)],
      hasKernels: false)
    #expect(result == [2, 0, 5, 3, 7, 7, 10, 10])
  }

  @Test func `a place below zero is no class`() throws {
    let result = try runTFLiteOperator(
      [
        Tensor("x", [3], type: 2), Tensor("depth", ints: [2], shape: []),
        Tensor("on", floats: [5], shape: []), Tensor("off", floats: [-1], shape: []),
        Tensor("y", [3, 2]),
      ], 85, [0, 1, 2, 3], feeding: [[1, -1, 0]], options: [.int(-1)], hasKernels: false)
    #expect(result == [-1, 5, -1, -1, 5, -1])
  }
}
