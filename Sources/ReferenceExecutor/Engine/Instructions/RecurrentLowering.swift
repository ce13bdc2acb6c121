import CKernels
import ModelIR
import TensorTypes

extension Lowering {
  func lower(_ recurrent: Recurrent, _ node: Node) throws(ExecutionError) {
    guard let cell = recurrent.tunedCell, recurrent.clip == nil, recurrent.hasOwnActivations,
      let input = node.inputs[0], let weights = node.inputs[1], let recurrence = node.inputs[2],
      let inputType = graph[input].type, inputType.elementCount > 0,
      let hidden = graph[recurrence].type?.dimensions[2],
      hasTunedOperands(node, recurrent, cell, inputType, hidden: hidden)
    else { return try lowerByReference(node) }
    let gateWidth = cell.gates * hidden
    let (weightView, recurrenceView) = (try view(weights), try view(recurrence))
    var (biases, peepholes): ([Float]?, [Float]?)
    if let id = optional(node, 3) { biases = try floats(try view(id)) }
    if let id = optional(node, 7) { peepholes = try floats(try view(id)) }
    var directions: [RecurrentInstruction.Direction] = []
    var reads: [Int] = []
    for index in 0..<recurrent.direction.count {
      func packed(_ view: TensorView, _ rows: Range<Int>) -> Address {
        let part = view.sliced(axis: 0, start: index, count: 1)
          .sliced(axis: 1, start: rows.lowerBound, count: rows.count)
        let depth = part.extents[2]
        let address = unsafe constant(bytes: bf_f32_packed_bytes(depth, rows.count)) {
          unsafe bf_f32_pack(
            machine.floats(part.address), part.strides[2], part.strides[1], depth, rows.count,
            $0.assumingMemoryBound(to: Float.self))
        }
        reads.append(address.storage)
        return address
      }
      func kept(_ numbers: [Float]?) -> Address? {
        guard let address = numbers.map({ constant($0) }) else { return nil }
        reads.append(address.storage)
        return address
      }
      func part(_ numbers: [Float]?, _ part: Int, _ count: Int) -> [Float]? {
        numbers.map { Array($0[part * count..<(part + 1) * count]) }
      }
      var inputBias = part(biases, 2 * index, gateWidth)
      var stateBias = part(biases, 2 * index + 1, gateWidth)
      if cell != .gru, let own = inputBias, let other = stateBias {
        (inputBias, stateBias) = (zip(own, other).map { $0 + $1 }, nil)
      }
      let stateRows = cell == .gruResetFirst ? 2 * hidden : gateWidth
      directions.append(
        RecurrentInstruction.Direction(
          weights: packed(weightView, 0..<gateWidth),
          recurrence: packed(recurrenceView, 0..<stateRows),
          candidateRecurrence: cell == .gruResetFirst
            ? packed(recurrenceView, stateRows..<gateWidth) : nil,
          bias: kept(inputBias), recurrenceBias: kept(stateBias),
          peephole: kept(part(peepholes, index, 3 * hidden)),
          isReversed: recurrent.direction == .reverse || index == 1))
    }
    func given(_ id: Value.ID) throws(ExecutionError) -> Address {
      let given = try rowMajor(try view(id))
      reads.append(given.storage)
      return given.address
    }
    let source = try given(input)
    var others: [Address?] = []
    for place in 4...6 {
      if let id = optional(node, place) {
        others.append(try given(id))
      } else {
        others.append(nil)
      }
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
      cell: cell, directions: directions, batchFirst: recurrent.batchFirst,
      length: inputType.dimensions[recurrent.batchFirst ? 1 : 0],
      batch: inputType.dimensions[recurrent.batchFirst ? 0 : 1],
      inputSize: inputType.dimensions[2], hidden: hidden, input: source,
      sequenceLengths: others[0], initialHidden: others[1], initialCell: others[2],
      states: results[0], lastHidden: results[1], lastCell: results[2])
    try emit(
      instruction, kernel: cell.kernel, reads: reads, writes: writes,
      scratch: instruction.scratch)
  }

  /// Whether all operands are numbers of the kinds and extents that the kernel reads, and those that are
  /// packed are constant. The reference kernel says what is wrong with others.
  private func hasTunedOperands(
    _ node: Node, _ recurrent: Recurrent, _ cell: RecurrentInstruction.Cell,
    _ input: TensorType, hidden: Int
  ) -> Bool {
    let directions = recurrent.direction.count
    let batch = input.dimensions[recurrent.batchFirst ? 0 : 1]
    let expected: [(count: Int?, dtype: DType, isConstant: Bool)] = [
      (nil, .float32, false), (nil, .float32, true), (nil, .float32, true),
      (2 * directions * cell.gates * hidden, .float32, true), (batch, .int32, false),
      (batch * directions * hidden, .float32, false),
      (batch * directions * hidden, .float32, false),
      (3 * directions * hidden, .float32, true),
    ]
    return zip(node.inputs, expected).allSatisfy { id, expected in
      guard let id else { return true }
      guard let type = graph[id].type else { return false }
      return type.dtype == expected.dtype
        && expected.count.map { $0 == type.elementCount } ?? true
        && (!expected.isConstant || uses.isConstant[id.index])
    }
  }

  private func optional(_ node: Node, _ position: Int) -> Value.ID? {
    position < node.inputs.count ? node.inputs[position] : nil
  }
}

extension Recurrent {
  /// `nil` for cells that no kernel has.
  fileprivate var tunedCell: RecurrentInstruction.Cell? {
    switch cell {
    case .lstm(couplesInputAndForget: false): .lstm
    case .gru(let linearBeforeReset): linearBeforeReset ? .gru : .gruResetFirst
    case .rnn: .rnn
    case .lstm, .dynamicQuantizeLSTM: nil
    }
  }

  fileprivate var hasOwnActivations: Bool {
    activations.isEmpty
      || activations
        == Array(repeating: cell.activations, count: direction.count).flatMap { $0 }
  }
}
