import ModelIR
import TensorTypes

extension Recurrent {
  /// All steps are computed; past the end of a shorter sequence the state stays and the result is
  /// zero.
  func reference<S: KernelScalar>(_ use: KernelUse<S>) throws(ReferenceError) -> [ReferenceTensor<
    S
  >] {
    let input = try use.required(0)
    let (length, batch) = (
      input.dimensions[batchFirst ? 1 : 0], input.dimensions[batchFirst ? 0 : 1]
    )
    let hidden = try hiddenExtent(use)
    let directions = direction.count
    let lengths = use.integers(4) ?? Array(repeating: length, count: batch)
    guard lengths.count == batch, lengths.allSatisfy({ $0 >= 0 && $0 <= length }) else {
      throw .invalidElement(input: 4, reason: "holds a length beyond \(length)")
    }
    let shape =
      batchFirst ? [batch, length, directions, hidden] : [length, directions, batch, hidden]
    let stateShape = batchFirst ? [batch, directions, hidden] : [directions, batch, hidden]
    var results = Array(repeating: S.zero, count: elementCount(shape))
    var (lastHidden, lastCell) = (
      Array(repeating: S.zero, count: elementCount(stateShape)),
      Array(repeating: S.zero, count: elementCount(stateShape))
    )
    let strides = rowMajorStrides(shape)
    for direction in 0..<directions {
      let runner = try CellRunner(self, use, direction: direction, hidden: hidden)
      func stateBase(_ item: Int) -> Int {
        (batchFirst ? item * directions + direction : direction * batch + item) * hidden
      }
      func initial(_ index: Int, _ item: Int) -> [S] {
        guard let states = use.optional(index)?.elements else {
          return Array(repeating: .zero, count: hidden)
        }
        return Array(states[stateBase(item)..<stateBase(item) + hidden])
      }
      var states = (0..<batch).map {
        CellState(hidden: initial(5, $0), cell: initial(6, $0))
      }
      let isReversed = self.direction == .reverse || direction == 1
      for step in 0..<length {
        // Each sequence is reversed within its own length.
        let times = lengths.map { isReversed && step < $0 ? $0 - 1 - step : step }
        let inputs = times.enumerated().map { item, time in
          let row = batchFirst ? item * length + time : time * batch + item
          let size = input.dimensions[2]
          return Array(input.elements[row * size..<(row + 1) * size])
        }
        let next = runner.step(inputs, states)
        for item in 0..<batch where step < lengths[item] {
          states[item] = next[item]
          let index =
            batchFirst
            ? [item, times[item], direction, 0] : [times[item], direction, item, 0]
          let base = position(index, strides)
          for (offset, value) in next[item].hidden.enumerated() { results[base + offset] = value }
        }
      }
      for item in 0..<batch {
        for offset in 0..<hidden {
          lastHidden[stateBase(item) + offset] = states[item].hidden[offset]
          lastCell[stateBase(item) + offset] = states[item].cell[offset]
        }
      }
    }
    return [
      try use.result(shape, results), try use.result(stateShape, lastHidden, output: 1),
      try use.result(stateShape, lastCell, output: 2),
    ]
  }

  private func hiddenExtent<S>(_ use: KernelUse<S>) throws(ReferenceError) -> Int {
    let recurrence = try use.required(2).dimensions
    if let hiddenSize { return hiddenSize }
    if case .dynamicQuantizeLSTM = cell { return recurrence[1] }
    return recurrence[2]
  }
}

/// What one sequence carries from step to step.
struct CellState<S: KernelScalar> {
  var hidden: [S]
  /// LSTM only; zeros otherwise.
  var cell: [S]
}

extension Recurrent.Activation {
  func value<S: KernelScalar>(_ x: S) -> S {
    switch self {
    case .elementwise(let function): Elementwise(function).value(x)
    case .affine(let alpha, let beta): S(alpha) * x + S(beta)
    case .scaledTanh(let alpha, let beta): S(alpha) * (S(beta) * x).applying(.tanh)
    }
  }
}
