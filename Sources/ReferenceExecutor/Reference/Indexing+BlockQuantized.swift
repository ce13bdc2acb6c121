import ModelIR
import TensorTypes

extension Indexing.GatherBlockQuantized {
  /// Rows of integers, each less its zero point and times the scale of its block.
  func reference<S: KernelScalar>(
    _ use: KernelUse<S>
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let table = try unpacked(try use.required(0))
    let scales = try use.required(2)
    guard scales.dimensions.count == table.dimensions.count, blockSize > 0 else {
      throw .invalidElement(input: 2, reason: "has no scale for each block")
    }
    let isPacked = try use.required(0).type.dtype == .uint8 && elementsPerByte > 1
    let middle = isPacked ? S(Double(1 << (8 / elementsPerByte - 1))) : .zero
    var zeroPoints: ReferenceTensor<S>?
    if let stated = use.optional(3) { zeroPoints = try unpacked(stated) }
    // The blocked axis is the one along which there are fewer scales than elements.
    let blocked = zip(table.dimensions, scales.dimensions).enumerated()
      .first { $0.element.0 != $0.element.1 }?.offset
    let blocks = zip(table.dimensions, scales.dimensions).enumerated().map { axis, extents in
      axis == blocked ? (extents.0 - 1) / blockSize + 1 : extents.0
    }
    guard scales.dimensions == blocks, zeroPoints?.dimensions ?? blocks == blocks else {
      throw .invalidElement(input: 2, reason: "has no scale for each block")
    }
    let indexing = Indexing.gather(axis: axis)
    let indices = try use.required(1)
    let rows = try indexing.gathered(table, indices, axis: axis)
    let spreadScales = try spread(scales, over: table.dimensions, blocked)
    let factors = try indexing.gathered(spreadScales, indices, axis: axis).elements
    var shifts = Array(repeating: middle, count: factors.count)
    if let zeroPoints {
      let spreadZeroPoints = try spread(zeroPoints, over: table.dimensions, blocked)
      shifts = try indexing.gathered(spreadZeroPoints, indices, axis: axis).elements
    }
    return try use.result(
      rows.dimensions,
      rows.elements.indices.map {
        rows.elements[$0].dequantized(scale: factors[$0], zeroPoint: shifts[$0])
      })
  }

  /// A number for each element from a number for each block.
  private func spread<S: KernelScalar>(
    _ tensor: ReferenceTensor<S>, over dimensions: [Int], _ blocked: Int?
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let strides = rowMajorStrides(tensor.dimensions)
    return try tensor.picking(
      Indices(dimensions).map { index in
        var block = index
        if let blocked { block[blocked] /= blockSize }
        return position(block, strides)
      }, dimensions)
  }

  /// One element an entry, the first in the lowest bits.
  private func unpacked<S: KernelScalar>(
    _ tensor: ReferenceTensor<S>
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    guard tensor.type.dtype == .uint8, elementsPerByte > 1 else { return tensor }
    let bits = 8 / elementsPerByte
    let elements = tensor.integers.flatMap { byte in
      (0..<elementsPerByte).map { S(Double(byte >> ($0 * bits) & (1 << bits - 1))) }
    }
    var shape = tensor.dimensions
    shape[shape.count - 1] *= elementsPerByte
    return try ReferenceTensor(computed: TensorType(.uint8, shape), elements)
  }
}
