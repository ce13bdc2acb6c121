import ModelIR
import Quantities

// Where elements stand. None of this is arithmetic of the operators.

/// How far apart neighbours along each axis stand.
func rowMajorStrides(_ dimensions: [Int]) -> [Int] {
  var strides = Array(repeating: 1, count: dimensions.count)
  for axis in dimensions.indices.dropLast().reversed() {
    strides[axis] = strides[axis + 1] * max(dimensions[axis + 1], 1)
  }
  return strides
}

func elementCount(_ dimensions: some Sequence<Int>) -> Int {
  dimensions.reduce(1, saturatingProduct)
}

/// The positions `offset + Σ indexₐ · strideₐ` in row-major order of the indices.
func stridedPositions(_ extents: [Int], _ strides: [Int], offset: Int = 0) -> [Int] {
  var positions = [offset]
  for (extent, stride) in zip(extents, strides) {
    positions = positions.flatMap { base in (0..<max(extent, 0)).map { base + $0 * stride } }
  }
  return positions
}

/// All indices of a shape in row-major order.
struct Indices: Sequence, IteratorProtocol {
  private let extents: [Int]
  private var next_: [Int]?

  init(_ extents: [Int]) {
    self.extents = extents
    next_ = extents.contains { $0 <= 0 } ? nil : Array(repeating: 0, count: extents.count)
  }

  mutating func next() -> [Int]? {
    guard let current = next_ else { return nil }
    var following = current
    var axis = extents.count - 1
    while axis >= 0 {
      following[axis] += 1
      if following[axis] < extents[axis] { break }
      following[axis] = 0
      axis -= 1
    }
    next_ = axis < 0 ? nil : following
    return current
  }
}

/// The flat position of an index.
func position(_ index: some Sequence<Int>, _ strides: [Int]) -> Int {
  zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 }
}

/// The shape of an elementwise result by numpy's rule.
func broadcastShape(_ left: [Int], _ right: [Int]) throws(ReferenceError) -> [Int] {
  let rank = max(left.count, right.count)
  let left = Array(repeating: 1, count: rank - left.count) + left
  let right = Array(repeating: 1, count: rank - right.count) + right
  var shape: [Int] = []
  for (one, other) in zip(left, right) {
    guard one == other || one == 1 || other == 1 else {
      throw .shape(.broadcastMismatch(left: left, right: right))
    }
    shape.append(one == 1 ? other : one)
  }
  return shape
}

/// For each element of `target`, the position of the element of `source` it takes.
func broadcastPositions(_ source: [Int], to target: [Int]) -> [Int] {
  let shift = target.count - source.count
  let strides = rowMajorStrides(source)
  return stridedPositions(
    target,
    target.indices.map { axis in
      axis < shift || source[axis - shift] == 1 ? 0 : strides[axis - shift]
    })
}

/// An axis counted from the front.
func resolved(_ axis: Int, rank: Int) throws(ReferenceError) -> Int {
  guard axis >= -rank, axis < rank else {
    throw .shape(.axisOutOfRange(axis: axis, rank: rank))
  }
  return axis < 0 ? axis + rank : axis
}

/// A tensor seen as `outer × extent × inner` around one axis.
struct AxisSplit {
  let outer: Int
  let extent: Int
  let inner: Int

  init(_ dimensions: [Int], axis: Int) {
    outer = elementCount(dimensions[..<axis])
    extent = dimensions[axis]
    inner = elementCount(dimensions[(axis + 1)...])
  }

  /// The positions along the axis, one list for each row.
  var rows: [[Int]] {
    (0..<outer).flatMap { outer in
      (0..<inner).map { inner in
        (0..<extent).map { (outer * extent + $0) * self.inner + inner }
      }
    }
  }
}

extension ReferenceTensor {
  /// The tensor with its axes in another order.
  func transposed(_ permutation: [Int]) throws(ReferenceError) -> Self {
    let strides = rowMajorStrides(dimensions)
    let extents = permutation.map { dimensions[$0] }
    return try picking(stridedPositions(extents, permutation.map { strides[$0] }), extents)
  }

  /// The tensor with extents of 1 repeated.
  func broadcast(to target: [Int]) throws(ReferenceError) -> Self {
    try picking(broadcastPositions(dimensions, to: target), target)
  }

  /// The tensor with its last two axes exchanged.
  func matrixTransposed() throws(ReferenceError) -> Self {
    guard dimensions.count > 1 else { return self }
    var permutation = Array(dimensions.indices)
    permutation.swapAt(permutation.count - 1, permutation.count - 2)
    return try transposed(permutation)
  }
}
