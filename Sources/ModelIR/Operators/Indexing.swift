import Quantities
public import TensorTypes

/// Elements read from, or written to, places that other elements name.
public enum Indexing: OperatorDefinition {
  case gather(axis: Int)
  case gatherElements(axis: Int)
  case gatherND(batchDimensions: Int)
  case gatherBlockQuantized(GatherBlockQuantized)
  /// `combining`: how an update combines with what it meets; it replaces it when `nil`.
  case scatterElements(axis: Int, combining: Combination?)
  case scatterND(combining: Combination?)
  /// New entries into a key-value cache, in place; past the end of a ring they start over.
  case tensorScatter(axis: Int, isRing: Bool = false)
  /// Inputs: positions, the count of classes, the two values. Positions below zero count from the
  /// end, or are none.
  case oneHot(axis: Int, wraps: Bool = true)
  /// The slices that a vector of Booleans picks; of all elements in a row when the axis is `nil`.
  case compress(axis: Int?)
  /// In ascending order, or in that of their first places.
  case unique(axis: Int?, isSorted: Bool = true)
  case nonZero
  /// How often each known tuple of words, whose numbers are the elements, stands in a row.
  indirect case termCounts(TermCounts)
  /// The `count` largest or smallest along an axis; `nil` takes the count from input 1.
  case topK(axis: Int, count: Int? = nil, selectsLeast: Bool = false)

  public enum Combination: Sendable, Hashable { case sum, product, minimum, maximum }

  /// Rows of integers that share a scale by blocks, given as real numbers.
  public struct GatherBlockQuantized: Sendable, Hashable {
    public let axis: Int
    public let blockSize: Int
    /// Elements that one byte of a `uint8` table packs, along its last axis.
    public let elementsPerByte: Int
    public init(axis: Int, blockSize: Int, elementsPerByte: Int) {
      self.axis = axis
      self.blockSize = blockSize
      self.elementsPerByte = elementsPerByte
    }
  }

  public var kind: OperatorKind {
    switch self {
    case .gather: .gather
    case .gatherElements: .gatherElements
    case .gatherND: .gatherND
    case .gatherBlockQuantized: .gatherBlockQuantized
    case .scatterElements: .scatterElements
    case .scatterND: .scatterND
    case .tensorScatter: .tensorScatter
    case .oneHot: .oneHot
    case .compress: .compress
    case .unique: .unique
    case .nonZero: .nonZero
    case .termCounts: .tfIdfVectorizer
    case .topK: .topK
    }
  }

  public func outputTypes(
    for inputs: [Operand?], outputCount: Int
  ) throws(ShapeError) -> [TensorType?] {
    let data = try inputs.required(0, count: 1...4).type
    switch self {
    case .gather(let axis):
      let indices = try inputs.required(1, count: 2...2).type
      return [try gathered(data, indices, axis: axis)]
    case .gatherElements(let axis):
      let indices = try inputs.required(1, count: 2...2).type
      try checkSameRank(data, indices, input: 1)
      _ = try resolvedAxis(axis, rank: data.rank)
      return [TensorType(data.dtype, indices.dimensions)]
    case .gatherND(let batchDimensions):
      let indices = try inputs.required(1, count: 2...2).type
      return [try gatheredND(data, indices, batchDimensions)]
    case .gatherBlockQuantized(let table):
      let indices = try inputs.required(1, count: 3...4).type
      let scales = try inputs.required(2, count: 3...4).type
      return [
        TensorType(
          scales.dtype,
          try gathered(try table.unpacked(data), indices, axis: table.axis).dimensions)
      ]
    case .scatterElements(let axis, _):
      let indices = try inputs.required(1, count: 3...3).type
      let updates = try inputs.required(2, count: 3...3).type
      try checkSameRank(data, indices, input: 1)
      try checkSameRank(data, updates, input: 2)
      _ = try resolvedAxis(axis, rank: data.rank)
      return [data]
    case .scatterND:
      let indices = try inputs.required(1, count: 3...3).type
      _ = try inputs.required(2, count: 3...3)
      _ = try gatheredND(data, indices, 0)
      return [data]
    case .tensorScatter(let axis, _):
      let update = try inputs.required(1, count: 2...3).type
      try checkSameRank(data, update, input: 1)
      _ = try resolvedAxis(axis, rank: data.rank)
      return [data]
    case .oneHot(let axis, _):
      let values = try inputs.required(2, count: 3...3).type
      guard let depth = try inputs.classCount(1) else { return [nil] }
      var extents = data.dimensions
      extents.insert(depth, at: try resolvedAxis(axis, rank: data.rank + 1))
      return [TensorType(values.dtype, extents)]
    case .compress(let axis):
      let condition = try inputs.required(1, count: 2...2)
      if let axis { _ = try resolvedAxis(axis, rank: data.rank) }
      guard let picks = condition.literal?.integers else { return [nil] }
      let count = picks.count { $0 != 0 }
      guard let axis else { return [TensorType(data.dtype, [count])] }
      var extents = data.dimensions
      extents[try resolvedAxis(axis, rank: data.rank)] = count
      return [TensorType(data.dtype, extents)]
    case .unique(let axis, _):
      if let axis { _ = try resolvedAxis(axis, rank: data.rank) }
      return [TensorType?](repeating: nil, count: outputCount)
    case .termCounts(let terms): return [try terms.outputType(data)]
    case .nonZero:
      let count = inputs[0]?.literal?.reals.count { $0 != 0 }
      return [count.map { TensorType(.int64, [data.rank, $0]) }]
    case .topK(let axis, let stated, _):
      let axis = try resolvedAxis(axis, rank: data.rank)
      var count = stated
      if count == nil { count = try inputs.integer(1) }
      guard let count else { return [nil, nil] }
      guard count >= 0, count <= data.dimensions[axis] else {
        throw .invalidInput(
          index: 1, reason: "asks for \(count) of \(data.dimensions[axis]) elements")
      }
      var extents = data.dimensions
      extents[axis] = count
      return [TensorType(data.dtype, extents), TensorType(.int64, extents)]
    }
  }

  private func gathered(
    _ data: TensorType, _ indices: TensorType, axis: Int
  ) throws(ShapeError) -> TensorType {
    let axis = try resolvedAxis(axis, rank: data.rank)
    let extents = data.dimensions[..<axis] + indices.dimensions + data.dimensions[(axis + 1)...]
    return TensorType(data.dtype, Array(extents))
  }

  /// Index tuples along the last axis of `indices` pick what stands behind them in `data`.
  private func gatheredND(
    _ data: TensorType, _ indices: TensorType, _ batchDimensions: Int
  ) throws(ShapeError) -> TensorType {
    guard let tuple = indices.dimensions.last, data.rank >= 1 else {
      throw .wrongRank(input: 1, expected: "at least 1", actual: 0)
    }
    guard batchDimensions >= 0, batchDimensions < min(data.rank, indices.rank),
      tuple >= 0, tuple <= data.rank - batchDimensions
    else {
      throw .invalidInput(index: 1, reason: "has tuples of \(tuple), too long for \(data)")
    }
    return TensorType(
      data.dtype,
      indices.dimensions.dropLast() + data.dimensions.dropFirst(batchDimensions + tuple))
  }

  private func checkSameRank(
    _ data: TensorType, _ other: TensorType, input: Int
  ) throws(ShapeError) {
    guard other.rank == data.rank else {
      throw .wrongRank(input: input, expected: "\(data.rank)", actual: other.rank)
    }
  }
}

extension Indexing.GatherBlockQuantized {
  /// The table with one element an entry.
  func unpacked(_ data: TensorType) throws(ShapeError) -> TensorType {
    guard data.dtype == .uint8, elementsPerByte > 1, let last = data.dimensions.last else {
      return data
    }
    let extents = data.dimensions.dropLast() + [try extent(last, times: elementsPerByte)]
    return TensorType(data.dtype, Array(extents))
  }
}

extension Array where Element == Operand? {
  /// The count of classes at `index`, a whole number in whatever dtype; `nil` when unknown.
  fileprivate func classCount(_ index: Int) throws(ShapeError) -> Int? {
    guard let literal = try required(index, count: 3...3).literal else { return nil }
    guard let value = literal.reals.first, let count = Int(exactly: value), count >= 0 else {
      throw .invalidInput(index: index, reason: "is not a count of classes")
    }
    return count
  }
}
