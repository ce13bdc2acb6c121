public import TensorTypes

/// Reductions within shape arithmetic: the product of some extents, the greatest of them.
extension Reduction: FoldableOperator {
  public func evaluate(_ inputs: [TensorLiteral?], outputs: [TensorType]) -> [TensorLiteral]? {
    guard case .reduce(let combination, let axes) = function, let input = inputs.first ?? nil,
      let output = outputs.first, output.elementCount <= TensorLiteral.maximumElementCount,
      let reduced = try? axes.resolved(inputs.map { $0.map { Operand($0) } })
    else { return nil }
    let kept = Axes(keepsAxes: true).shape(of: input.type.dimensions, reducing: reduced)
    guard elementCount(kept) == output.elementCount else { return nil }
    var groups: [[FoldedScalar]] = Array(repeating: [], count: output.elementCount)
    for (element, group) in groupPositions(input.type.dimensions, keeping: kept).enumerated() {
      guard group < groups.count, let scalar = input.scalar(at: element) else { return nil }
      groups[group].append(scalar)
    }
    var results: [FoldedScalar] = []
    for group in groups {
      guard let result = folded(combination, group, isInteger: input.integers != nil) else {
        return nil
      }
      results.append(result)
    }
    return TensorLiteral(output, scalars: results).map { [$0] }
  }

  private func folded(
    _ combination: Combination, _ group: [FoldedScalar], isInteger: Bool
  ) -> FoldedScalar? {
    switch combination {
    case .sum:
      return ([isInteger ? .integer(0) : .real(0)] + group).reduced {
        $0.addingReportingOverflow($1)
      } real: {
        $0 + $1
      }
    case .prod:
      return ([isInteger ? .integer(1) : .real(1)] + group).reduced {
        $0.multipliedReportingOverflow(by: $1)
      } real: {
        $0 * $1
      }
    case .max:
      return group.reduced {
        (Swift.max($0, $1), false)
      } real: {
        Double.maximum($0, $1)
      }
    case .min:
      return group.reduced {
        (Swift.min($0, $1), false)
      } real: {
        Double.minimum($0, $1)
      }
    case .l1, .l2, .logSum, .logSumExp, .mean, .sumSquare: return nil
    }
  }
}

/// For each element of a shape, in order, the position of the element of `kept` that it goes to;
/// `kept` has the extent 1 where an axis is reduced.
private func groupPositions(_ shape: [Int], keeping kept: [Int]) -> [Int] {
  if shape.contains(0) { return [] }
  var positions = [0]
  for (extent, own) in zip(shape, kept) {
    positions = positions.flatMap { base in
      (0..<extent).map { own == 1 ? base : base * own + $0 }
    }
  }
  return positions
}
