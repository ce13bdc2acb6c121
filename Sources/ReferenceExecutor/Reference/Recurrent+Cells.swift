import ModelIR
import TensorTypes

/// The cells of one direction.
struct CellRunner<S: KernelScalar> {
  private let cell: Recurrent.Cell
  private let hidden: Int
  private let clip: Double?
  private let activations: [Recurrent.Activation]
  private let inputWeights: GateWeights<S>
  private let hiddenWeights: GateWeights<S>
  /// Of inputs, then of states, a number a gate and hidden element each.
  private let biases: [S]?
  /// Of the gates input, output and forget.
  private let peepholes: [S]?

  init(
    _ recurrent: Recurrent, _ use: KernelUse<S>, direction: Int, hidden: Int
  ) throws(ReferenceError) {
    cell = recurrent.cell
    self.hidden = hidden
    clip = recurrent.clip
    let own = cell.activations
    let stated = recurrent.activations
    activations =
      stated.count == own.count * recurrent.direction.count
      ? Array(stated[direction * own.count..<(direction + 1) * own.count]) : own
    inputWeights = try GateWeights(use, 1, direction, quantization: cell.isQuantized ? 8 : nil)
    hiddenWeights = try GateWeights(use, 2, direction, quantization: cell.isQuantized ? 10 : nil)
    func part(_ index: Int) -> [S]? {
      use.optional(index).map { tensor in
        let size = tensor.elements.count / recurrent.direction.count
        return Array(tensor.elements[direction * size..<(direction + 1) * size])
      }
    }
    biases = part(3)
    peepholes = cell.isLSTM ? part(7) : nil
    guard biases?.count ?? 2 * gateRows == 2 * gateRows else {
      throw .invalidElement(input: 3, reason: "has the wrong count of biases")
    }
    guard peepholes?.count ?? 3 * hidden == 3 * hidden else {
      throw .invalidElement(input: 7, reason: "has the wrong count of peepholes")
    }
  }

  private var gateRows: Int {
    switch cell {
    case .lstm, .dynamicQuantizeLSTM: 4 * hidden
    case .gru: 3 * hidden
    case .rnn: hidden
    }
  }

  /// One step of every sequence of the batch. `inputs` is a row for each.
  func step(_ inputs: [[S]], _ states: [CellState<S>]) -> [CellState<S>] {
    let inputRows = inputWeights.rows(inputs)
    let stateRows = hiddenWeights.rows(states.map(\.hidden))
    return states.indices.map { item in
      switch cell {
      case .lstm(let couples), .dynamicQuantizeLSTM(let couples):
        lstm(inputRows, stateRows, item, states[item], couples: couples)
      case .gru(let linearBeforeReset):
        gru(inputRows, stateRows, item, states[item], linearBeforeReset: linearBeforeReset)
      case .rnn:
        CellState(
          hidden: (0..<hidden).map {
            activations[0].value(clipped(gate(inputRows, stateRows, item, $0)))
          }, cell: states[item].cell)
      }
    }
  }

  /// Input times weights plus state times recurrence weights, with both biases.
  private func gate(
    _ inputs: GateWeights<S>.Rows, _ states: GateWeights<S>.Rows, _ item: Int, _ row: Int
  ) -> S {
    var sum: S
    if inputs.isScaled {
      sum = inputs.sum(item, row) + states.sum(item, row)
    } else {
      sum = states.sum(item, row, from: inputs.sum(item, row))
    }
    if let biases { sum = sum + biases[row] + biases[gateRows + row] }
    return sum
  }

  private func clipped(_ x: S) -> S {
    clip.map { S.minimum(S.maximum(x, S(-$0)), S($0)) } ?? x
  }

  private func lstm(
    _ inputs: GateWeights<S>.Rows, _ states: GateWeights<S>.Rows, _ item: Int,
    _ state: CellState<S>, couples: Bool
  ) -> CellState<S> {
    var next = state
    for unit in 0..<hidden {
      func sum(_ gate: Int, peephole: Int?, _ cell: S) -> S {
        var sum = self.gate(inputs, states, item, gate * hidden + unit)
        if let peephole, let peepholes { sum += peepholes[peephole * hidden + unit] * cell }
        return clipped(sum)
      }
      let previous = state.cell[unit]
      let input = activations[0].value(sum(0, peephole: 0, previous))
      let forgetSum = sum(2, peephole: 2, previous)
      let forget = couples ? .one - input : activations[0].value(forgetSum)
      let candidate = activations[1].value(sum(3, peephole: nil, previous))
      let cell = forget * previous + input * candidate
      let output = activations[0].value(sum(1, peephole: 1, cell))
      next.cell[unit] = cell
      next.hidden[unit] = output * activations[2].value(cell)
    }
    return next
  }

  private func gru(
    _ inputs: GateWeights<S>.Rows, _ states: GateWeights<S>.Rows, _ item: Int,
    _ state: CellState<S>, linearBeforeReset: Bool
  ) -> CellState<S> {
    let updates = (0..<hidden).map {
      activations[0].value(clipped(gate(inputs, states, item, $0)))
    }
    let resets = (0..<hidden).map {
      activations[0].value(clipped(gate(inputs, states, item, hidden + $0)))
    }
    let candidates: [S]
    if linearBeforeReset {
      candidates = (0..<hidden).map { unit in
        let row = 2 * hidden + unit
        var fromInput = inputs.sum(item, row)
        var fromState = states.sum(item, row)
        if let biases {
          fromInput += biases[row]
          fromState += biases[gateRows + row]
        }
        return activations[1].value(clipped(fromInput + resets[unit] * fromState))
      }
    } else {
      let kept = zip(resets, state.hidden).map { $0 * $1 }
      let rows = hiddenWeights.rows([kept])
      candidates = (0..<hidden).map { unit in
        let row = 2 * hidden + unit
        var sum = rows.sum(0, row, from: inputs.sum(item, row))
        if let biases { sum = sum + biases[row] + biases[gateRows + row] }
        return activations[1].value(clipped(sum))
      }
    }
    var next = state
    for unit in 0..<hidden {
      next.hidden[unit] =
        (.one - updates[unit]) * candidates[unit] + updates[unit] * state.hidden[unit]
    }
    return next
  }
}

/// The weights of all gates of one direction, a row for each gate and hidden element.
struct GateWeights<S: KernelScalar> {
  private let elements: [S]
  private let depth: Int
  private let rowStride: Int
  private let columnStride: Int
  /// The scale of each row, or one for all; `nil` for real weights.
  private let scales: [S]?

  /// `quantization` is where the scale and, behind it, the zero point stand among the inputs; such
  /// weights are stored transposed.
  init(
    _ use: KernelUse<S>, _ index: Int, _ direction: Int, quantization: Int?
  ) throws(ReferenceError) {
    let tensor = try use.required(index)
    let (first, second) = (tensor.dimensions[1], tensor.dimensions[2])
    var weights = Array(
      tensor.elements[direction * first * second..<(direction + 1) * first * second])
    depth = quantization == nil ? second : first
    rowStride = quantization == nil ? second : 1
    columnStride = quantization == nil ? 1 : second
    guard let quantization else {
      elements = weights
      scales = nil
      return
    }
    func part(_ index: Int) -> [S]? {
      use.optional(index).map { tensor in
        let size = max(tensor.elements.count / max(tensor.dimensions.first ?? 1, 1), 1)
        return Array(tensor.elements.dropFirst(direction * size).prefix(size))
      }
    }
    for parameter in quantization...quantization + 1 {
      guard [1, second].contains(part(parameter)?.count ?? 1) else {
        throw .invalidElement(input: parameter, reason: "is for no column of the weights")
      }
    }
    if let zeroPoints = part(quantization + 1) {
      for position in weights.indices {
        let zeroPoint = zeroPoints[zeroPoints.count == 1 ? 0 : position % second]
        weights[position] = weights[position] - zeroPoint
      }
    }
    elements = weights
    scales = part(quantization) ?? [.one]
  }

  /// Operand rows against the weights; quantized weights quantize the operand first, all rows with
  /// one scale.
  func rows(_ operands: [[S]]) -> Rows {
    guard scales != nil else { return Rows(weights: self, operands: operands, scale: nil) }
    let quantized = DynamicQuantization(operands.flatMap { $0 })
    let shifted = quantized.elements.map { $0 - quantized.zeroPoint }
    return Rows(
      weights: self,
      operands: operands.indices.map { Array(shifted[$0 * depth..<($0 + 1) * depth]) },
      scale: quantized.scale)
  }

  struct Rows {
    fileprivate let weights: GateWeights
    fileprivate let operands: [[S]]
    fileprivate let scale: S?

    var isScaled: Bool { scale != nil }

    /// The product of one operand row and one row of weights, added up from `start`; scaled where
    /// quantized. Scales of operand and weights are one factor.
    func sum(_ item: Int, _ row: Int, from start: S = .zero) -> S {
      var sum = start
      for column in 0..<weights.depth {
        sum +=
          operands[item][column]
          * weights.elements[row * weights.rowStride + column * weights.columnStride]
      }
      guard let scale, let scales = weights.scales else { return sum }
      let own = scales.count == 1 ? scales.first : scales.indices.contains(row) ? scales[row] : nil
      return sum * S(scale.doubleValue * (own?.doubleValue ?? 1))
    }
  }
}

extension Recurrent.Cell {
  var isQuantized: Bool {
    switch self {
    case .dynamicQuantizeLSTM: true
    case .lstm, .gru, .rnn: false
    }
  }
  var isLSTM: Bool {
    switch self {
    case .lstm, .dynamicQuantizeLSTM: true
    case .gru, .rnn: false
    }
  }
}
