import Quantities
public import TensorTypes

extension Recurrent {
  /// Multiply-accumulates: length × directions × batch × gates × hidden × (inputs + hidden); all of
  /// the length is counted, whatever the sequences' own. Other operations are counted a hidden
  /// element and step: two bias adds a gate, the activations, the clips, the peepholes and the cell's
  /// own arithmetic.
  public func work(inputs: [Operand?], outputs: [TensorType?]) -> Work? {
    guard let problem = try? problem(of: inputs) else { return nil }
    let steps = elementCount([problem.length, direction.count, problem.batch])
    let cells = saturatingProduct(steps, problem.hidden)
    let columns = MACs(problem.inputSize) + MACs(problem.hidden)
    let macs = MACs.product(cells, cell.gates, columns.rawValue)
    var perCell = cellOperations + (inputs.optional(3) == nil ? 0 : 2 * cell.gates)
    if clip != nil { perCell += 2 * cell.gates }
    if cell.hasCellState, inputs.optional(7) != nil { perCell += 6 }
    var operations = FLOPs.product(perCell, cells) + activationOperations(cells)
    switch cell {
    case .lstm, .gru, .rnn: break
    case .dynamicQuantizeLSTM:
      // Inputs and states of the batch are quantized at each step and lose their zero point again;
      // both products of each gate are scaled, then added.
      operations += .product(
        QuantizationOperator.dynamicOperationsPerElement + 1, steps, columns.rawValue)
      operations += .product(
        2 * QuantizationOperator.dynamicOperationsPerTensor, problem.length, direction.count)
      operations += .product(3 * cell.gates, cells)
      for (weights, zeroPoint) in [(1, 9), (2, 11)] where inputs.optional(zeroPoint) != nil {
        operations += FLOPs(inputs.elementCount(weights))
      }
    }
    return Work(macs: macs, otherOperations: operations, inputs: inputs, outputs: outputs)
  }

  /// Operations that join the gates, activations aside.
  private var cellOperations: Int {
    switch cell {
    // f ⊙ c + i ⊙ g, o ⊙ h(c); a coupled forget gate is 1 − i.
    case .lstm(let couples), .dynamicQuantizeLSTM(let couples): couples ? 5 : 4
    // r ⊙ h; (1 − z) ⊙ g + z ⊙ h; a linear part before the reset is a sum of its own, added after.
    case .gru(let linearBeforeReset): linearBeforeReset ? 6 : 5
    case .rnn: 0
    }
  }

  /// Each direction's activations over its share of the cells.
  private func activationOperations(_ cells: Int) -> FLOPs {
    let own = cell.activations
    let stated = activations.count == own.count * direction.count
    let perDirection = cells / direction.count
    var operations = FLOPs.zero
    for position in 0..<direction.count {
      for (index, uses) in cell.activationUses.enumerated() {
        let activation = stated ? activations[position * own.count + index] : own[index]
        operations += .product(uses, activation.operations, perDirection)
      }
    }
    return operations
  }
}

extension Recurrent.Activation {
  var operations: Int {
    switch self {
    case .elementwise(let function): Elementwise(function).operationsPerElement(inputs: [])
    case .affine: 2
    case .scaledTanh: 3
    }
  }
}
