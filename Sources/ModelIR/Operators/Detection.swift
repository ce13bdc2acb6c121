import Quantities
public import TensorTypes

/// The boxes that a detector found: candidates decoded from its maps, chosen by score, without those
/// that overlap a better one.
///
/// The result is `[1, rows, 6]`, best first: class, score, and the corners x₀, y₀, x₁, y₁ as parts of
/// the image. It has a row for each box that could be found; those beyond the ones that were are zero,
/// which is class 0, the background. Inputs have a batch of 1.
public struct Detection: Sendable, Hashable {
  /// How candidates come from the inputs.
  public enum Decoding: Sendable, Hashable {
    /// Input 0 holds 4 offsets for each prior box, input 1 its scores of the classes, background
    /// first, input 2, `[1, 2, 4 · priors]`, the corners of the boxes and four variances each.
    /// Suppression is by class. Source: Liu et al., SSD, ECCV 2016, §2.
    case priors(classCount: Int)
    /// Each input is a map `[1, anchors · (5 + classes), h, w]`: offsets of the centre, logarithms of
    /// the sides, whether there is a box, and the classes. Suppression is over all classes. Source:
    /// Redmon, Farhadi, YOLO9000, CVPR 2017, §2; YOLOv3, arXiv 1804.02767, §2.
    case anchors(classCount: Int, [AnchorMap], ClassScoring)
  }

  /// What the sides of a map's boxes are relative to.
  public struct AnchorMap: Sendable, Hashable {
    /// Widths and heights, in pixels where `stride` is in pixels.
    public let anchors: [Anchor]
    /// The extent of a cell in the anchors' unit; 1 where they count cells.
    public let stride: Double
    public init(_ anchors: [Anchor], stride: Double = 1) {
      self.anchors = anchors
      self.stride = stride
    }
  }

  public struct Anchor: Sendable, Hashable {
    public let width: Double
    public let height: Double
    public init(width: Double, height: Double) {
      self.width = width
      self.height = height
    }
  }

  /// A softmax over the classes of a candidate, all of which are decoded; or the sigmoid of the best,
  /// with which only those are decoded whose score is enough.
  public enum ClassScoring: Sendable, Hashable { case softmax, sigmoid }

  /// Which candidates are left.
  public struct Selection: Sendable, Hashable {
    /// The least score; with prior boxes it must be above it.
    public let confidence: Double
    /// The intersection over union above which the lesser of two boxes goes.
    public let overlap: Double
    /// The best of a class that are compared at all; `nil` for all of them.
    public let candidatesPerClass: Int?
    /// The most rows of the result; `nil` for as many as there are.
    public let limit: Int?
    public init(
      confidence: Double, overlap: Double, candidatesPerClass: Int? = nil, limit: Int? = nil
    ) {
      self.confidence = confidence
      self.overlap = overlap
      self.candidatesPerClass = candidatesPerClass
      self.limit = limit
    }
  }

  public let decoding: Decoding
  public let selection: Selection
  public init(_ decoding: Decoding, _ selection: Selection) {
    self.decoding = decoding
    self.selection = selection
  }

  public var kind: OperatorKind {
    switch decoding {
    case .priors: .detectionOutput
    case .anchors: .yoloDetectionOutput
    }
  }

  /// Boxes that are scored: the prior boxes, or the cells of all maps times their anchors. What a
  /// detector's last layer costs follows this count, whatever is found.
  public func candidateCount(_ inputs: [TensorType?]) -> Int {
    switch decoding {
    case .priors: return (inputs.optional(2)?.dimensions.last ?? 0) / 4
    case .anchors(_, let maps, _):
      return zip(maps, inputs).reduce(0) { sum, map in
        let cells = map.1?.dimensions.suffix(2).reduce(1, saturatingProduct) ?? 0
        let (total, overflow) = sum.addingReportingOverflow(
          saturatingProduct(cells, map.0.anchors.count))
        return overflow ? .max : total
      }
    }
  }

  func outputTypes(for inputs: [Operand?]) throws(ShapeError) -> [TensorType?] {
    switch decoding {
    case .priors(let classCount):
      let offsets = try inputs.required(0, count: 3...3).type
      let scores = try inputs.required(1, count: 3...3).type
      let priors = try inputs.required(2, count: 3...3).type
      guard priors.rank == 3, priors.dimensions[0] == 1, priors.dimensions[1] == 2 else {
        throw .invalidInput(index: 2, reason: "is no pair of boxes and variances")
      }
      let count = try extentQuotient(priors.dimensions[2], by: 4, of: "the prior boxes")
      try requireEqual("the count of offsets", offsets.elementCount, priors.dimensions[2])
      guard classCount > 0 else {
        throw .invalidAttribute(name: "the count of classes", reason: "is \(classCount)")
      }
      try requireEqual(
        "the count of scores", scores.elementCount,
        try extentProduct(count, classCount, of: "the scores"))
      let perClass = min(selection.candidatesPerClass ?? count, count)
      return [result(offsets.dtype, saturatingProduct(perClass, classCount - 1))]
    case .anchors(let classCount, let maps, _):
      guard inputs.count == maps.count, let first = inputs.optional(0) else {
        throw .wrongInputCount(expected: maps.count...maps.count, actual: inputs.count)
      }
      guard classCount > 0 else {
        throw .invalidAttribute(name: "the count of classes", reason: "is \(classCount)")
      }
      for (index, map) in maps.enumerated() {
        let type = try inputs.required(index, count: maps.count...maps.count).type
        guard type.rank == 4, type.dimensions[0] == 1 else {
          throw .wrongRank(input: index, expected: "4 with a batch of 1", actual: type.rank)
        }
        let ofBox = try extentSum(5, classCount, of: "the channels of a box")
        try requireEqual(
          "the count of channels", type.dimensions[1],
          try extentProduct(map.anchors.count, ofBox, of: "the channels"))
      }
      return [result(first.type.dtype, candidateCount(inputs.map { $0?.type }))]
    }
  }

  private func result(_ dtype: DType, _ most: Int) -> TensorType {
    TensorType(dtype, [1, max(0, min(selection.limit ?? most, most)), 6])
  }

  /// Boxes whose score is taken as enough, where so many are scored: only a run tells, and COCO's
  /// evaluation looks at 100 of an image (cocodataset.org, detection evaluation).
  static let foundCount = 100

  /// A box takes 24 operations to decode. Beside prior boxes each score is compared once. Beside
  /// anchors the best of the classes is searched, the score multiplied and compared; a sigmoid has 4
  /// operations, a softmax 5 an element without the first of its two reductions. Then every two of the
  /// boxes taken as found are compared. Sorting them is not counted.
  func work(inputs: [Operand?], outputs: [TensorType?]) -> Work {
    let count = candidateCount(inputs.map { $0?.type })
    let found = min(count, Self.foundCount)
    let operations: FLOPs
    switch decoding {
    case .priors(let classCount):
      operations = .product(count, 24) + .product(count, classCount)
    case .anchors(let classCount, _, .softmax):
      operations = .product(count, 27) + .product(6, count, classCount)
    case .anchors(let classCount, _, .sigmoid):
      operations = .product(count, 9) + .product(count, classCount) + .product(found, 24)
    }
    return Work(
      otherOperations: operations + .product(found, Geometry.operationsOfArea)
        + .product(found * (found - 1) / 2, Geometry.operationsOfOverlap), inputs: inputs,
      outputs: outputs)
  }
}

extension Workload {
  /// The boxes that a step scores: those of a detector's last layer, or of a suppression; 0 for other
  /// operators.
  public func candidateBoxCount(of step: Step) -> Int {
    guard case .geometry(let geometry) = step.op else { return 0 }
    let types = step.inputs.map { $0.flatMap { tensors[$0].type } }
    switch geometry {
    case .detection(let detection): return detection.candidateCount(types)
    case .detectionPostProcess(let operation): return operation.candidateCount(types)
    case .nonMaxSuppression:
      return (types.optional(0)?.dimensions.prefix(2)).map {
        $0.reduce(1, saturatingProduct)
      } ?? 0
    case .affineGrid, .gridSample, .det, .inverse: return 0
    }
  }
}
