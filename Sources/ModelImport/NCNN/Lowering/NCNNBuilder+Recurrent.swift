import ModelIR
import TensorTypes

let recurrentLayers: [String: LowerLayer] = [
  "LSTM": { builder, view, inputs throws(LayerError) in
    let outputs = try view.positive(0, "num_output")
    // A projection of the hidden state.
    guard try view.int(3, default: outputs) == outputs else { throw .notModelled }
    return try builder.recurrence(view, inputs, .lstm(couplesInputAndForget: false), gates: 4)
  },
  "GRU": { builder, view, inputs throws(LayerError) in
    try builder.recurrence(view, inputs, .gru(linearBeforeReset: true), gates: 3)
  },
  "RNN": { builder, view, inputs throws(LayerError) in
    try builder.recurrence(view, inputs, .rnn, gates: 1)
  },
]

extension NCNNBuilder {
  /// A sequence of rows through one cell or two; states are read and handed on where the layer has
  /// blobs for them. Each gate has one bias in ncnn and two here, of which the second counts for nothing
  /// but its few bytes.
  fileprivate mutating func recurrence(
    _ view: LayerView, _ inputs: [Value.ID], _ cell: Recurrent.Cell, gates: Int
  ) throws(LayerError) -> [Value.ID] {
    guard try view.int(8) == 0 else { throw .notModelled }
    let stateCount = gates == 4 ? 2 : 1
    let operands = try several(inputs, view, 1...1 + stateCount)
    let outputCount = view.layer.outputs.count
    guard [1, 1 + stateCount].contains(operands.count), [1, 1 + stateCount].contains(outputCount)
    else { throw .invalid("has \(operands.count) inputs and \(outputCount) outputs") }
    let hidden = try view.positive(0, "num_output")
    let directions: [Recurrent.Direction] = [.forward, .reverse, .bidirectional]
    let choice = try view.int(2)
    guard directions.indices.contains(choice) else { throw .invalid("direction is \(choice)") }
    let direction = directions[choice]
    let width = try view.product(gates, hidden, of: "the gates")
    let size = try view.quotient(
      try view.positive(1, "weight_data_size"),
      try view.product(direction.count, width, of: "the gates"), "weight_data_size")
    settle(operands[0], [.named("sequence_length"), .fixed(size)])
    for state in operands.dropFirst() { settle(state, [.fixed(direction.count), .fixed(hidden)]) }
    let extents = try self.extents(operands[0])
    guard extents.count == 2 else {
      throw .invalid("has an input of \(extents.count) axes, expected 2")
    }
    var arguments: [Value.ID?] = [
      operands[0], weight("\(view.name)/weight", [direction.count, width, size]),
      weight("\(view.name)/recurrence", [direction.count, width, hidden]),
      weight("\(view.name)/bias", [direction.count, 2 * width]), nil,
    ]
    arguments += operands.dropFirst().map { $0 }
    if operands.count == 1 { arguments.removeLast() }
    let names = [view.name] + (1..<outputCount).map { "\(view.name)/state\($0)" }
    let results = emit(
      .recurrent(Recurrent(cell, direction: direction, hiddenSize: hidden, batchFirst: true)),
      view.name, arguments, names: names,
      extents: [[extents[0], direction.count, hidden]]
        + Array(repeating: [direction.count, hidden], count: outputCount - 1))
    let rows = emit(
      .view(.reshape(to: [1, 0, direction.count * hidden])), "\(view.name)/rows", [results[0]],
      extents: [extents[0], direction.count * hidden])
    return [rows] + results.dropFirst()
  }
}
