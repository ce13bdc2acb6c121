import Quantities
public import TensorTypes

extension Movement: FoldableOperator {
  public func evaluate(
    _ inputs: [TensorLiteral?], outputs: [TensorType]
  ) -> [TensorLiteral]? {
    guard let input = inputs.first ?? nil, let output = outputs.first else { return nil }
    if outputs.count == 1, output.elementCount == 0 {
      return TensorLiteral(empty: output).map { [$0] }
    }
    guard outputs.contains(where: { $0.elementCount > 0 }) else { return nil }
    let strides = rowMajorStrides(input.type.dimensions)
    let positions: [Int]?
    switch self {
    case .cast, .castLike: return input.converted(to: output.dtype).map { [$0] }
    case .concat(let axis): return concatenated(inputs, output, axis).map { [$0] }
    case .split(let split): return split.parts(of: input, outputs)
    case .transpose(let permutation):
      let axes = permutation ?? (0..<strides.count).reversed()
      positions = stridedPositions(
        extents: output.dimensions,
        strides: axes.compactMap { strides.element($0 < 0 ? $0 + strides.count : $0) })
    case .slice(let slice):
      let operands = inputs.map { $0.map { Operand($0) } }
      guard let ranges = try? slice.ranges(of: input.type, operands) else { return nil }
      positions = stridedPositions(
        extents: output.dimensions,
        strides: zip(ranges, strides).map {
          $0.step.multipliedReportingOverflow(by: $1).partialValue
        },
        offset: zip(ranges, strides).reduce(0) { $0 + $1.0.start * $1.1 })
    case .expand:
      guard output.elementCount <= TensorLiteral.maximumRepeatedCount else { return nil }
      let added = output.rank - input.type.rank
      let repeating = zip(input.type.dimensions, strides).map { $0 == 1 ? 0 : $1 }
      positions = stridedPositions(
        extents: output.dimensions,
        strides: [Int](repeating: 0, count: max(0, added)) + repeating)
    case .tile:
      guard output.elementCount <= TensorLiteral.maximumRepeatedCount,
        let counts = inputs.element(1)??.integers
      else { return nil }
      positions = stridedPositions(
        extents: zip(counts, input.type.dimensions).flatMap { [$0, $1] },
        strides: strides.flatMap { [0, $0] })
    case .qLinearConcat, .pad, .centerCropPad, .depthToSpace, .spaceToDepth, .resize, .upsample,
      .reverseSequence,
      .trilu, .col2Im:
      return nil
    }
    guard let positions, let elements = input.elements.picking(positions) else { return nil }
    return TensorLiteral(output, elements).map { [$0] }
  }

  private func concatenated(
    _ inputs: [TensorLiteral?], _ output: TensorType, _ axis: Int
  ) -> TensorLiteral? {
    let parts = inputs.compactMap { $0 }
    guard let axis = try? resolvedAxis(axis, rank: output.rank) else { return nil }
    let rows = output.dimensions[..<axis].reduce(1, saturatingProduct)
    if parts.allSatisfy({ $0.integers != nil }) {
      let sources = parts.compactMap(\.integers)
      return interleaved(sources, rows).flatMap { TensorLiteral(output, .integers($0)) }
    }
    return interleaved(parts.map(\.reals), rows).flatMap { TensorLiteral(output, .reals($0)) }
  }

  /// One run of each source, `rows` times over.
  private func interleaved<Element>(_ sources: [[Element]], _ rows: Int) -> [Element]? {
    guard rows > 0 else { return [] }
    var result: [Element] = []
    for row in 0..<rows {
      for source in sources {
        let width = source.count / rows
        result += source[row * width..<(row + 1) * width]
      }
    }
    return result
  }
}

extension Movement.Split {
  fileprivate func parts(of input: TensorLiteral, _ outputs: [TensorType]) -> [TensorLiteral]? {
    guard let axis = try? resolvedAxis(axis, rank: input.type.rank) else { return nil }
    let strides = rowMajorStrides(input.type.dimensions)
    var start = 0
    var parts: [TensorLiteral] = []
    for output in outputs {
      guard output.rank == input.type.rank,
        let positions = stridedPositions(
          extents: output.dimensions, strides: strides, offset: start * strides[axis]),
        let elements = input.elements.picking(positions),
        let part = TensorLiteral(output, elements)
      else { return nil }
      parts.append(part)
      start += output.dimensions[axis]
    }
    return parts
  }
}
