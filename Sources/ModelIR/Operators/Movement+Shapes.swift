import Quantities
package import TensorTypes

extension Movement {
  func concatenated(_ parts: [TensorType], axis: Int) throws(ShapeError) -> TensorType {
    guard let first = parts.first else { throw .wrongInputCount(expected: 1...Int.max, actual: 0) }
    let axis = try resolvedAxis(axis, rank: first.rank)
    var extents = first.dimensions
    for (index, part) in parts.enumerated().dropFirst() {
      guard part.rank == first.rank else {
        throw .wrongRank(input: index, expected: "\(first.rank)", actual: part.rank)
      }
      for (position, size) in part.dimensions.enumerated() {
        if position == axis {
          extents[axis] = try extent(extents[axis], plus: size)
        } else if size != extents[position] {
          throw .extentMismatch(
            what: "extent \(position) of input \(index)", expected: extents[position],
            actual: size)
        }
      }
    }
    return TensorType(first.dtype, extents)
  }

  func transposed(_ input: TensorType, _ permutation: [Int]?) throws(ShapeError) -> TensorType {
    guard let permutation else { return TensorType(input.dtype, input.dimensions.reversed()) }
    guard permutation.count == input.rank else {
      throw .wrongRank(input: 0, expected: "\(permutation.count)", actual: input.rank)
    }
    let axes = try resolvedAxes(permutation, rank: input.rank)
    return TensorType(input.dtype, axes.map { input.dimensions[$0] })
  }

  func padded(
    _ input: TensorType, _ inputs: [Operand?], _ attribute: [Int]?
  ) throws(ShapeError) -> TensorType? {
    let pads: [Int]
    switch try inputs.parameter(1, attribute: attribute) {
    case .absent: throw .wrongInputCount(expected: 2...4, actual: inputs.count)
    case .unknown: return nil
    case .known(let values): pads = values
    }
    let axes: [Int]
    switch try inputs.parameter(3) {
    case .absent: axes = Array(0..<input.rank)
    case .unknown: return nil
    case .known(let values): axes = try resolvedAxes(values, rank: input.rank)
    }
    guard pads.count == 2 * axes.count else {
      throw .extentMismatch(
        what: "the count of pads", expected: 2 * axes.count, actual: pads.count)
    }
    var extents = input.dimensions
    for (position, axis) in axes.enumerated() {
      extents[axis] = try extent(extents[axis], plus: pads[position])
      extents[axis] = try extent(extents[axis], plus: pads[axes.count + position])
    }
    return TensorType(input.dtype, try validExtents(extents, input: 1))
  }

  /// The extents of input 1 along axes, of all when they are not given.
  func centered(
    _ input: TensorType, _ inputs: [Operand?], _ stated: [Int]?
  ) throws(ShapeError) -> TensorType? {
    guard let target = try inputs.extents(1) else { return nil }
    let axes =
      try stated.map { (axes) throws(ShapeError) in
        try resolvedAxes(axes, rank: input.rank)
      } ?? Array(0..<input.rank)
    guard target.count == axes.count else {
      throw .extentMismatch(
        what: "the count of extents", expected: axes.count, actual: target.count)
    }
    var extents = input.dimensions
    for (axis, extent) in zip(axes, target) { extents[axis] = extent }
    return TensorType(input.dtype, extents)
  }

  /// Blocks of `size` × `size` moved between the channels and the two spatial axes.
  func blocked(
    _ input: TensorType, _ size: Int, channelsLast: Bool, toSpace: Bool
  ) throws(ShapeError) -> TensorType {
    guard input.rank == 4 else { throw .wrongRank(input: 0, expected: "4", actual: input.rank) }
    guard size > 0 else { throw .invalidAttribute(name: "blocksize", reason: "is \(size)") }
    let square = try extent(size, times: size)
    let channels = channelsLast ? 3 : 1
    var extents = input.dimensions
    for axis in 1...3 {
      let factor = axis == channels ? square : size
      if (axis == channels) == toSpace {
        guard extents[axis] % factor == 0 else {
          throw .invalidAttribute(name: "blocksize", reason: "does not divide \(extents[axis])")
        }
        extents[axis] /= factor
      } else {
        extents[axis] = try extent(extents[axis], times: factor)
      }
    }
    return TensorType(input.dtype, extents)
  }

  /// Batch × (channels · block) × blocks to batch × channels × image.
  func unfolded(_ input: TensorType, _ inputs: [Operand?]) throws(ShapeError) -> TensorType? {
    guard input.rank == 3 else { throw .wrongRank(input: 0, expected: "3", actual: input.rank) }
    guard let image = try inputs.extents(1), let block = try inputs.extents(2) else { return nil }
    let size = block.reduce(1, saturatingProduct)
    guard size > 0, input.dimensions[1] % size == 0 else {
      throw .invalidInput(index: 2, reason: "does not divide extent \(input.dimensions[1])")
    }
    return TensorType(input.dtype, [input.dimensions[0], input.dimensions[1] / size] + image)
  }
}

extension Movement.Split {
  func outputTypes(
    _ input: TensorType, _ inputs: [Operand?], _ outputCount: Int
  ) throws(ShapeError) -> [TensorType?] {
    let axis = try resolvedAxis(axis, rank: input.rank)
    let extent = input.dimensions[axis]
    let sizes: [Int]
    switch try inputs.parameter(1, attribute: self.sizes) {
    case .unknown: return [TensorType?](repeating: nil, count: outputCount)
    case .known(let stated):
      sizes = try validExtents(stated, input: 1)
      let sum = sizes.reduce(0) { $0.addingReportingOverflow($1).overflow ? .max : $0 + $1 }
      guard sum == extent else {
        throw .extentMismatch(what: "the sum of the parts", expected: extent, actual: sum)
      }
    case .absent: sizes = try equalParts(of: extent, outputCount)
    }
    guard sizes.count == outputCount else {
      throw .extentMismatch(what: "the count of parts", expected: outputCount, actual: sizes.count)
    }
    return sizes.map { size in
      var extents = input.dimensions
      extents[axis] = size
      return TensorType(input.dtype, extents)
    }
  }

  private func equalParts(of extent: Int, _ outputCount: Int) throws(ShapeError) -> [Int] {
    let count = partCount ?? outputCount
    guard count > 0, count <= max(1, outputCount) else {
      throw .invalidAttribute(
        name: "num_outputs", reason: "is \(count), and the node has \(outputCount) outputs")
    }
    guard partCount != nil || extent % count == 0 else {
      throw .invalidAttribute(
        name: "split", reason: "is absent, and \(count) does not divide \(extent)")
    }
    let size = extent / count + (extent % count == 0 ? 0 : 1)
    var rest = extent
    return (0..<count).map { _ in
      defer { rest -= min(size, rest) }
      return min(size, rest)
    }
  }
}

/// The positions of one axis that a slice takes.
package struct StridedRange {
  package let start: Int
  package let step: Int
  package let count: Int
}

extension Movement.Slice {
  /// One range an axis, clamped to the extents; `nil` when only a run tells.
  package func ranges(
    of input: TensorType, _ inputs: [Operand?]
  ) throws(ShapeError) -> [StridedRange]? {
    guard case .known(let starts) = try inputs.parameter(1, attribute: starts),
      case .known(let ends) = try inputs.parameter(2, attribute: ends)
    else {
      guard inputs.count >= 3 || self.starts != nil else {
        throw .wrongInputCount(expected: 3...5, actual: inputs.count)
      }
      return nil
    }
    let axes: [Int]
    switch try inputs.parameter(3, attribute: self.axes) {
    case .absent: axes = Array(0..<starts.count)
    case .unknown: return nil
    case .known(let values): axes = values
    }
    let steps: [Int]
    switch try inputs.parameter(4) {
    case .absent: steps = [Int](repeating: 1, count: starts.count)
    case .unknown: return nil
    case .known(let values): steps = values
    }
    guard ends.count == starts.count, axes.count == starts.count, steps.count == starts.count
    else { throw .invalidInput(index: 2, reason: "and the other bounds differ in length") }
    var ranges = input.dimensions.map { StridedRange(start: 0, step: 1, count: $0) }
    for (position, axis) in try resolvedAxes(axes, rank: input.rank).enumerated() {
      ranges[axis] = try range(
        from: starts[position], to: ends[position], by: steps[position],
        of: input.dimensions[axis])
    }
    return ranges
  }

  /// Bounds below zero count from the end; then a forward range is clamped to `0...extent`, a
  /// backward one to `-1...extent-1`.
  private func range(
    from start: Int, to end: Int, by step: Int, of extent: Int
  ) throws(ShapeError) -> StridedRange {
    guard step != 0 else { throw .invalidInput(index: 4, reason: "holds the step 0") }
    func clamped(_ bound: Int, _ limits: ClosedRange<Int>) -> Int {
      min(max(bound < 0 ? bound + extent : bound, limits.lowerBound), limits.upperBound)
    }
    guard extent > 0 else { return StridedRange(start: 0, step: step, count: 0) }
    let first = clamped(start, step > 0 ? 0...extent : 0...extent - 1)
    let last = clamped(end, step > 0 ? 0...extent : -1...extent - 1)
    let span = step > 0 ? last - first : first - last
    guard span > 0 else { return StridedRange(start: first, step: step, count: 0) }
    let count = Int((UInt(span) - 1) / step.magnitude) + 1
    return StridedRange(start: first, step: step, count: count)
  }
}
