import ModelIR
import TensorTypes

extension Movement {
  func reference<S: KernelScalar>(_ use: KernelUse<S>) throws(ReferenceError) -> [ReferenceTensor<
    S
  >] {
    switch self {
    case .concat(let axis): return [try concatenated(use, use.inputs.compactMap { $0 }, axis)]
    case .qLinearConcat(let axis): return [try requantized(use, axis)]
    case .transpose, .split, .slice, .pad, .expand, .tile, .depthToSpace, .spaceToDepth, .resize,
      .upsample, .reverseSequence, .trilu, .cast, .castLike, .col2Im, .centerCropPad:
      break
    }
    let input = try use.required(0)
    let dimensions = input.dimensions
    switch self {
    case .transpose(let permutation):
      return [try input.transposed(permutation ?? Array(dimensions.indices.reversed()))]
    case .split(let split): return try parts(use, axis: split.axis)
    case .slice(let slice): return [try slice.reference(use)]
    case .pad(let pads, let filling): return [try padded(use, pads, filling)]
    case .centerCropPad: return [try centered(use)]
    case .expand:
      return [try input.broadcast(to: broadcastShape(dimensions, use.integers(1) ?? []))]
    case .tile:
      let counts = use.integers(1) ?? []
      let shape = zip(dimensions, counts).map { $0 * $1 }
      let strides = rowMajorStrides(dimensions)
      return [
        try input.picking(
          Indices(shape).map { index in
            position(zip(index, dimensions).map { $0 % $1 }, strides)
          }, shape)
      ]
    case .depthToSpace(let size, let channelsLast, let channelsOutermost):
      return [
        try toSpace(
          input, size, channelsLast: channelsLast, channelsOutermost: channelsOutermost)
      ]
    case .spaceToDepth(let size, let channelsLast, let channelsOutermost):
      return [
        try toDepth(
          input, size, channelsLast: channelsLast, channelsOutermost: channelsOutermost)
      ]
    case .resize(let resize), .upsample(let resize): return [try resize.reference(use)]
    case .reverseSequence(let timeAxis, let batchAxis):
      return [try reversed(use, timeAxis, batchAxis)]
    case .trilu(let upper):
      let shift = use.integers(1)?.first ?? 0
      let rank = dimensions.count
      guard rank >= 2 else {
        throw .shape(.wrongRank(input: 0, expected: "2 or more", actual: rank))
      }
      let elements = zip(Indices(dimensions), input.elements).map { index, element in
        let distance = index[rank - 1] - index[rank - 2]
        return (upper ? distance >= shift : distance <= shift) ? element : .zero
      }
      return [try use.result(dimensions, elements)]
    case .cast(_, let saturates), .castLike(let saturates):
      let dtype = use.dtype()
      return [
        try use.result(
          dimensions, input.elements.map { $0.cast(to: dtype, saturates: saturates) })
      ]
    case .col2Im(let dilations, let pads, let strides):
      return [try folded(use, dilations, pads, strides)]
    case .concat, .qLinearConcat: return []
    }
  }

  private func concatenated<S>(
    _ use: KernelUse<S>, _ parts: [ReferenceTensor<S>], _ axis: Int
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    guard let first = parts.first else {
      throw .shape(.wrongInputCount(expected: 1...Int.max, actual: 0))
    }
    let axis = try resolved(axis, rank: first.dimensions.count)
    var shape = first.dimensions
    shape[axis] = parts.reduce(0) { $0 + $1.dimensions[axis] }
    var elements: [S] = []
    for outer in 0..<elementCount(shape[..<axis]) {
      for part in parts {
        let run = elementCount(part.dimensions[axis...])
        elements += part.elements[outer * run..<(outer + 1) * run]
      }
    }
    return try use.result(shape, elements)
  }

  /// Every part comes with its scale and zero point and leaves with those of the result.
  private func requantized<S: KernelScalar>(
    _ use: KernelUse<S>, _ axis: Int
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let dtype = use.dtype()
    var parts: [ReferenceTensor<S>] = []
    for index in stride(from: 2, to: use.inputs.count, by: 3) {
      parts.append(
        try use.required(index).mapping {
          $0.dequantized(
            scale: use.scalar(index + 1) ?? .one, zeroPoint: use.scalar(index + 2)
          ).quantized(scale: use.scalar(0) ?? .one, zeroPoint: use.scalar(1), dtype: dtype)
        })
    }
    return try concatenated(use, parts, axis)
  }

  /// The sizes of the parts are the shape rule's.
  private func parts<S>(
    _ use: KernelUse<S>, axis: Int
  ) throws(ReferenceError) -> [ReferenceTensor<S>] {
    let input = try use.required(0)
    let axis = try resolved(axis, rank: input.dimensions.count)
    let strides = rowMajorStrides(input.dimensions)
    var start = 0
    var parts: [ReferenceTensor<S>] = []
    for case .some(let type) in use.types {
      parts.append(
        try input.picking(
          stridedPositions(type.dimensions, strides, offset: start * strides[axis]),
          type.dimensions))
      start += type.dimensions[axis]
    }
    return parts
  }

  /// Each sequence reversed within its length.
  private func reversed<S: KernelScalar>(
    _ use: KernelUse<S>, _ timeAxis: Int, _ batchAxis: Int
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let input = try use.required(0)
    let lengths = use.integers(1) ?? []
    let time = try resolved(timeAxis, rank: input.dimensions.count)
    let batch = try resolved(batchAxis, rank: input.dimensions.count)
    guard input.dimensions.count >= 2, lengths.count == input.dimensions[batch],
      lengths.allSatisfy({ $0 >= 0 && $0 <= input.dimensions[time] })
    else { throw .invalidElement(input: 1, reason: "does not hold a length for each sequence") }
    let strides = rowMajorStrides(input.dimensions)
    let elements = Indices(input.dimensions).map { index in
      var source = index
      let length = lengths[index[batch]]
      if index[time] < length { source[time] = length - 1 - index[time] }
      return input.elements[position(source, strides)]
    }
    return try use.result(input.dimensions, elements)
  }
}

extension Movement.Slice {
  fileprivate func reference<S: KernelScalar>(
    _ use: KernelUse<S>
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let input = try use.required(0)
    let rank = input.dimensions.count
    let starts = starts ?? use.integers(1) ?? []
    let ends = ends ?? use.integers(2) ?? []
    let axes = axes ?? use.integers(3) ?? Array(starts.indices)
    let steps = use.integers(4) ?? starts.map { _ in 1 }
    var places = input.dimensions.map { Array(0..<$0) }
    for (index, axis) in axes.enumerated() {
      let axis = try resolved(axis, rank: rank)
      let extent = input.dimensions[axis]
      func bounded(_ bound: Int, _ least: Int, _ greatest: Int) -> Int {
        min(max(bound < 0 ? bound + extent : bound, least), greatest)
      }
      let isForward = steps[index] > 0
      let first = bounded(starts[index], 0, isForward ? extent : extent - 1)
      let last = bounded(ends[index], isForward ? 0 : -1, isForward ? extent : extent - 1)
      places[axis] = extent == 0 ? [] : Array(stride(from: first, to: last, by: steps[index]))
    }
    let strides = rowMajorStrides(input.dimensions)
    let shape = places.map(\.count)
    return try input.picking(
      Indices(shape).map { index in
        position(index.enumerated().map { places[$0][$1] }, strides)
      }, shape)
  }
}
