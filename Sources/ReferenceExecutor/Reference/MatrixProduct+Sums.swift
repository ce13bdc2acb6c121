import ModelIR
import TensorTypes

/// numpy's matrix product: a vector on the left is a row and on the right a column, whose axis the
/// result lacks; axes before the last two broadcast. Each sum starts from zero.
/// - Parameter rightIsTransposed: Whether the last two axes of a matrix on the right stand the other way.
func product<S: KernelScalar>(
  _ left: ReferenceTensor<S>, _ right: ReferenceTensor<S>, rightIsTransposed: Bool = false
) throws(ReferenceError) -> ReferenceTensor<S> {
  let leftShape = left.dimensions.count == 1 ? [1] + left.dimensions : left.dimensions
  var rightShape = right.dimensions.count == 1 ? right.dimensions + [1] : right.dimensions
  let rightIsTransposed = rightIsTransposed && right.dimensions.count > 1
  if rightIsTransposed { rightShape.swapAt(rightShape.count - 1, rightShape.count - 2) }
  guard let depth = leftShape.last, leftShape.count > 1, rightShape.count > 1,
    rightShape[rightShape.count - 2] == depth
  else { throw .shape(.broadcastMismatch(left: leftShape, right: rightShape)) }
  let rows = leftShape[leftShape.count - 2]
  let columns = rightShape[rightShape.count - 1]
  let batch = try broadcastShape(Array(leftShape.dropLast(2)), Array(rightShape.dropLast(2)))
  let leftBatches = broadcastPositions(Array(leftShape.dropLast(2)), to: batch)
  let rightBatches = broadcastPositions(Array(rightShape.dropLast(2)), to: batch)
  var elements: [S] = []
  for (leftBatch, rightBatch) in zip(leftBatches, rightBatches) {
    let leftBase = leftBatch * rows * depth
    let rightBase = rightBatch * depth * columns
    for row in 0..<rows {
      var sums = Array(repeating: S.zero, count: columns)
      let factors = left.elements[leftBase + row * depth..<leftBase + (row + 1) * depth]
      // Both ways read the right side as it is stored; each sum goes along the depth.
      if rightIsTransposed {
        for column in 0..<columns {
          let start = rightBase + column * depth
          var sum = S.zero
          for (k, factor) in factors.enumerated() { sum += factor * right.elements[start + k] }
          sums[column] = sum
        }
      } else {
        for (k, factor) in factors.enumerated() {
          let start = rightBase + k * columns
          for column in 0..<columns { sums[column] += factor * right.elements[start + column] }
        }
      }
      elements += sums
    }
  }
  var shape = batch
  if left.dimensions.count > 1 { shape.append(rows) }
  if right.dimensions.count > 1 { shape.append(columns) }
  return try ReferenceTensor(realSums: left.type, shape, elements)
}

/// The factor that joins the scales of both operands and of the result, one number for each
/// element; scales of rows and columns are vectors. Joining them is not counted: it is done once.
struct Factor {
  private var values: [Double]

  init<S: KernelScalar>(
    _ shape: [Int], rows: ReferenceTensor<S>, columns: ReferenceTensor<S>,
    divisor: ReferenceTensor<S>? = nil, multiplier: Double = 1
  ) throws(ReferenceError) {
    values = Array(repeating: multiplier, count: elementCount(shape))
    try combine(shape, try rows.alongRows()) { $0 * $1 }
    try combine(shape, columns) { $0 * $1 }
    if let divisor { try combine(shape, divisor) { $0 / $1 } }
  }

  private mutating func combine<S: KernelScalar>(
    _ shape: [Int], _ scale: ReferenceTensor<S>, _ operation: (Double, Double) -> Double
  ) throws(ReferenceError) {
    if scale.elements.count == 1 {
      let single = scale.elements[0].doubleValue
      values = values.map { operation($0, single) }
      return
    }
    guard try broadcastShape(scale.dimensions, shape) == shape else {
      throw .shape(.broadcastMismatch(left: scale.dimensions, right: shape))
    }
    let positions = broadcastPositions(scale.dimensions, to: shape)
    for (index, position) in positions.enumerated() {
      values[index] = operation(values[index], scale.elements[position].doubleValue)
    }
  }

  func applied<S: KernelScalar>(
    to tensor: ReferenceTensor<S>
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    try ReferenceTensor(
      computed: tensor.type, zip(tensor.elements, values).map { $0 * S($1) })
  }
}

extension ReferenceTensor {
  /// Sums before they are stored: in a real dtype, whatever the operands', so that nothing wraps.
  init(realSums type: TensorType, _ shape: [Int], _ elements: [Scalar]) throws(ReferenceError) {
    let dtype = type.dtype.wholeNumberRange == nil ? type.dtype : .float64
    try self.init(computed: TensorType(dtype, shape), elements)
  }

  /// A vector as a column, so that it broadcasts along the rows of a matrix.
  func alongRows() throws(ReferenceError) -> Self {
    dimensions.count == 1 && dimensions[0] != 1 ? try reshaped(dimensions + [1]) : self
  }

  /// The elements less their zero points, one subtraction each; as they are without any.
  func shifted(by zeroPoint: Self?, alongRows: Bool = false) throws(ReferenceError) -> Self {
    guard let zeroPoint else { return self }
    let spread =
      zeroPoint.elements.count == 1
      ? Array(repeating: zeroPoint.elements[0], count: elements.count)
      : try (alongRows ? try zeroPoint.alongRows() : zeroPoint).broadcast(to: dimensions).elements
    return try Self(realSums: type, dimensions, zip(elements, spread).map { $0 - $1 })
  }

  /// The sum with a tensor that broadcasts; without one as it is.
  func adding(_ other: Self?) throws(ReferenceError) -> Self {
    guard let other else { return self }
    let spread = try other.broadcast(to: dimensions).elements
    return try Self(computed: type, zip(elements, spread).map { $0 + $1 })
  }
}
