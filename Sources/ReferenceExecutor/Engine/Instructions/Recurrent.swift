import CKernels

/// Cells along a sequence: one product for all inputs, then for each step a product of the state and a
/// cell.
struct RecurrentInstruction: Instruction {
  enum Cell {
    case lstm
    /// Resets the product of the state.
    case gru
    /// Resets the state before its product.
    case gruResetFirst
    case rnn
  }

  struct Direction {
    /// Of inputs, all gates.
    let weights: Address
    /// Of states: all gates, or those before the reset.
    let recurrence: Address
    /// Of the state after the reset.
    let candidateRecurrence: Address?
    /// Of the products of inputs; both biases, where one sum takes both products.
    let bias: Address?
    /// Of the products of states.
    let recurrenceBias: Address?
    let peephole: Address?
    let isReversed: Bool
  }

  let cell: Cell
  let directions: [Direction]
  let batchFirst: Bool
  let length: Int
  let batch: Int
  let inputSize: Int
  let hidden: Int
  let input: Address
  /// `int32` of the batch; `nil` is the whole length for all.
  let sequenceLengths: Address?
  let initialHidden: Address?
  let initialCell: Address?
  let states: Address?
  let lastHidden: Address?
  let lastCell: Address?

  private var gateWidth: Int { cell.gates * hidden }
  private var stateSize: Int { batch * hidden }

  /// Floats: products of inputs; of one step: those of the inputs side by side, sums of gates, states,
  /// cells or states after the reset.
  private var parts: [Int] {
    [length * batch * gateWidth, batch * gateWidth, batch * gateWidth, stateSize, stateSize]
      .map { ($0 + 15) / 16 * 16 }
  }
  var scratch: Int { parts.reduce(0, +) * MemoryLayout<Float>.stride }

  func run(_ machine: Machine) throws(ReferenceError) {
    let lengths = unsafe sequenceLengths.map {
      unsafe UnsafePointer(machine.pointer($0).assumingMemoryBound(to: Int32.self))
    }
    /// Where the sequence of an item ends.
    func end(_ item: Int) -> Int {
      guard let lengths = unsafe lengths else { return length }
      return unsafe Int(lengths[item])
    }
    for item in 0..<batch where !(0...length).contains(end(item)) {
      throw .invalidElement(input: 4, reason: "holds a length beyond \(length)")
    }
    let sizes = parts
    let products = unsafe machine.scratch.assumingMemoryBound(to: Float.self)
    let gathered = unsafe products + sizes[0]
    let gates = unsafe gathered + sizes[1]
    let state = unsafe gates + sizes[2]
    let beside = unsafe state + sizes[3]
    for (index, direction) in directions.enumerated() {
      unsafe multiply(
        machine, rows: length * batch, machine.floats(input), inputSize, direction.weights,
        into: products, columns: gateWidth, bias: direction.bias)
      unsafe start(state, index, from: initialHidden, machine)
      if cell == .lstm { unsafe start(beside, index, from: initialCell, machine) }
      for step in 0..<length {
        /// Which element of the sequence it is; each sequence is reversed within its own length.
        func time(_ item: Int) -> Int {
          direction.isReversed && step < end(item) ? end(item) - 1 - step : step
        }
        let inputs: Rows
        if direction.isReversed && sequenceLengths != nil {
          for item in 0..<batch {
            unsafe (gathered + item * gateWidth).update(
              from: products + row(item, time(item)) * gateWidth, count: gateWidth)
          }
          unsafe inputs = Rows(first: UnsafePointer(gathered), stride: gateWidth)
        } else {
          unsafe inputs = Rows(
            first: UnsafePointer(products) + row(0, time(0)) * gateWidth,
            stride: batchFirst ? length * gateWidth : gateWidth)
        }
        unsafe multiplyStates(direction, state, inputs, kept: beside, into: gates, machine)
        for item in 0..<batch {
          let own = unsafe state + item * hidden
          let isWithin = step < end(item)
          if isWithin {
            unsafe advance(
              own, item, beside, inputs, gates + item * gateWidth, direction, machine)
          }
          guard let states else { continue }
          let result = unsafe machine.floats(states) + place(index, item, time(item)) * hidden
          if isWithin {
            unsafe result.update(from: own, count: hidden)
          } else {
            unsafe result.update(repeating: 0, count: hidden)
          }
        }
      }
      unsafe finish(state, index, into: lastHidden, machine)
      if cell == .lstm { unsafe finish(beside, index, into: lastCell, machine) }
    }
  }

  /// Products of inputs at one step, a row for each item of the batch.
  @unsafe private struct Rows {
    let first: UnsafePointer<Float>
    let stride: Int
  }

  // MARK: Products

  /// All sums of products of the states, with those of inputs where they are one sum.
  private func multiplyStates(
    _ direction: Direction, _ states: UnsafePointer<Float>, _ inputs: Rows,
    kept: UnsafeMutablePointer<Float>, into gates: UnsafeMutablePointer<Float>, _ machine: Machine
  ) {
    switch cell {
    case .lstm, .rnn:
      unsafe multiply(
        machine, rows: batch, states, hidden, direction.recurrence, into: gates,
        columns: gateWidth, adding: inputs)
    case .gru:
      unsafe multiply(
        machine, rows: batch, states, hidden, direction.recurrence, into: gates,
        columns: gateWidth, bias: direction.recurrenceBias)
    case .gruResetFirst:
      unsafe multiply(
        machine, rows: batch, states, hidden, direction.recurrence, into: gates,
        columns: 2 * hidden, adding: inputs)
      for item in 0..<batch {
        unsafe bf_gru_reset(
          hidden, gates + item * gateWidth, states + item * hidden, kept + item * hidden)
      }
      guard let candidate = direction.candidateRecurrence else { return }
      let rest = unsafe Rows(first: inputs.first + 2 * hidden, stride: inputs.stride)
      unsafe multiply(
        machine, rows: batch, kept, hidden, candidate, into: gates + 2 * hidden, columns: hidden,
        adding: rest)
    }
  }

  /// - Parameter rows: Of `left`, `depth` apart; those of the result are a gate width apart.
  private func multiply(
    _ machine: Machine, rows: Int, _ left: UnsafePointer<Float>, _ depth: Int, _ packed: Address,
    into result: UnsafeMutablePointer<Float>, columns: Int, bias: Address? = nil,
    adding residual: Rows? = nil
  ) {
    var epilogue = unsafe bf_epilogue()
    unsafe epilogue.bias = machine.floats(bias)
    if let residual = unsafe residual {
      unsafe epilogue.residual = residual.first
      unsafe epilogue.residual_stride = residual.stride
      if cell == .rnn { unsafe epilogue.residual_activation = BF_TANH }
    }
    unsafe bf_f32_gemm(
      machine.pool, rows, columns, depth, left, depth, machine.floats(packed), result, gateWidth,
      &epilogue)
  }

  // MARK: States

  /// The next state of one item.
  private func advance(
    _ state: UnsafeMutablePointer<Float>, _ item: Int, _ cells: UnsafeMutablePointer<Float>,
    _ inputs: Rows, _ gates: UnsafePointer<Float>, _ direction: Direction, _ machine: Machine
  ) {
    switch cell {
    case .lstm:
      unsafe bf_lstm_cell(
        hidden, gates, machine.floats(direction.peephole), cells + item * hidden, state)
    case .gru: unsafe bf_gru_cell(hidden, inputs.first + item * inputs.stride, gates, state)
    case .gruResetFirst: unsafe bf_gru_update(hidden, gates, gates + 2 * hidden, state)
    case .rnn: unsafe state.update(from: gates, count: hidden)
    }
  }

  private func start(
    _ state: UnsafeMutablePointer<Float>, _ direction: Int, from initial: Address?,
    _ machine: Machine
  ) {
    guard let initial else {
      unsafe state.update(repeating: 0, count: stateSize)
      return
    }
    for item in 0..<batch {
      unsafe (state + item * hidden).update(
        from: machine.floats(initial) + place(direction, item) * hidden, count: hidden)
    }
  }

  private func finish(
    _ state: UnsafePointer<Float>, _ direction: Int, into last: Address?, _ machine: Machine
  ) {
    guard let last else { return }
    for item in 0..<batch {
      unsafe (machine.floats(last) + place(direction, item) * hidden).update(
        from: state + item * hidden, count: hidden)
    }
  }

  // MARK: Places

  /// Of an item at a time among the rows of the input.
  private func row(_ item: Int, _ time: Int) -> Int {
    batchFirst ? item * length + time : time * batch + item
  }

  /// Of an item at a time among the rows of all states.
  private func place(_ direction: Int, _ item: Int, _ time: Int) -> Int {
    batchFirst
      ? (item * length + time) * directions.count + direction
      : (time * directions.count + direction) * batch + item
  }

  /// Of an item among the rows of first or last states.
  private func place(_ direction: Int, _ item: Int) -> Int {
    batchFirst ? item * directions.count + direction : direction * batch + item
  }
}

extension RecurrentInstruction.Cell {
  var gates: Int {
    switch self {
    case .lstm: 4
    case .gru, .gruResetFirst: 3
    case .rnn: 1
    }
  }

  var kernel: String {
    switch self {
    case .lstm: "lstm.f32"
    case .gru, .gruResetFirst: "gru.f32"
    case .rnn: "rnn.f32"
    }
  }
}
