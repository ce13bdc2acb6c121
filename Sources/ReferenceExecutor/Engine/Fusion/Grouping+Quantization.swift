import CKernels
import ModelIR
import TensorTypes

extension Grouping {
  /// A node whose operands stand for real numbers as bytes, or which sums integers, with what
  /// follows it and can happen on the way.
  func quantized(around node: Node) throws(ExecutionError) -> KernelGroup? {
    guard let result = node.outputs.first ?? nil, graph[result].type?.elementCount ?? 0 > 0 else {
      return nil
    }
    switch node.op {
    case .convolution, .matrixProduct: return try integerProduct(node, result)
    case .elementwise:
      if let group = try quantizedBinary(node, result) { return group }
      return try quantizedFunction(node)
    case .pooling(let pooling):
      switch pooling.function {
      case .average, .globalAverage: return try quantizedAverage(node, result)
      case .max, .lp, .globalMax, .globalLp, .maxRegion, .maxUnpool, .regionAlign,
        .qLinearAverage, .qLinearGlobalAverage:
        return nil
      }
    case .movement(.concat):
      guard node.inputs.allSatisfy({ $0.map { lowering.affines[$0.index] != nil } ?? false }),
        let (quantizer, output) = try quantizer(of: result)
      else { return nil }
      return KernelGroup(
        nodes: [node.id, quantizer], form: .quantized(.concatenation(output: output)))
    case .einsum, .normalization, .softmax, .reduction, .quantization, .attention, .recurrent,
      .view, .movement, .indexing, .generator, .signal, .geometry, .conditional, .loop, .scan,
      .opaque:
      return nil
    }
  }

  /// The node that alone reads a value, if it makes bytes of it.
  func quantizer(of value: Value.ID) throws(ExecutionError) -> (Node.ID, ByteAffine)? {
    guard let id = uses.onlyConsumer(of: value), isFree(id),
      case .quantization(let quantization) = graph[id].op,
      case .quantizeLinear = quantization.function, graph[id].inputs.first == value,
      let affine = try lowering.affine(of: graph[id])
    else { return nil }
    return (id, affine)
  }

  private func quantizedAverage(
    _ node: Node, _ result: Value.ID
  ) throws(ExecutionError) -> KernelGroup? {
    guard let source = node.inputs.first ?? nil, lowering.affines[source.index] != nil,
      (3...4).contains(graph[source].type?.rank ?? 0),
      let (quantizer, output) = try quantizer(of: result)
    else { return nil }
    return KernelGroup(nodes: [node.id, quantizer], form: .quantized(.average(output: output)))
  }

  private func quantizedBinary(
    _ node: Node, _ result: Value.ID
  ) throws(ExecutionError) -> KernelGroup? {
    guard case .elementwise(let elementwise) = node.op, node.inputs.count == 2,
      elementwise.function == .add || elementwise.function == .mul,
      let first = node.inputs[0], let second = node.inputs[1],
      lowering.affines[first.index] != nil, lowering.affines[second.index] != nil,
      graph[first].type == graph[second].type
    else { return nil }
    var members = [node.id]
    var value = result
    var bounds = -Float.infinity...Float.infinity
    if let found = try activation(of: value), found.nodes.count == 1,
      let clamp = found.activation.bounds, let next = graph[found.nodes[0]].outputs.first ?? nil
    {
      bounds = clamp
      members += found.nodes
      value = next
    }
    guard let (quantizer, output) = try quantizer(of: value) else { return nil }
    return KernelGroup(
      nodes: members + [quantizer],
      form: .quantized(
        .binary(multiplies: elementwise.function == .mul, bounds: bounds, output: output)))
  }

  /// Elementwise nodes that depend on one value alone and end where bytes are made again.
  private func quantizedFunction(_ node: Node) throws(ExecutionError) -> KernelGroup? {
    guard
      let source = node.inputs.first(where: {
        $0.map { lowering.affines[$0.index] != nil } ?? false
      }),
      let source
    else { return nil }
    let limit = 16
    var known: Set<Value.ID> = [source]
    var members: [Node.ID] = []
    var next: Set<Node.ID> = [node.id]
    while let id = next.min(), members.count < limit {
      next.remove(id)
      let node = graph[id]
      guard isFree(id), case .elementwise = node.op, node.outputs.count == 1,
        let result = node.outputs[0], isFloat(result),
        graph[result].type?.elementCount == graph[source].type?.elementCount
      else { return nil }
      for case let input? in node.inputs where !known.contains(input) {
        guard try lowering.scalar(input) != nil else { return nil }
      }
      known.insert(result)
      members.append(id)
      if next.isEmpty, isClosed(members), let end = try quantizer(afterNamesOf: result) {
        return KernelGroup(
          nodes: members + end.nodes,
          form: .quantized(.table(source: source, output: end.output)))
      }
      if uses.isOutput[result.index] { return nil }
      next.formUnion(uses.consumers[result.index])
    }
    return nil
  }

  /// The node that makes bytes of a value, and changes of names before it.
  private func quantizer(
    afterNamesOf value: Value.ID
  ) throws(ExecutionError) -> (nodes: [Node.ID], output: ByteAffine)? {
    var value = value
    var nodes: [Node.ID] = []
    while nodes.count < 4 {
      if let (id, output) = try quantizer(of: value) { return (nodes + [id], output) }
      guard let id = uses.onlyConsumer(of: value), isFree(id), case .view = graph[id].op,
        graph[id].inputs.first == value, graph[id].outputs.count == 1,
        let result = graph[id].outputs[0], isFloat(result)
      else { return nil }
      nodes.append(id)
      value = result
    }
    return nil
  }
}

extension Activation {
  /// The numbers between which the function keeps others as they are; `nil` for other functions.
  var bounds: ClosedRange<Float>? {
    switch function {
    case BF_IDENTITY: -.infinity ... .infinity
    case BF_RELU: 0 ... .infinity
    case BF_CLAMP: a <= b ? a...b : nil
    default: nil
    }
  }
}
