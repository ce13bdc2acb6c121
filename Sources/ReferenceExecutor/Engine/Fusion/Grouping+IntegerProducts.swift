import CKernels
import ModelIR
import TensorTypes

extension Operator {
  fileprivate var hasChannelsLast: Bool {
    if case .convolution(let convolution) = self { convolution.channelsLast } else { false }
  }
}

extension Grouping {
  /// A convolution or matrix product that integer kernels compute, with what follows it.
  func integerProduct(_ node: Node, _ own: Value.ID) throws(ExecutionError) -> KernelGroup? {
    guard let product = try lowering.integerProduct(node), let type = graph[own].type else {
      return nil
    }
    var stages = QuantizedStages()
    var members = [node.id]
    var value = own
    let channelAxis = product.isConvolution && !node.op.hasChannelsLast ? 1 : type.rank - 1
    switch product.result {
    case .bytes: return KernelGroup(nodes: members, form: .quantized(.product(stages)))
    case .real: break
    case .sums:
      guard let scaled = scaling(of: value, channelAxis: channelAxis) else {
        return KernelGroup(nodes: members, form: .quantized(.product(stages)))
      }
      stages.factor = scaled.factor
      members += scaled.nodes
      value = scaled.value
    }
    if let (id, addend, result) = addend(of: value, channelAxis: channelAxis) {
      stages.addend = addend
      members.append(id)
      value = result
    }
    if let (nodes, activation, result) = try function(of: value) {
      stages.activation = activation
      members += nodes
      value = result
    }
    if let (id, residual, result) = residual(of: value) {
      stages.residual = residual
      members.append(id)
      value = result
      if let (nodes, activation, result) = try function(of: value) {
        stages.residualActivation = activation
        members += nodes
        value = result
      }
    }
    if let (quantizer, output) = try quantizer(of: value) {
      stages.output = output
      members.append(quantizer)
    }
    return KernelGroup(nodes: members, form: .quantized(.product(stages)))
  }

  private func function(
    of value: Value.ID
  ) throws(ExecutionError) -> ([Node.ID], Activation, Value.ID)? {
    guard let found = try activation(of: value), let last = found.nodes.last,
      let result = graph[last].outputs.first ?? nil
    else { return nil }
    return (found.nodes, found.activation, result)
  }

  /// A cast of sums to real numbers and their product with a scale.
  private func scaling(
    of sums: Value.ID, channelAxis: Int
  ) -> (nodes: [Node.ID], factor: Value.ID, value: Value.ID)? {
    guard let cast = uses.onlyConsumer(of: sums), isFree(cast),
      case .movement(.cast(.float32, _)) = graph[cast].op, let real = graph[cast].outputs[0],
      let multiply = uses.onlyConsumer(of: real), isFree(multiply),
      case .elementwise(let elementwise) = graph[multiply].op, elementwise.function == .mul,
      let factor = graph[multiply].inputs.first(where: { $0 != real }), let factor,
      isFloat(factor), isPerChannel(factor, real, channelAxis: channelAxis),
      let value = graph[multiply].outputs[0], graph[value].type == graph[real].type
    else { return nil }
    return ([cast, multiply], factor, value)
  }

  private func addend(
    of value: Value.ID, channelAxis: Int
  ) -> (Node.ID, Value.ID, Value.ID)? {
    guard let (id, other, result) = addition(of: value), uses.isConstant[other.index],
      isPerChannel(other, value, channelAxis: channelAxis)
    else { return nil }
    return (id, other, result)
  }

  private func residual(of value: Value.ID) -> (Node.ID, Value.ID, Value.ID)? {
    guard let (id, other, result) = addition(of: value), lowering.affines[other.index] != nil,
      graph[other].type == graph[value].type
    else { return nil }
    return (id, other, result)
  }

  private func addition(of value: Value.ID) -> (Node.ID, Value.ID, Value.ID)? {
    guard let id = uses.onlyConsumer(of: value), isFree(id),
      case .elementwise(let elementwise) = graph[id].op, elementwise.function == .add,
      let other = graph[id].inputs.first(where: { $0 != value }), let other, isFloat(other),
      let result = graph[id].outputs[0], graph[result].type == graph[value].type
    else { return nil }
    return (id, other, result)
  }

  /// Whether there is one number, or one for each channel.
  private func isPerChannel(_ number: Value.ID, _ value: Value.ID, channelAxis: Int) -> Bool {
    guard let extents = graph[number].type?.dimensions, let type = graph[value].type,
      extents.count <= type.rank
    else { return false }
    let padded = Array(repeating: 1, count: type.rank - extents.count) + extents
    return padded.indices.allSatisfy {
      padded[$0] == 1 || $0 == channelAxis && padded[$0] == type.dimensions[$0]
    }
  }
}
