import ModelIR
import TensorTypes

extension Reduction {
  func reference<S: KernelScalar>(_ use: KernelUse<S>) throws(ReferenceError) -> [ReferenceTensor<
    S
  >] {
    let input = try use.required(0)
    switch function {
    case .reduce(let combination, let axes):
      let reduced = try axes.reduced(use)
      let groups = groups(input.dimensions, reducing: reduced)
      let results = groups.map { group in
        combination.reduced(
          group.map { input.elements[$0] }, combines: !reduced.isEmpty,
          bounds: input.type.dtype.wholeNumberRange ?? -.infinity ... .infinity)
      }
      return [
        try use.result(
          shape(input.dimensions, reducing: reduced, keepsAxes: axes.keepsAxes), results)
      ]
    case .argMax(let axis, let keepsAxis, let selectsLast):
      return [
        try extreme(use, axis, keepsAxis, selectsLast, from: .negativeInfinity) { $0 < $1 }
      ]
    case .argMin(let axis, let keepsAxis, let selectsLast):
      return [try extreme(use, axis, keepsAxis, selectsLast, from: .infinity) { $1 < $0 }]
    case .cumulativeSum(let isExclusive, let isReversed):
      return [
        try running(use, from: .zero, isExclusive: isExclusive, isReversed: isReversed) { $0 + $1 }
      ]
    case .cumulativeProduct(let isExclusive, let isReversed):
      return [
        try running(use, from: .one, isExclusive: isExclusive, isReversed: isReversed) { $0 * $1 }
      ]
    }
  }

  /// The position of the extreme element of each row, by one comparison an element; scanned from
  /// the end to select the last.
  private func extreme<S: KernelScalar>(
    _ use: KernelUse<S>, _ axis: Int, _ keepsAxis: Bool, _ selectsLast: Bool, from start: S,
    _ improves: (S, S) -> Bool
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let input = try use.required(0)
    let axis = try resolved(axis, rank: input.dimensions.count)
    let positions = AxisSplit(input.dimensions, axis: axis).rows.map { row in
      let order = selectsLast ? Array(row.indices.reversed()) : Array(row.indices)
      var best = (place: order.first ?? 0, value: start)
      for place in order where improves(best.value, input.elements[row[place]]) {
        best = (place, input.elements[row[place]])
      }
      return S(Double(best.place))
    }
    return try use.result(
      shape(input.dimensions, reducing: [axis], keepsAxes: keepsAxis), positions)
  }

  private func running<S: KernelScalar>(
    _ use: KernelUse<S>, from start: S, isExclusive: Bool, isReversed: Bool,
    _ combine: (S, S) -> S
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let input = try use.required(0)
    guard let axis = use.integers(1)?.first else {
      throw .invalidElement(input: 1, reason: "names no axis")
    }
    let split = AxisSplit(
      input.dimensions, axis: try resolved(axis, rank: input.dimensions.count))
    var elements = input.elements
    for row in split.rows {
      var sum = start
      for position in isReversed ? row.reversed() : row {
        let next = combine(sum, elements[position])
        elements[position] = isExclusive ? sum : next
        sum = next
      }
    }
    return try use.result(input.dimensions, elements)
  }
}

/// The positions that each result of a reduction combines.
func groups(_ dimensions: [Int], reducing axes: Set<Int>) -> [[Int]] {
  let strides = rowMajorStrides(dimensions)
  func along(_ isReduced: Bool) -> [Int] {
    let chosen = dimensions.indices.filter { axes.contains($0) == isReduced }
    return stridedPositions(chosen.map { dimensions[$0] }, chosen.map { strides[$0] })
  }
  let offsets = along(true)
  return along(false).map { base in offsets.map { base + $0 } }
}

private func shape(_ dimensions: [Int], reducing axes: Set<Int>, keepsAxes: Bool) -> [Int] {
  dimensions.indices.compactMap { axes.contains($0) ? (keepsAxes ? 1 : nil) : dimensions[$0] }
}

extension Reduction.Axes {
  fileprivate func reduced<S>(_ use: KernelUse<S>) throws(ReferenceError) -> Set<Int> {
    let rank = try use.required(0).dimensions.count
    let stated = axes ?? use.integers(1) ?? []
    if stated.isEmpty { return emptyIsNone ? [] : Set(0..<rank) }
    var reduced: Set<Int> = []
    for axis in stated { reduced.insert(try resolved(axis, rank: rank)) }
    return reduced
  }
}

extension Reduction.Combination {
  /// The group's value; `combines` is false where nothing is reduced and the group is one element.
  /// Minima and maxima of nothing are the bounds of the dtype.
  fileprivate func reduced<S: KernelScalar>(
    _ group: [S], combines: Bool, bounds: ClosedRange<Double>
  ) -> S {
    func sum(_ values: [S]) -> S { combines ? total(values) : values.first ?? .zero }
    switch self {
    case .l1: return sum(group.map { $0.applying(.abs) })
    case .l2: return sum(group.map { $0 * $0 }).applying(.sqrt)
    case .logSum: return sum(group).applying(.log)
    case .logSumExp:
      let greatest = group.reduce(S.negativeInfinity) { S.maximum($0, $1) }
      let origin = greatest.doubleValue.isFinite ? greatest : .zero
      return sum(group.map { ($0 - origin).applying(.exp) }).applying(.log) + origin
    case .max:
      return combines
        ? group.reduce(S(bounds.lowerBound)) { S.maximum($0, $1) } : group.first ?? .zero
    case .min:
      return combines
        ? group.reduce(S(bounds.upperBound)) { S.minimum($0, $1) } : group.first ?? .zero
    case .mean: return sum(group) / S(Double(group.count))
    case .prod: return combines ? group.reduce(.one) { $0 * $1 } : group.first ?? .one
    case .sum: return sum(group)
    case .sumSquare: return sum(group.map { $0 * $0 })
    }
  }
}
