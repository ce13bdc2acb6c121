import Quantities
public import TensorTypes

extension Indexing {
  /// Bytes that the indices touch. A gather reads its indices and one row an index, never more than
  /// the table; a scatter copies its data and writes over it, but for a cache, which is updated in
  /// place. Arithmetic: one operation a combining update, two an element that is dequantized
  /// (subtract, multiply), one compare an element that is tested, and ⌈log₂(k + 1)⌉ compares an
  /// element put by bisection among the k that are kept (Knuth, The Art of Computer Programming 3,
  /// §6.2.1). Among distinct elements one more compare tells whether it is there already; slices
  /// are compared whole, in both directions.
  public func work(inputs: [Operand?], outputs: [TensorType?]) -> Work? {
    guard let data = inputs.first ?? nil else { return nil }
    let count = data.type.elementCount
    switch self {
    case .gather(let axis):
      let rows = inputs.optional(1)?.type.elementCount ?? 0
      return Work(
        moving: rowBytes(data.type, axis: axis, rows), inputs: inputs, outputs: outputs)
    case .gatherElements, .gatherND, .compress:
      let written = outputs.first??.storageSize ?? .zero
      return Work(
        moving: min(data.type.storageSize, written), inputs: inputs, outputs: outputs)
    case .gatherBlockQuantized(let table):
      let rows = inputs.optional(1)?.type.elementCount ?? 0
      var work = Work(
        moving: rowBytes(data.type, axis: table.axis, rows), inputs: inputs, outputs: outputs,
        operations: .product(2, outputs.first??.elementCount ?? 0))
      for index in inputs.indices.dropFirst(2) {
        guard let type = inputs[index]?.type else { continue }
        work.reads[index] = rowBytes(type, axis: table.axis, rows)
      }
      return work
    case .scatterElements(_, let combination), .scatterND(let combination):
      let updates = inputs.optional(2)?.type.elementCount ?? 0
      return Work(
        otherOperations: FLOPs(combination == nil ? 0 : updates), inputs: inputs, outputs: outputs)
    case .tensorScatter:
      var work = Work(moving: .zero, inputs: inputs, outputs: outputs)
      if !work.writes.isEmpty { work.writes[0] = inputs.optional(1)?.type.storageSize ?? .zero }
      return work
    case .oneHot:
      return Work(inputs: inputs, outputs: outputs)
    case .termCounts(let terms):
      let scales = terms.scalesCounts ? outputs.first??.elementCount ?? 0 : 0
      return Work(otherOperations: FLOPs(scales), inputs: inputs, outputs: outputs)
    case .nonZero:
      return Work(otherOperations: FLOPs(count), inputs: inputs, outputs: outputs)
    case .unique:
      var slices = count
      if case .unique(.some(let axis), _) = self {
        guard let axis = try? resolvedAxis(axis, rank: data.type.rank) else { return nil }
        slices = data.type.dimensions[axis]
      }
      let compares = saturatingProduct(
        slices > 0 && count / slices > 1 ? 2 : 1, bisectionSteps(slices) + 1)
      return Work(
        otherOperations: .product(count, compares), inputs: inputs, outputs: outputs)
    case .topK(let axis, _, _):
      guard let output = outputs.compactMap({ $0 }).first,
        let axis = try? resolvedAxis(axis, rank: output.rank)
      else { return nil }
      return Work(
        otherOperations: .product(count, bisectionSteps(output.dimensions[axis])),
        inputs: inputs, outputs: outputs)
    }
  }

  /// `⌈log₂(count + 1)⌉`: comparisons that find one of the places before, between and behind.
  private func bisectionSteps(_ count: Int) -> Int { ceilingLog2(min(count, .max - 1) + 1) }

  /// The bytes of `rows` slices across an axis, at most all.
  private func rowBytes(_ type: TensorType, axis: Int, _ rows: Int) -> Bytes {
    guard let axis = try? resolvedAxis(axis, rank: type.rank), type.dimensions[axis] > 0 else {
      return .zero
    }
    let extent = type.dimensions[axis]
    let size = type.storageSize.rawValue
    return min(type.storageSize, rows * Bytes(size / extent + (size % extent == 0 ? 0 : 1)))
  }
}

extension Indexing: FoldableOperator {
  public func evaluate(
    _ inputs: [TensorLiteral?], outputs: [TensorType]
  ) -> [TensorLiteral]? {
    guard let data = inputs.first ?? nil, let output = outputs.first else { return nil }
    switch self {
    case .gather(let axis):
      guard let indices = inputs.element(1)??.integers,
        let positions = positions(of: indices, in: data.type, axis: axis),
        let elements = data.elements.picking(positions)
      else { return nil }
      return TensorLiteral(output, elements).map { [$0] }
    case .nonZero: return nonZeroPositions(data, output).map { [$0] }
    case .scatterND(let combination):
      return combination == nil ? scattered(inputs, output).map { [$0] } : nil
    case .gatherElements, .gatherND, .gatherBlockQuantized, .scatterElements, .tensorScatter,
      .oneHot, .compress, .unique, .topK, .termCounts:
      return nil
    }
  }

  /// Where the gathered elements stand; `nil` when an index is out of range, or they are too many.
  private func positions(of indices: [Int], in type: TensorType, axis: Int) -> [Int]? {
    guard let axis = try? resolvedAxis(axis, rank: type.rank) else { return nil }
    let extent = type.dimensions[axis]
    let inner = type.dimensions[(axis + 1)...].reduce(1, saturatingProduct)
    let outer = type.dimensions[..<axis].reduce(1, saturatingProduct)
    let count = saturatingProduct(saturatingProduct(outer, indices.count), inner)
    guard count <= TensorLiteral.maximumElementCount else { return nil }
    guard count > 0 else { return [] }
    var positions: [Int] = []
    positions.reserveCapacity(count)
    for block in 0..<outer {
      for index in indices {
        guard index >= -extent, index < extent else { return nil }
        let start = (block * extent + (index < 0 ? index + extent : index)) * inner
        positions += start..<start + inner
      }
    }
    return positions
  }

  /// The coordinates of elements that are not zero, one row an axis.
  private func nonZeroPositions(_ data: TensorLiteral, _ output: TensorType) -> TensorLiteral? {
    let values = data.reals
    let hits = values.indices.filter { values[$0] != 0 }
    let strides = rowMajorStrides(data.type.dimensions)
    let rows = zip(strides, data.type.dimensions).flatMap { stride, extent in
      hits.map { stride == 0 ? 0 : $0 / stride % max(1, extent) }
    }
    return TensorLiteral(output, .integers(rows))
  }

  /// Integer data with slices replaced at the places that index tuples name.
  private func scattered(_ inputs: [TensorLiteral?], _ output: TensorType) -> TensorLiteral? {
    guard inputs.count == 3, output.elementCount > 0, var elements = inputs[0]?.integers,
      let indices = inputs[1],
      let tuples = indices.integers, let updates = inputs[2]?.integers,
      let width = indices.type.dimensions.last, width > 0, width <= output.rank
    else { return nil }
    let strides = rowMajorStrides(output.dimensions)
    let slice = output.dimensions[width...].reduce(1, saturatingProduct)
    guard updates.count == saturatingProduct(tuples.count / width, slice) else { return nil }
    for tuple in 0..<tuples.count / width {
      var position = 0
      for axis in 0..<width {
        let extent = output.dimensions[axis]
        let index = tuples[tuple * width + axis]
        guard index >= -extent, index < extent else { return nil }
        position += (index < 0 ? index + extent : index) * strides[axis]
      }
      guard position + slice <= elements.count else { return nil }
      for offset in 0..<slice { elements[position + offset] = updates[tuple * slice + offset] }
    }
    return TensorLiteral(output, .integers(elements))
  }
}
