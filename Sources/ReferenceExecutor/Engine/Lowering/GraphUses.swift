import ModelIR
import TensorTypes

/// Who makes and who reads each value of a graph, and which values are the same at every run.
struct GraphUses {
  let producers: [Node.ID?]
  /// The nodes that read a value, each as often as it does.
  let consumers: [[Node.ID]]
  let isOutput: [Bool]
  let isConstant: [Bool]
  /// Values whose extents only a run tells, whatever was stated of them.
  let isDynamic: [Bool]
  /// Values whose channels are best stored last: what convolutions and pooling make, and what is
  /// made of it element by element.
  let prefersChannelsLast: [Bool]

  init(_ graph: Graph) {
    var producers = [Node.ID?](repeating: nil, count: graph.values.count)
    var consumers = [[Node.ID]](repeating: [], count: graph.values.count)
    var isOutput = [Bool](repeating: false, count: graph.values.count)
    var isConstant = isOutput
    var channelsLast = isOutput
    var isDynamic = graph.values.map { $0.type == nil }
    for value in graph.values {
      if case .weight = value.origin { isConstant[value.id.index] = value.type != nil }
      if value.literal != nil { isConstant[value.id.index] = true }
    }
    for id in graph.outputs { isOutput[id.index] = true }
    for node in graph.nodes {
      let inputs = node.inputs.compactMap { $0 }
      for input in inputs { consumers[input.index].append(node.id) }
      let isKnown =
        !node.op.drawsRandomNumbers && node.op.definition != nil
        && (inputs.allSatisfy { isConstant[$0.index] } || node.op.readsOnlyTypes)
      let hasDynamicInput = inputs.contains { isDynamic[$0.index] }
      let types = graph.operandTypes(of: node).flatMap { operands in
        try? node.op.definition?.outputTypes(for: operands, outputCount: node.outputs.count)
      }
      let prefers = node.op.prefersChannelsLast {
        inputs.contains { channelsLast[$0.index] }
      }
      for (position, output) in node.outputs.enumerated() {
        guard let output else { continue }
        if hasDynamicInput || types.map({ position < $0.count && $0[position] == nil }) ?? false {
          isDynamic[output.index] = true
        }
        producers[output.index] = node.id
        let type = graph[output].type
        if isKnown, !isDynamic[output.index] { isConstant[output.index] = true }
        channelsLast[output.index] = prefers && (3...5).contains(type?.rank ?? 0)
      }
    }
    self.producers = producers
    self.consumers = consumers
    self.isOutput = isOutput
    self.isConstant = isConstant
    self.isDynamic = isDynamic
    prefersChannelsLast = channelsLast
  }

  /// The only node that reads a value once, when nobody else needs it.
  func onlyConsumer(of value: Value.ID) -> Node.ID? {
    let readers = consumers[value.index]
    return readers.count == 1 && !isOutput[value.index] ? readers[0] : nil
  }
}

extension Operator {
  var drawsRandomNumbers: Bool {
    if case .generator(.random) = self { true } else { false }
  }

  /// Whether the result follows from the type of the input alone.
  var readsOnlyTypes: Bool {
    guard case .generator(let generator) = self else { return false }
    return [.shape, .size, .eyeLike, .priorBox].contains(generator.kind)
  }

  fileprivate func prefersChannelsLast(_ anyInput: () -> Bool) -> Bool {
    switch self {
    case .convolution(let convolution): !convolution.channelsLast
    case .pooling(let pooling): !pooling.channelsLast
    case .elementwise, .normalization, .softmax, .reduction, .quantization, .movement: anyInput()
    case .matrixProduct, .einsum, .attention, .recurrent, .view, .indexing, .generator, .signal,
      .geometry, .conditional, .loop, .scan, .opaque:
      false
    }
  }
}
