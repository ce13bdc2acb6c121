import Quantities
import TensorTypes

/// The last layer of TFLite's detectors: boxes decoded from anchors, the best of which are kept.
///
/// Inputs are real numbers with a batch of 1: `[1, boxes, 4 or more]`, of which the first four are
/// offsets of centre and sides, y before x; `[1, boxes, classes]`, with or without a background in
/// front; and the anchors `[boxes, 4]`, centre and sides. Results are `[1, rows, 4]`, the corners y₀,
/// x₀, y₁, x₁; `[1, rows]`, the classes from 0; `[1, rows]`, the scores; `[1]`, how many boxes there
/// are. Rows behind those are zero.
///
/// Source: `tensorflow/lite/kernels/detection_postprocess.cc`.
public struct DetectionPostProcess: Sendable, Hashable {
  /// What offsets are divided by: y, x, height and width.
  public let scales: [Double]
  public let classCount: Int
  /// The least score.
  public let score: Double
  /// The intersection over union above which the lesser of two boxes goes.
  public let overlap: Double
  /// The most boxes of the result.
  public let limit: Int
  public let suppression: Suppression

  /// Which boxes are compared with one another.
  public enum Suppression: Sendable, Hashable {
    /// All, by the score of the best class; each that is kept has a row for so many of its classes.
    case acrossClasses(rowsOfBox: Int)
    /// Those of a class, of which so many are kept; each has a row. The result has room for more
    /// rows: the limit times `rowsOfBox`.
    case byClass(limit: Int, rowsOfBox: Int)
  }

  public init(
    scales: [Double], classCount: Int, score: Double, overlap: Double, limit: Int,
    suppression: Suppression
  ) {
    self.scales = scales
    self.classCount = classCount
    self.score = score
    self.overlap = overlap
    self.limit = limit
    self.suppression = suppression
  }

  /// Rows for each box that the result has room for.
  public var rowsOfBox: Int {
    switch suppression {
    case .acrossClasses(let rowsOfBox), .byClass(_, let rowsOfBox): rowsOfBox
    }
  }

  func outputTypes(for inputs: [Operand?]) throws(ShapeError) -> [TensorType?] {
    let offsets = try inputs.required(0, count: 3...3).type
    let scores = try inputs.required(1, count: 3...3).type
    let anchors = try inputs.required(2, count: 3...3).type
    for (index, type) in [offsets, scores].enumerated() {
      guard type.rank == 3, type.dimensions[0] == 1 else {
        throw .wrongRank(input: index, expected: "3 with a batch of 1", actual: type.rank)
      }
    }
    guard anchors.rank == 2 else {
      throw .wrongRank(input: 2, expected: "2", actual: anchors.rank)
    }
    let count = offsets.dimensions[1]
    try requireEqual("the count of scored boxes", scores.dimensions[1], count)
    try requireEqual("the count of anchors", anchors.dimensions[0], count)
    try requireEqual("the extent of an anchor", anchors.dimensions[1], 4)
    guard offsets.dimensions[2] >= 4 else {
      throw .extentMismatch(
        what: "the count of offsets", expected: 4, actual: offsets.dimensions[2])
    }
    guard classCount > 0, (0...1).contains(scores.dimensions[2] - classCount) else {
      throw .extentMismatch(
        what: "the count of classes", expected: classCount, actual: scores.dimensions[2])
    }
    let rows = try extentProduct(limit, rowsOfBox, of: "the rows")
    let dtype = offsets.dtype
    return [
      TensorType(dtype, [1, rows, 4]), TensorType(dtype, [1, rows]), TensorType(dtype, [1, rows]),
      TensorType(dtype, [1]),
    ]
  }

  /// Boxes that are scored.
  func candidateCount(_ inputs: [TensorType?]) -> Int {
    inputs.optional(0)?.dimensions.element(1) ?? 0
  }

  /// A centre takes 3 operations an axis, half of a side 4 with its exponential, and the corners one
  /// each; every score is compared once. Then every two of the boxes taken as found are compared.
  /// Sorting them is not counted.
  func work(inputs: [Operand?], outputs: [TensorType?]) -> Work {
    let count = candidateCount(inputs.map { $0?.type })
    let found = min(count, Detection.foundCount)
    return Work(
      otherOperations: .product(count, 18) + .product(count, classCount)
        + .product(found, Geometry.operationsOfArea)
        + .product(found * max(found - 1, 0) / 2, Geometry.operationsOfOverlap), inputs: inputs,
      outputs: outputs)
  }
}
