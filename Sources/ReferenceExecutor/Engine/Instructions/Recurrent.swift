import CKernels
import ModelIR
import TensorTypes

/// An LSTM or GRU: one product for all inputs, then a product and a cell for each step.
struct RecurrentInstruction: Instruction {
  struct Direction {
    let weights: Address
    let recurrence: Address
    /// Of the products of inputs; LSTM: both biases.
    let bias: Address?
    /// GRU: of the products of states.
    let recurrenceBias: Address?
    let peephole: Address?
    let isReversed: Bool
  }

  let isLSTM: Bool
  let directions: [Direction]
  let length: Int
  let batch: Int
  let inputSize: Int
  let hidden: Int
  let input: Address
  let initialHidden: Address?
  let initialCell: Address?
  let states: Address?
  let lastHidden: Address?
  let lastCell: Address?

  private var gateWidth: Int { (isLSTM ? 4 : 3) * hidden }
  private var rowCount: Int { batch * hidden }

  /// Floats: products of inputs, products of a state, the first state, the cell, all states.
  private var parts: [Int] {
    [
      length * batch * gateWidth, batch * gateWidth, rowCount, rowCount,
      length * directions.count * rowCount,
    ].map { ($0 + 15) / 16 * 16 }
  }
  var scratch: Int { parts.reduce(0, +) * MemoryLayout<Float>.stride }

  func run(_ machine: Machine) {
    let base = unsafe machine.scratch.assumingMemoryBound(to: Float.self)
    let sizes = parts
    let products = unsafe base
    let gates = unsafe products + sizes[0]
    let first = unsafe gates + sizes[1]
    let cell = unsafe first + sizes[2]
    let own = unsafe cell + sizes[3]
    let all = unsafe states.map { unsafe machine.floats($0) } ?? own
    for (index, direction) in directions.enumerated() {
      unsafe multiplyInputs(direction, into: products, machine)
      unsafe start(first, at: index, from: initialHidden, machine)
      unsafe start(cell, at: index, from: initialCell, machine)
      var previous = unsafe UnsafePointer(first)
      for step in 0..<length {
        let time = direction.isReversed ? length - 1 - step : step
        let row = unsafe products + time * batch * gateWidth
        let next = unsafe all + (time * directions.count + index) * rowCount
        unsafe multiplyState(direction, previous, row, into: gates, machine)
        if isLSTM {
          unsafe bf_lstm_cell(
            batch, hidden, gates, gateWidth, machine.floats(direction.peephole), cell, next, hidden)
        } else {
          unsafe bf_gru_cell(
            batch, hidden, row, gateWidth, gates, gateWidth, previous, next, hidden)
        }
        unsafe previous = UnsafePointer(next)
      }
      if let lastHidden {
        unsafe (machine.floats(lastHidden) + index * rowCount).update(
          from: previous, count: rowCount)
      }
      if let lastCell {
        unsafe (machine.floats(lastCell) + index * rowCount).update(from: cell, count: rowCount)
      }
    }
  }

  private func multiplyInputs(
    _ direction: Direction, into products: UnsafeMutablePointer<Float>, _ machine: Machine
  ) {
    unsafe Epilogue(bias: direction.bias).with(machine) { epilogue in
      unsafe bf_f32_gemm(
        machine.pool, length * batch, gateWidth, inputSize, machine.floats(input), inputSize,
        machine.floats(direction.weights), products, gateWidth, epilogue)
    }
  }

  /// LSTM: the sum of both products; GRU: the product of the state alone.
  private func multiplyState(
    _ direction: Direction, _ state: UnsafePointer<Float>, _ row: UnsafePointer<Float>,
    into gates: UnsafeMutablePointer<Float>, _ machine: Machine
  ) {
    var epilogue = unsafe bf_epilogue()
    if isLSTM {
      unsafe epilogue.residual = row
      unsafe epilogue.residual_stride = gateWidth
    } else {
      unsafe epilogue.bias = machine.floats(direction.recurrenceBias)
    }
    unsafe bf_f32_gemm(
      machine.pool, batch, gateWidth, hidden, state, hidden, machine.floats(direction.recurrence),
      gates, gateWidth, &epilogue)
  }

  private func start(
    _ state: UnsafeMutablePointer<Float>, at index: Int, from initial: Address?, _ machine: Machine
  ) {
    if let initial {
      unsafe state.update(from: machine.floats(initial) + index * rowCount, count: rowCount)
    } else {
      unsafe state.update(repeating: 0, count: rowCount)
    }
  }
}

extension Lowering {
  func lower(_ recurrent: Recurrent, _ node: Node) throws(ExecutionError) {
    guard let isLSTM = recurrent.isLSTM, !recurrent.batchFirst, recurrent.clip == nil,
      recurrent.hasOwnActivations, let input = node.inputs[0], let weights = node.inputs[1],
      let recurrence = node.inputs[2], let inputType = graph[input].type,
      let recurrenceType = graph[recurrence].type, inputType.dtype == .float32,
      uses.isConstant[weights.index], uses.isConstant[recurrence.index],
      inputType.elementCount > 0, optional(node, 4) == nil,
      [3, 7].allSatisfy({ optional(node, $0).map { uses.isConstant[$0.index] } ?? true })
    else { return try lowerByReference(node) }
    let hidden = recurrenceType.dimensions[2]
    let gateWidth = (isLSTM ? 4 : 3) * hidden
    let inputSize = inputType.dimensions[2]
    let (weightView, recurrenceView) = (try view(weights), try view(recurrence))
    var (bias, peepholes): ([Float]?, [Float]?)
    if let id = optional(node, 3) { bias = try floats(try view(id)) }
    if let id = optional(node, 7) { peepholes = try floats(try view(id)) }
    var directions: [RecurrentInstruction.Direction] = []
    var reads: [Int] = []
    for index in 0..<recurrent.direction.count {
      func packed(_ view: TensorView, _ depth: Int) -> Address {
        let part = view.sliced(axis: 0, start: index, count: 1)
        return unsafe constant(bytes: bf_f32_packed_bytes(depth, gateWidth)) { destination in
          unsafe bf_f32_pack(
            machine.floats(part.address), part.strides[2], part.strides[1], depth, gateWidth,
            destination.assumingMemoryBound(to: Float.self))
        }
      }
      var (inputBias, stateBias): (Address?, Address?)
      if let bias {
        let own = Array(bias[(2 * index * gateWidth)..<((2 * index + 1) * gateWidth)])
        let other = Array(bias[((2 * index + 1) * gateWidth)..<((2 * index + 2) * gateWidth)])
        inputBias = constant(isLSTM ? zip(own, other).map { $0 + $1 } : own)
        if !isLSTM { stateBias = constant(other) }
      }
      let peephole = peepholes.map {
        constant(Array($0[(3 * index * hidden)..<(3 * (index + 1) * hidden)]))
      }
      let direction = RecurrentInstruction.Direction(
        weights: packed(weightView, inputSize), recurrence: packed(recurrenceView, hidden),
        bias: inputBias, recurrenceBias: stateBias, peephole: peephole,
        isReversed: recurrent.direction == .reverse || index == 1)
      directions.append(direction)
      reads += [direction.weights, direction.recurrence].map(\.storage)
      reads += [inputBias, stateBias, peephole].compactMap { $0?.storage }
    }
    let source = try rowMajor(try view(input))
    reads.append(source.storage)
    var initial: [Address?] = []
    for place in [5, 6] {
      guard let id = optional(node, place) else {
        initial.append(nil)
        continue
      }
      let state = try rowMajor(try view(id))
      reads.append(state.storage)
      initial.append(state.address)
    }
    var results: [Address?] = [nil, nil, nil]
    var writes: [Int] = []
    for (place, id) in node.outputs.enumerated() {
      guard let id, let type = graph[id].type else { continue }
      let output = allocate(for: id, type) { $0.isRowMajor }
      views[id.index] = output
      results[place] = output.address
      writes.append(output.storage)
    }
    let instruction = RecurrentInstruction(
      isLSTM: isLSTM, directions: directions, length: inputType.dimensions[0],
      batch: inputType.dimensions[1], inputSize: inputSize, hidden: hidden, input: source.address,
      initialHidden: initial[0], initialCell: initial[1], states: results[0],
      lastHidden: results[1], lastCell: results[2])
    try emit(
      instruction, kernel: isLSTM ? "lstm.f32" : "gru.f32", reads: reads, writes: writes,
      scratch: instruction.scratch)
  }

  private func optional(_ node: Node, _ position: Int) -> Value.ID? {
    position < node.inputs.count ? node.inputs[position] : nil
  }
}

extension Recurrent {
  /// `nil` for cells that no kernel has.
  fileprivate var isLSTM: Bool? {
    switch cell {
    case .lstm(couplesInputAndForget: false): true
    case .gru(linearBeforeReset: true): false
    case .lstm, .gru, .rnn, .dynamicQuantizeLSTM: nil
    }
  }

  fileprivate var hasOwnActivations: Bool {
    let own: [Activation] =
      isLSTM == true
      ? [.elementwise(.sigmoid), .elementwise(.tanh), .elementwise(.tanh)]
      : [.elementwise(.sigmoid), .elementwise(.tanh)]
    return activations.isEmpty
      || activations == Array(repeating: own, count: direction.count).flatMap { $0 }
  }
}
