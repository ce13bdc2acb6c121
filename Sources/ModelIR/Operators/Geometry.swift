import Quantities
public import TensorTypes

/// Sampling along coordinates, boxes, and small dense matrices.
public enum Geometry: OperatorDefinition {
  /// The coordinates that an affine map gives each place of an output in the shape of input 1.
  /// From −1 to 1: the centres of the first and last places, or their outer borders.
  case affineGrid(alignsCorners: Bool = false)
  case gridSample(Interpolation, outside: Outside = .zero, alignsCorners: Bool = false)
  /// Boxes are two corners, or a centre and two sides.
  case nonMaxSuppression(centersBoxes: Bool = false)
  case detection(Detection)
  case detectionPostProcess(DetectionPostProcess)
  case det
  case inverse

  public enum Interpolation: Sendable, Hashable { case nearest, linear, cubic }
  /// What is sampled outside: zero, the nearest element, or what lies mirrored at the borders.
  public enum Outside: Sendable, Hashable { case zero, border, reflection }

  public var kind: OperatorKind {
    switch self {
    case .affineGrid: .affineGrid
    case .gridSample: .gridSample
    case .nonMaxSuppression: .nonMaxSuppression
    case .detection(let detection): detection.kind
    case .detectionPostProcess: .detectionPostProcess
    case .det: .det
    case .inverse: .inverse
    }
  }

  public func outputTypes(
    for inputs: [Operand?], outputCount: Int
  ) throws(ShapeError) -> [TensorType?] {
    if case .detection(let detection) = self { return try detection.outputTypes(for: inputs) }
    if case .detectionPostProcess(let operation) = self {
      return try operation.outputTypes(for: inputs)
    }
    let input = try inputs.required(0, count: 1...5).type
    switch self {
    case .detection, .detectionPostProcess: return []
    case .affineGrid:
      guard let size = try inputs.extents(1) else { return [nil] }
      guard size.count == 4 || size.count == 5 else {
        throw .extentMismatch(what: "the length of the size", expected: 4, actual: size.count)
      }
      return [TensorType(input.dtype, [size[0]] + size[2...] + [size.count - 2])]
    case .gridSample:
      let grid = try inputs.required(1, count: 2...2).type
      guard input.rank >= 3, grid.rank == input.rank else {
        throw .wrongRank(input: 1, expected: "\(input.rank)", actual: grid.rank)
      }
      let spatial = input.rank - 2
      guard grid.dimensions[grid.rank - 1] == spatial else {
        throw .extentMismatch(
          what: "the count of coordinates", expected: spatial,
          actual: grid.dimensions[grid.rank - 1])
      }
      return [
        TensorType(
          input.dtype, Array(input.dimensions[..<2]) + grid.dimensions[1..<grid.rank - 1])
      ]
    case .nonMaxSuppression:
      let scores = try inputs.required(1, count: 2...5).type
      for (index, type) in [input, scores].enumerated() where type.rank != 3 {
        throw .wrongRank(input: index, expected: "3", actual: type.rank)
      }
      return [nil]
    case .det:
      return [TensorType(input.dtype, try stack(input).dropLast(2))]
    case .inverse:
      _ = try stack(input)
      return [input]
    }
  }

  /// A grid multiplies each homogeneous coordinate by the map. A sample weighs its neighbours: 2,
  /// or 4 for cubic, along each axis, all combined at once with a multiply and an add each but the
  /// first. Suppression compares every box with every one kept so far, an upper bound. A determinant of `M` rows is `Σ m²` multiply-accumulates for `m < M` by
  /// elimination, an inverse `M(M − 1)²` in place (Golub and Van Loan, Matrix Computations, §3.2 and
  /// §3.4); both search pivots with two operations a candidate, then a determinant divides once a
  /// row and multiplies the diagonal, and an inverse scales a row and a column for each pivot.
  public func work(inputs: [Operand?], outputs: [TensorType?]) -> Work? {
    guard let input = inputs.first??.type, let output = outputs.first ?? nil else { return nil }
    let side = input.dimensions.last ?? 0
    switch self {
    case .affineGrid:
      let spatial = output.dimensions.last ?? 0
      var work = Work(
        macs: .product(output.elementCount, spatial + 1), inputs: inputs, outputs: outputs)
      if work.reads.count > 1 { work.reads[1] = .zero }
      return work
    case .gridSample(let interpolation, _, _):
      let spatial = min(max(0, input.rank - 2), 16)
      let taps =
        switch interpolation {
        case .nearest: 0
        case .linear: 1 << spatial
        case .cubic: 1 << (2 * spatial)
        }
      return Work(
        otherOperations: .product(output.elementCount, max(0, 2 * taps - 1)), inputs: inputs,
        outputs: outputs)
    case .nonMaxSuppression:
      let boxes = input.dimensions.element(1) ?? 0
      return Work(
        otherOperations: .product(Self.operationsOfArea, boxes)
          + .product(Self.operationsOfOverlap, boxes, output.dimensions.first ?? 0),
        inputs: inputs, outputs: outputs)
    case .detection(let detection): return detection.work(inputs: inputs, outputs: outputs)
    case .detectionPostProcess(let operation):
      return operation.work(inputs: inputs, outputs: outputs)
    case .det:
      let squares = MACs.product(side, max(side - 1, 0), saturatingProduct(2, side) - 1)
      let rows = FLOPs.product(side, max(side - 1, 0)).rawValue / 2
      return Work(
        macs: .product(output.elementCount, max(squares.rawValue, 0) / 6),
        otherOperations: .product(output.elementCount, pivoting(side).rawValue)
          + .product(output.elementCount, rows) + .product(output.elementCount, side),
        inputs: inputs, outputs: outputs)
    case .inverse:
      let matrices = side > 0 ? input.elementCount / saturatingProduct(side, side) : 0
      return Work(
        macs: .product(matrices, side, max(side - 1, 0), max(side - 1, 0)),
        otherOperations: .product(matrices, pivoting(side).rawValue)
          + .product(2, matrices, side, side),
        inputs: inputs, outputs: outputs)
    }
  }

  /// Two sides and their product.
  static let operationsOfArea = 3
  /// Of two boxes whose areas are known: four bounds, two sides that are at least zero, their product,
  /// a sum and a difference for the union, the ratio, and its comparison.
  static let operationsOfOverlap = 13

  /// An absolute value and a comparison for each element on and below the diagonal.
  private func pivoting(_ side: Int) -> FLOPs { .product(side, 1) + .product(side, side) }

  /// The extents of a stack of square matrices.
  private func stack(_ input: TensorType) throws(ShapeError) -> [Int] {
    guard input.rank >= 2 else {
      throw .wrongRank(input: 0, expected: "at least 2", actual: input.rank)
    }
    let rows = input.dimensions[input.rank - 2]
    let columns = input.dimensions[input.rank - 1]
    guard rows == columns else {
      throw .extentMismatch(what: "the count of columns", expected: rows, actual: columns)
    }
    return input.dimensions
  }
}
