import ModelIR
import TensorTypes

/// What a strided slice takes of each axis of its operand, and which axes its result has.
private struct SliceSpecification {
  var starts: [Int] = []
  var ends: [Int] = []
  var steps: [Int] = []
  /// Axes of the operand that the result leaves out.
  var leftOut: [Int] = []
  /// Axes of extent 1 that only the result has, as its axes.
  var added: [Int] = []

  /// Fields 0 to 4 are bit masks of places in the lists: without a start, without an end, all axes
  /// that no other place is for, a new axis, and one element whose axis is left out. `nil` where the
  /// lists do not fit the rank.
  init?(_ node: TFLiteNode, begins: [Int], ends stops: [Int], steps widths: [Int], rank: Int) {
    let masks = (0..<5).map { node.int($0) }
    func has(_ mask: Int, _ place: Int) -> Bool { masks[mask] & (1 << place) != 0 }
    let count = begins.count
    guard count <= 32, stops.count == count, widths.count == count, rank <= 64 else { return nil }
    let ellipsis = (0..<count).first { has(2, $0) }
    func isAdded(_ place: Int) -> Bool { place != ellipsis && has(3, place) }
    let ofAxes = (0..<count).count { $0 != ellipsis && !isAdded($0) }
    guard ofAxes <= rank else { return nil }
    var axesOfResult = 0
    for place in 0..<count {
      if place == ellipsis {
        for _ in 0..<rank - ofAxes { append(start: 0, end: Int(Int32.max), step: 1) }
        axesOfResult += rank - ofAxes
      } else if isAdded(place) {
        added.append(axesOfResult)
        axesOfResult += 1
      } else if has(4, place) {
        // One element, the last when counted from the end.
        leftOut.append(starts.count)
        append(
          start: begins[place],
          end: begins[place] == -1 ? Int(Int32.max) : begins[place].saturatingSum(1), step: 1)
      } else {
        let isBackward = widths[place] < 0
        append(
          start: has(0, place) ? (isBackward ? Int(Int32.max) : 0) : begins[place],
          end: has(1, place) ? Int(isBackward ? Int32.min : Int32.max) : stops[place],
          step: widths[place])
        axesOfResult += 1
      }
    }
  }

  private mutating func append(start: Int, end: Int, step: Int) {
    starts.append(start)
    ends.append(end)
    steps.append(step)
  }
}

extension TFLiteBuilder {
  mutating func stridedSlice(_ node: TFLiteNode) throws(LoweringError) {
    let (input, output) = (try node.required(0), try node.output())
    guard let begins = ints(node.input(1)), let ends = ints(node.input(2)),
      let steps = ints(node.input(3)), let rank = type(input)?.rank, !node.flag(5),
      let slice = SliceSpecification(
        node, begins: begins, ends: ends, steps: steps, rank: rank)
    else { return addOpaque(node) }
    let widths = stated(TensorLiteral(vector: slice.steps), "\(node.name)/steps")
    let op = Operator.movement(
      .slice(
        .init(starts: slice.starts, ends: slice.ends, axes: Array(slice.starts.indices))))
    let inputs: [Value.ID?] = [input, nil, nil, nil, widths]
    guard !slice.leftOut.isEmpty || !slice.added.isEmpty else {
      return emitStored(op, inputs, node, to: output)
    }
    var value = addValue("\(node.name)/part", origin: .captured)
    append(op, named: node.name, inputs, [value])
    let squeeze = Operator.view(.squeeze(axes: slice.leftOut))
    guard !slice.added.isEmpty else {
      return append(squeeze, named: "\(node.name)/shape", [value], [output])
    }
    if !slice.leftOut.isEmpty { value = apply(squeeze, [value], node, "without") }
    append(
      .view(.unsqueeze(axes: slice.added)), named: "\(node.name)/shape", [value], [output])
  }
}
