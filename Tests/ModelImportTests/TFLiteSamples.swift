import TestSupport

/// Small files with much of what the format has.
enum TFLiteSamples {
  typealias Tensor = TFLiteFile.Tensor
  typealias Operator = TFLiteFile.Operator
  typealias Subgraph = TFLiteFile.Subgraph

  /// A constant of int8.
  static func bytes(
    _ name: String, _ shape: [Int], scales: [Float], axis: Int = 0
  ) -> Tensor {
    let count = shape.reduce(1, *)
    return Tensor(
      name, shape, type: 9, data: (0..<count).map { UInt8(truncatingIfNeeded: 37 * $0 - 5) },
      scales: scales, zeroPoints: scales.map { _ in 0 }, axis: axis)
  }

  static func activation(_ name: String, _ shape: [Int], scale: Float, zero: Int) -> Tensor {
    Tensor(name, shape, type: 9, scales: [scale], zeroPoints: [zero])
  }

  /// Convolution, depthwise convolution, addition, mean, reshape, matrix and softmax of bytes.
  static let quantized = TFLiteFile([
    Subgraph(
      [
        Tensor(
          "x", [1, 6, 6, 2], type: 9, signature: [-1, 6, 6, 2], scales: [0.5], zeroPoints: [3]),
        bytes("w", [4, 3, 3, 2], scales: [0.1, 0.2, 0.3, 0.4]),
        Tensor("b", ints: [10, -20, 30, -40]),
        activation("c", [1, 3, 3, 4], scale: 0.7, zero: -128),
        bytes("d", [1, 3, 3, 4], scales: [0.2, 0.1, 0.4, 0.3], axis: 3),
        Tensor("e", ints: [1, 2, 3, 4]),
        activation("f", [1, 3, 3, 4], scale: 0.9, zero: 5),
        activation("g", [1, 3, 3, 4], scale: 1.1, zero: 1),
        Tensor("axes", ints: [1, 2]),
        activation("h", [1, 4], scale: 1.1, zero: 1),
        bytes("m", [3, 4], scales: [0.3]),
        activation("i", [1, 3], scale: 2, zero: 0),
        activation("y", [1, 3], scale: 1 / 256, zero: -128),
      ], inputs: [0], outputs: [12],
      [
        Operator(3, [0, 1, 2], [3], options: [.byte(0), .int(2), .int(2), .byte(1)]),
        Operator(
          4, [3, 4, 5], [6], options: [.byte(0), .int(1), .int(1), .int(1), .byte(3)]),
        Operator(0, [3, 6], [7], options: [.byte(0)]),
        Operator(40, [7, 8], [9], options: [.byte(0)]),
        Operator(9, [9, 10, -1], [11], options: [.byte(0)]),
        Operator(25, [11], [12], options: [.float(1)]),
      ])
  ])

  /// A branch, a call and a loop whose condition is a subgraph.
  static let branching: TFLiteFile = {
    let pair = [Tensor("p", [2, 3]), Tensor("q", [2, 3])]
    let unary = { (code: Int) in
      Subgraph(pair, inputs: [0], outputs: [1], [Operator(code, [0], [1])])
    }
    return TFLiteFile([
      Subgraph(
        [
          Tensor("x", [2, 3]), Tensor("k", [], type: 6), Tensor("a", [2, 3]),
          Tensor("b", [2, 3]), Tensor("n", [], type: 2), Tensor("m", [], type: 2),
          Tensor("y", [2, 3]),
        ], inputs: [0, 1, 4], outputs: [6, 5],
        [
          Operator(118, [1, 0], [2], options: [.int(1), .int(2)]),
          Operator(31, [2], [3], options: [.int(1)]),
          Operator(119, [4, 3], [5, 6], options: [.int(3), .int(4)]),
        ]), unary(28), unary(19),
      // n < 5
      Subgraph(
        [
          Tensor("n", [], type: 2), Tensor("v", [2, 3]), Tensor("limit", ints: [5], shape: []),
          Tensor("k", [], type: 6),
        ], inputs: [0, 1], outputs: [3], [Operator(58, [0, 2], [3])]),
      // n + 1, tanh v
      Subgraph(
        [
          Tensor("n", [], type: 2), Tensor("v", [2, 3]), Tensor("one", ints: [1], shape: []),
          Tensor("m", [], type: 2), Tensor("w", [2, 3]),
        ], inputs: [0, 1], outputs: [3, 4],
        [Operator(0, [0, 2], [3], options: [.byte(0)]), Operator(28, [1], [4])]),
    ])
  }()

  /// Slices, splits, packs, pads, resizes and what else reads constants of integers.
  static let shapes = TFLiteFile([
    Subgraph(
      [
        Tensor("x", [1, 4, 4, 2]), Tensor("begin", ints: [0, 1, 0, 0]),
        Tensor("end", ints: [0, 3, 0, 0]), Tensor("step", ints: [1, 1, 2, 1]),
        Tensor("a", [1, 2, 2, 2]), Tensor("pads", ints: [0, 0, 1, 1, 1, 1, 0, 0], shape: [4, 2]),
        Tensor("b", [1, 4, 4, 2]), Tensor("size", ints: [8, 8]), Tensor("c", [1, 8, 8, 2]),
        Tensor("block", ints: [2, 2]), Tensor("none", ints: [0, 0, 0, 0], shape: [2, 2]),
        Tensor("d", [4, 4, 4, 2]), Tensor("e", [1, 8, 8, 2]),
        Tensor("axis", ints: [3], shape: []), Tensor("f", [1, 8, 8, 1]),
        Tensor("g", [1, 8, 8, 1]), Tensor("h", [2, 1, 8, 8, 1]), Tensor("i", [1, 8, 8]),
        Tensor("shape", ints: [2, -1]), Tensor("y", [2, 32]),
        Tensor("w", [1, 3, 3, 1], data: Array(repeating: 0, count: 36)),
        Tensor("full", ints: [1, 16, 16, 1]), Tensor("z", [1, 16, 16, 1]),
      ], inputs: [0], outputs: [19, 16, 22],
      [
        Operator(
          45, [0, 1, 2, 3], [4], options: [.int(13), .int(13), .int(0), .int(0), .int(0)]),
        Operator(34, [4, 5], [6]),
        Operator(23, [6, 7], [8], options: [.none, .none, .byte(0), .byte(1)]),
        Operator(38, [8, 9, 10], [11]),
        Operator(37, [11, 9, 10], [12]),
        Operator(49, [13, 12], [14, 15], options: [.int(2)]),
        Operator(83, [14, 15], [16], options: [.int(2), .int(0)]),
        Operator(43, [14], [17], options: [.ints([3])]),
        Operator(22, [17, 18], [19], options: [.ints([2, -1])]),
        Operator(67, [21, 20, 15], [22], options: [.byte(0), .int(2), .int(2)]),
      ])
  ])
}
