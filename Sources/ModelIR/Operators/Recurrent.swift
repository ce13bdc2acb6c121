import Quantities
public import TensorTypes

/// Cells run along a sequence: `X, W, R, B?, sequence_lens?, initial_h?, initial_c?, P?`, the last two
/// for LSTM only. The results are all hidden states, the last hidden state and, for LSTM, the last
/// cell state.
public struct Recurrent: OperatorDefinition {
  public let cell: Cell
  public let direction: Direction
  /// `nil` takes the extent of the recurrence weights.
  public let hiddenSize: Int?
  /// Whether the batch comes before the sequence.
  public let batchFirst: Bool
  /// Activations of one direction after the other; empty is the cell's own.
  public let activations: [Activation]
  /// The bound on an activation's input, if any.
  public let clip: Double?

  public init(
    _ cell: Cell, direction: Direction = .forward, hiddenSize: Int? = nil,
    batchFirst: Bool = false, activations: [Activation] = [], clip: Double? = nil
  ) {
    self.cell = cell
    self.direction = direction
    self.hiddenSize = hiddenSize
    self.batchFirst = batchFirst
    self.activations = activations
    self.clip = clip
  }

  public enum Direction: Sendable, Hashable {
    case forward, reverse, bidirectional
    public var count: Int {
      switch self {
      case .forward, .reverse: 1
      case .bidirectional: 2
      }
    }
  }

  public enum Cell: Sendable, Hashable {
    /// Gates input, output, forget and cell.
    case lstm(couplesInputAndForget: Bool)
    /// Gates update, reset and hidden.
    case gru(linearBeforeReset: Bool)
    case rnn
    /// An LSTM of integer weights laid out as `[directions, inputs, 4 · hidden]`; after `P` come
    /// `W_scale, W_zero_point, R_scale, R_zero_point`.
    case dynamicQuantizeLSTM(couplesInputAndForget: Bool)
  }

  public enum Activation: Sendable, Hashable {
    case elementwise(Elementwise.Function)
    /// `alpha · x + beta`.
    case affine(alpha: Double, beta: Double)
    /// `alpha · tanh(beta · x)`.
    case scaledTanh(alpha: Double, beta: Double)
  }

  public var kind: OperatorKind {
    switch cell {
    case .lstm: .lstm
    case .gru: .gru
    case .rnn: .rnn
    case .dynamicQuantizeLSTM: .dynamicQuantizeLSTM
    }
  }

  public func outputTypes(
    for inputs: [Operand?], outputCount: Int
  ) throws(ShapeError) -> [TensorType?] {
    let problem = try problem(of: inputs)
    let directions = direction.count
    let (length, batch, hidden) = (problem.length, problem.batch, problem.hidden)
    let states =
      batchFirst ? [batch, length, directions, hidden] : [length, directions, batch, hidden]
    let last = batchFirst ? [batch, directions, hidden] : [directions, batch, hidden]
    var types: [TensorType?] = [
      TensorType(problem.dtype, states), TensorType(problem.dtype, last),
    ]
    if cell.hasCellState { types.append(TensorType(problem.dtype, last)) }
    return Array(types.prefix(outputCount))
  }
}

extension Recurrent {
  struct Problem {
    let dtype: DType
    let length: Int
    let batch: Int
    let inputSize: Int
    let hidden: Int
  }

  func problem(of inputs: [Operand?]) throws(ShapeError) -> Problem {
    let count = cell.inputCount
    try inputs.requireCount(count)
    let input = try inputs.required(0, count: count, ranks: 3...3).type
    let weights = try inputs.required(1, count: count, ranks: 3...3).type.dimensions
    let recurrence = try inputs.required(2, count: count, ranks: 3...3).type.dimensions
    let (rows, columns) = cell.transposesWeights ? (2, 1) : (1, 2)
    let hidden = hiddenSize ?? recurrence[columns]
    guard hidden > 0 else {
      throw .invalidAttribute(name: "hidden_size", reason: "is \(hidden)")
    }
    let gates = try extentProduct(cell.gates, hidden, of: "the gates' width")
    let inputSize = input.dimensions[2]
    try requireEqual("the weights' count of directions", weights[0], direction.count)
    try requireEqual("the recurrence's count of directions", recurrence[0], direction.count)
    try requireEqual("the weights' count of gates", weights[rows], gates)
    try requireEqual("the weights' count of inputs", weights[columns], inputSize)
    try requireEqual("the recurrence's count of gates", recurrence[rows], gates)
    try requireEqual("the recurrence's count of hidden elements", recurrence[columns], hidden)
    return Problem(
      dtype: input.dtype, length: input.dimensions[batchFirst ? 1 : 0],
      batch: input.dimensions[batchFirst ? 0 : 1], inputSize: inputSize, hidden: hidden)
  }
}

extension Recurrent.Cell {
  var gates: Int {
    switch self {
    case .lstm, .dynamicQuantizeLSTM: 4
    case .gru: 3
    case .rnn: 1
    }
  }
  var hasCellState: Bool {
    switch self {
    case .lstm, .dynamicQuantizeLSTM: true
    case .gru, .rnn: false
    }
  }
  var transposesWeights: Bool {
    switch self {
    case .dynamicQuantizeLSTM: true
    case .lstm, .gru, .rnn: false
    }
  }
  var inputCount: ClosedRange<Int> {
    switch self {
    case .lstm: 3...8
    case .gru, .rnn: 3...6
    case .dynamicQuantizeLSTM: 12...12
    }
  }
  /// The cell's own activations, of one direction.
  package var activations: [Recurrent.Activation] {
    switch self {
    case .lstm, .dynamicQuantizeLSTM:
      [.elementwise(.sigmoid), .elementwise(.tanh), .elementwise(.tanh)]
    case .gru: [.elementwise(.sigmoid), .elementwise(.tanh)]
    case .rnn: [.elementwise(.tanh)]
    }
  }
  /// How many gates or states each activation of one direction serves.
  var activationUses: [Int] {
    switch self {
    case .lstm(let couples), .dynamicQuantizeLSTM(let couples): [couples ? 2 : 3, 1, 1]
    case .gru: [2, 1]
    case .rnn: [1]
    }
  }
}
