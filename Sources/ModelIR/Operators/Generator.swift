import Quantities
public import TensorTypes

/// Tensors made from numbers that the model states, or from the extents of others.
public enum Generator: OperatorDefinition {
  /// Stored with the model, outside its weights; the elements are there when few.
  case constant(TensorType, TensorLiteral? = nil)
  /// One value everywhere, in the shape that input 0 holds.
  case constantOfShape(DType, value: TensorLiteral? = nil)
  /// Ones on a diagonal, the main one or one above, zeros elsewhere, in the shape of the input.
  case eyeLike(DType? = nil, diagonal: Int = 0)
  /// From input 0 up to, and without, input 1, by input 2.
  case range
  /// The extents of the input from axis `start` up to, and without, `end`.
  case shape(start: Int = 0, end: Int? = nil)
  /// The count of elements of the input.
  case size
  /// Periodic: the first element of the next period is left out.
  case window(Window, DType, isPeriodic: Bool = true)
  case melWeightMatrix(DType)
  case random(Random)
  case priorBoxes(PriorBoxes)

  public enum Window: Sendable, Hashable { case blackman, hamming, hann }
  /// Draws that differ from run to run.
  public enum Random: Sendable, Hashable {
    case normal(TensorType)
    case uniform(TensorType)
    case normalLike(DType?)
    case uniformLike(DType?)
    case bernoulli(DType?)
    case multinomial(sampleCount: Int, DType)
  }

  public var kind: OperatorKind {
    switch self {
    case .constant: .constant
    case .constantOfShape: .constantOfShape
    case .eyeLike: .eyeLike
    case .range: .range
    case .shape: .shape
    case .size: .size
    case .window(.blackman, _, _): .blackmanWindow
    case .window(.hamming, _, _): .hammingWindow
    case .window(.hann, _, _): .hannWindow
    case .melWeightMatrix: .melWeightMatrix
    case .random(.normal): .randomNormal
    case .random(.uniform): .randomUniform
    case .random(.normalLike): .randomNormalLike
    case .random(.uniformLike): .randomUniformLike
    case .random(.bernoulli): .bernoulli
    case .random(.multinomial): .multinomial
    case .priorBoxes: .priorBox
    }
  }

  public func outputTypes(
    for inputs: [Operand?], outputCount: Int
  ) throws(ShapeError) -> [TensorType?] {
    switch self {
    case .constant(let type, _): return [type]
    case .constantOfShape(let dtype, _):
      return [try inputs.extents(0).map { TensorType(dtype, $0) }]
    case .eyeLike(let dtype, _):
      let input = try inputs.required(0, count: 1...1).type
      guard input.rank == 2 else { throw .wrongRank(input: 0, expected: "2", actual: input.rank) }
      return [TensorType(dtype ?? input.dtype, input.dimensions)]
    case .range:
      return [try rangeType(try inputs.required(0, count: 3...3), inputs)]
    case .shape(let start, let end):
      let input = try inputs.required(0, count: 1...1).type
      return [TensorType(.int64, [input.extents(start, end).count])]
    case .size:
      _ = try inputs.required(0, count: 1...1)
      return [TensorType(.int64, [])]
    case .window(_, let dtype, _):
      return [try inputs.count(0).map { TensorType(dtype, [$0]) }]
    case .melWeightMatrix(let dtype):
      guard let bands = try inputs.count(0), let length = try inputs.count(1) else { return [nil] }
      return [TensorType(dtype, [length / 2 + 1, bands])]
    case .random(let random):
      return [try random.outputType(inputs)]
    case .priorBoxes(let boxes): return [try boxes.outputType(inputs)]
    }
  }

  /// Operations an element; what only reads extents moves nothing. A range multiplies its step and
  /// adds its start. A draw counts as one operation, and its number is scaled and shifted (2); a
  /// normal one takes two draws, a logarithm, a root, a cosine and three products between them (Box
  /// and Muller, Ann. Math. Stat. 29, 1958: 10 in all); a class is a draw times the sum of all, and
  /// a bisection of the running sums of the scores' exponentials. A window term is a
  /// phase, a cosine, a product and a sum (4); Blackman has two. A mel weight is two slopes of a
  /// subtract and a divide, a minimum and a maximum (6). Half of what prior boxes give are constants;
  /// a coordinate is a sum and a quotient, and two bounds where it is clipped.
  public func work(inputs: [Operand?], outputs: [TensorType?]) -> Work? {
    let count = outputs.first??.elementCount ?? 0
    var work = Work(inputs: inputs, outputs: outputs)
    switch self {
    case .constant, .shape, .size:
      return .free(inputs: inputs, outputs: outputs)
    case .constantOfShape, .eyeLike, .random(.normalLike), .random(.uniformLike), .priorBoxes:
      work.reads = inputs.map { _ in .zero }
    case .range, .window, .melWeightMatrix, .random(.normal), .random(.uniform),
      .random(.bernoulli), .random(.multinomial):
      break
    }
    let perElement =
      switch self {
      case .constant, .shape, .size, .constantOfShape, .eyeLike, .random(.multinomial): 0
      case .range: 2
      case .window(.blackman, _, _): 8
      case .window(.hamming, _, _), .window(.hann, _, _): 4
      case .melWeightMatrix: 6
      case .random(.normal), .random(.normalLike): 10
      case .random(.uniform), .random(.uniformLike): 3
      case .random(.bernoulli): 2
      case .priorBoxes(let boxes): boxes.clips ? 2 : 1
      }
    work.otherOperations = .product(count, perElement)
    if case .random(.multinomial) = self, let scores = inputs.optional(0)?.type {
      let classes = scores.dimensions.last ?? 1
      work.otherOperations =
        .product(2, scores.elementCount) + .product(count, 2 + ceilingLog2(classes))
    }
    return work
  }

  private func rangeType(
    _ start: Operand, _ inputs: [Operand?]
  ) throws(ShapeError) -> TensorType? {
    let limit = try inputs.required(1, count: 3...3)
    let step = try inputs.required(2, count: 3...3)
    guard let first = start.literal, let last = limit.literal, let stride = step.literal else {
      return nil
    }
    if let first = first.integers?.first, let last = last.integers?.first,
      let stride = stride.integers?.first
    {
      guard stride != 0 else { throw .invalidInput(index: 2, reason: "is the step 0") }
      let (span, overflow) =
        stride > 0
        ? last.subtractingReportingOverflow(first) : first.subtractingReportingOverflow(last)
      guard !overflow else { throw .tooLarge("a range") }
      guard span > 0 else { return TensorType(start.type.dtype, [0]) }
      let count = (UInt(span) - 1) / stride.magnitude
      return TensorType(start.type.dtype, [Int(count) + 1])
    }
    guard let first = first.reals.first, let last = last.reals.first,
      let stride = stride.reals.first, stride != 0
    else { throw .invalidInput(index: 2, reason: "is no step") }
    guard let count = Int(exactly: ((last - first) / stride).rounded(.up)) else {
      throw .tooLarge("a range")
    }
    return TensorType(start.type.dtype, [max(0, count)])
  }
}

extension Generator.Random {
  fileprivate func outputType(_ inputs: [Operand?]) throws(ShapeError) -> TensorType {
    switch self {
    case .normal(let type), .uniform(let type): return type
    case .normalLike(let dtype), .uniformLike(let dtype), .bernoulli(let dtype):
      let input = try inputs.required(0, count: 1...1).type
      return TensorType(dtype ?? input.dtype, input.dimensions)
    case .multinomial(let sampleCount, let dtype):
      let input = try inputs.required(0, count: 1...1).type
      guard input.rank == 2 else { throw .wrongRank(input: 0, expected: "2", actual: input.rank) }
      guard sampleCount >= 0 else {
        throw .invalidAttribute(name: "sample_size", reason: "is negative")
      }
      return TensorType(dtype, [input.dimensions[0], sampleCount])
    }
  }
}

extension TensorType {
  /// The extents from axis `start` to `end`, both clamped to the rank, negative from the end.
  func extents(_ start: Int, _ end: Int?) -> ArraySlice<Int> {
    func clamped(_ axis: Int) -> Int { min(max(axis < 0 ? axis + rank : axis, 0), rank) }
    let first = clamped(start)
    return dimensions[first..<max(first, clamped(end ?? rank))]
  }
}

extension Array where Element == Operand? {
  /// One count that is not negative; `nil` when only a run tells.
  func count(_ index: Int) throws(ShapeError) -> Int? {
    _ = try required(index, count: index + 1...5)
    guard let value = try integer(index) else { return nil }
    guard value >= 0 else { throw .invalidInput(index: index, reason: "is negative") }
    return value
  }
}
