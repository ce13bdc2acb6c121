import ModelIR
import TensorTypes

let reductionLowerings: [String: Lower] = Reduction.Combination.allCases.reduce(
  into: otherReductions
) { lowerings, combination in
  let kind = Reduction(.reduce(combination, Reduction.Axes())).kind
  let lower: Lower = { node throws(LoweringError) in try node.reduction(combination) }
  lowerings[kind.rawValue] = lower
}

extension NodeView {
  /// The axes are an attribute at first, and input 1 since opset 13 (sums) or 18 (the others).
  fileprivate func reduction(
    _ combination: Reduction.Combination
  ) throws(LoweringError) -> Operator {
    .reduction(
      Reduction(
        .reduce(
          combination,
          Reduction.Axes(
            try ints("axes"), keepsAxes: try flag("keepdims", default: true),
            emptyIsNone: try flag("noop_with_empty_axes")))))
  }
}

private let otherReductions: [String: Lower] = [
  "ArgMax": { node throws(LoweringError) in
    .reduction(
      Reduction(
        .argMax(
          axis: try node.int("axis", default: 0),
          keepsAxis: try node.flag("keepdims", default: true),
          selectsLast: try node.flag("select_last_index"))))
  },
  "ArgMin": { node throws(LoweringError) in
    .reduction(
      Reduction(
        .argMin(
          axis: try node.int("axis", default: 0),
          keepsAxis: try node.flag("keepdims", default: true),
          selectsLast: try node.flag("select_last_index"))))
  },
  "CumSum": { node throws(LoweringError) in
    .reduction(
      Reduction(
        .cumulativeSum(
          isExclusive: try node.flag("exclusive"), isReversed: try node.flag("reverse"))))
  },
  "CumProd": { node throws(LoweringError) in
    .reduction(
      Reduction(
        .cumulativeProduct(
          isExclusive: try node.flag("exclusive"), isReversed: try node.flag("reverse"))))
  },
]
