import ModelIR
import TensorTypes

extension DetectionPostProcess {
  /// A row of the result: which box, which of its classes.
  private struct Row {
    let box: Int
    let classIndex: Int
  }

  func reference<S: KernelScalar>(
    _ use: KernelUse<S>
  ) throws(ReferenceError) -> [ReferenceTensor<S>] {
    guard use.types.count == 4, let type = use.types[1] else { throw .inconsistent("no shape") }
    let corners = try decoded(use)
    let boxes = corners.map { Box(low: Array($0[..<2]), high: Array($0[2...])) }
    let tensor = try use.required(1)
    let columns = tensor.dimensions[2]
    let background = columns - classCount
    /// The scores of a box, without the background's.
    func scores(_ box: Int) -> ArraySlice<S> {
      tensor.elements[(box * columns + background)..<((box + 1) * columns)]
    }
    let kept: [Row]
    let foundCount: Int
    switch suppression {
    case .acrossClasses(let rowsOfBox):
      let order = boxes.indices.map { Array(scores($0)).order(min(rowsOfBox, classCount)) }
      let best = boxes.indices.map { box in
        order[box].first.map { Array(scores(box))[$0] } ?? .zero
      }
      let found = suppressed(boxes, best, limit)
      foundCount = found.count
      kept = found.flatMap { box in order[box].map { Row(box: box, classIndex: $0) } }
    case .byClass(let limitOfClass, _):
      var rows: [Row] = []
      var values: [S] = []
      for classIndex in 0..<classCount {
        let ofClass = boxes.indices.map { tensor.elements[$0 * columns + background + classIndex] }
        for box in suppressed(boxes, ofClass, min(limitOfClass, limit)) {
          rows.append(Row(box: box, classIndex: classIndex))
          values.append(ofClass[box])
        }
        let order = values.order(limit)
        rows = order.map { rows[$0] }
        values = order.map { values[$0] }
      }
      kept = rows
      foundCount = rows.count
    }
    let rowCount = type.dimensions[1]
    func padded(_ elements: [S], _ width: Int) -> [S] {
      elements + Array(repeating: .zero, count: max(rowCount * width - elements.count, 0))
    }
    return [
      try use.result([1, rowCount, 4], padded(kept.flatMap { corners[$0.box] }, 4), output: 0),
      try use.result(
        [1, rowCount], padded(kept.map { S(Double($0.classIndex)) }, 1), output: 1),
      try use.result(
        [1, rowCount],
        padded(kept.map { tensor.elements[$0.box * columns + background + $0.classIndex] }, 1),
        output: 2),
      try use.result([1], [S(Double(foundCount))], output: 3),
    ]
  }

  /// Corners `[y₀, x₀, y₁, x₁]` of each box.
  private func decoded<S: KernelScalar>(_ use: KernelUse<S>) throws(ReferenceError) -> [[S]] {
    let (offsets, anchors) = (try use.required(0), try use.required(2).elements)
    let width = offsets.dimensions[2]
    let scales = scales.map { S($0) }
    let dtype = use.dtype(0)
    return (0..<offsets.dimensions[1]).map { index in
      let offset = offsets.elements[(index * width)..<(index * width + 4)]
      let anchor = anchors[(4 * index)..<(4 * index + 4)]
      let (o, a) = (offset.startIndex, anchor.startIndex)
      var corners = Array(repeating: S.zero, count: 4)
      for axis in 0..<2 {
        let side = anchor[a + axis + 2]
        let center = (offset[o + axis] / scales[axis] * side + anchor[a + axis]).stored(as: dtype)
        let reach = ((offset[o + axis + 2] / scales[axis + 2]).applying(.exp) * S(0.5) * side)
          .stored(as: dtype)
        corners[axis] = (center - reach).stored(as: dtype)
        corners[axis + 2] = (center + reach).stored(as: dtype)
      }
      return corners
    }
  }

  /// Boxes of enough score, best first, without those that overlap a better one.
  private func suppressed<S: KernelScalar>(
    _ boxes: [Box<S>], _ scores: [S], _ limit: Int
  ) -> [Int] {
    let (least, ratio) = (S(score), S(overlap))
    let candidates = boxes.indices.filter {
      !(scores[$0] < least) && !scores[$0].doubleValue.isNaN
    }
    var kept: [Int] = []
    for place in candidates.map({ scores[$0] }).order(candidates.count) where kept.count < limit {
      let candidate = candidates[place]
      if !kept.contains(where: { ratio < boxes[$0].overlap(boxes[candidate]) }) {
        kept.append(candidate)
      }
    }
    return kept
  }
}

extension Array where Element: KernelScalar {
  /// The places of the `count` greatest, greatest first; equals keep their order. Not counted.
  fileprivate func order(_ count: Int) -> [Int] {
    let order = indices.sorted { one, other in
      let (left, right) = (self[one].doubleValue, self[other].doubleValue)
      return right < left || (!(left < right) && one < other)
    }
    return Array<Int>(order.prefix(Swift.max(count, 0)))
  }
}
