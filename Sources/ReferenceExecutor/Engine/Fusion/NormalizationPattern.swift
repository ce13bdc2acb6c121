import ModelIR
import TensorTypes

/// The operands of layer normalization, or of normalization by the root mean square, written as
/// several operators; over the last axis.
struct NormalizationPattern {
  var input: Value.ID
  var isRootMeanSquare: Bool
  var epsilon: Double
  var scale: Value.ID?
  var bias: Value.ID?
}

extension Grouping {
  /// The normalization whose mean of squares is `node`.
  func normalization(around node: Node) throws(ExecutionError) -> KernelGroup? {
    guard let squares = meanOperand(node), let power = producer(of: squares), isFree(power.id),
      uses.onlyConsumer(of: squares) != nil, let centered = try squared(power),
      let type = graph[centered].type, type.elementCount > 0, isFloat(centered),
      let root = try root(of: node)
    else { return nil }
    var members = [node.id, power.id] + root.nodes
    let inner = Set(
      uses.consumers[centered.index].filter { $0 != power.id && !members.contains($0) })
    guard let quotient = quotient(centered, root.value, root.isReciprocal, among: inner) else {
      return nil
    }
    members.append(quotient.id)
    var pattern = NormalizationPattern(
      input: centered, isRootMeanSquare: true, epsilon: root.epsilon)
    if let (input, nodes) = uncentered(centered), inner == [quotient.id],
      !uses.isOutput[centered.index]
    {
      pattern.input = input
      pattern.isRootMeanSquare = false
      members += nodes
    }
    guard var result = quotient.outputs[0] else { return nil }
    let width = type.dimensions[type.rank - 1]
    if let (next, parameter) = follower(of: result, .mul, width: width) {
      pattern.scale = parameter
      members.append(next.id)
      result = next.outputs[0] ?? result
      if let (next, parameter) = follower(of: result, .add, width: width) {
        pattern.bias = parameter
        members.append(next.id)
      }
    }
    let ordered = members.filter { $0 != node.id }.sorted()
    return KernelGroup(nodes: [node.id] + ordered, form: .normalization(pattern))
  }

  /// The operand of a mean over the last axis that keeps the axis.
  private func meanOperand(_ node: Node) -> Value.ID? {
    guard case .reduction(let reduction) = node.op,
      case .reduce(.mean, let stated) = reduction.function, stated.keepsAxes,
      let operands = graph.operandTypes(of: node), let axes = stated.axes(of: operands),
      let source = node.inputs[0], let rank = graph[source].type?.rank, axes == [rank - 1]
    else { return nil }
    return source
  }

  private func squared(_ node: Node) throws(ExecutionError) -> Value.ID? {
    guard case .elementwise(let elementwise) = node.op, let base = node.inputs.first ?? nil,
      node.inputs.count == 2, let other = node.inputs[1]
    else { return nil }
    switch elementwise.function {
    case .pow: return try lowering.scalar(other) == 2 ? base : nil
    case .mul: return base == other ? base : nil
    default: return nil
    }
  }

  /// √(mean + ε), or its reciprocal.
  private func root(
    of mean: Node
  ) throws(ExecutionError) -> (
    value: Value.ID, isReciprocal: Bool, epsilon: Double, nodes: [Node.ID]
  )? {
    guard let variance = mean.outputs[0], let add = only(variance, .add),
      let other = add.inputs.first(where: { $0 != variance }), let other,
      let epsilon = try lowering.scalar(other), let sum = add.outputs[0],
      let root = only(sum, .sqrt), let deviation = root.outputs[0]
    else { return nil }
    if let reciprocal = only(deviation, .reciprocal), let result = reciprocal.outputs[0] {
      return (result, true, epsilon, [add.id, root.id, reciprocal.id])
    }
    return (deviation, false, epsilon, [add.id, root.id])
  }

  /// The only reader of a value, when it applies the function.
  private func only(_ value: Value.ID, _ function: Elementwise.Function) -> Node? {
    guard let id = uses.onlyConsumer(of: value), isFree(id),
      case .elementwise(let elementwise) = graph[id].op, elementwise.function == function
    else { return nil }
    return graph[id]
  }

  /// The node that divides by the root, or multiplies by its reciprocal.
  private func quotient(
    _ centered: Value.ID, _ root: Value.ID, _ isReciprocal: Bool, among nodes: Set<Node.ID>
  ) -> Node? {
    guard let node = only(root, isReciprocal ? .mul : .div), nodes.contains(node.id) else {
      return nil
    }
    let operands = [node.inputs[0], node.inputs[1]]
    return operands == [centered, root] || isReciprocal && operands == [root, centered]
      ? node : nil
  }

  /// What a value is centred from: `x − mean(x)`.
  private func uncentered(_ centered: Value.ID) -> (Value.ID, [Node.ID])? {
    guard let subtraction = producer(of: centered), isFree(subtraction.id),
      case .elementwise(let elementwise) = subtraction.op, elementwise.function == .sub,
      let input = subtraction.inputs[0], let mean = subtraction.inputs[1],
      uses.onlyConsumer(of: mean) != nil, let reduction = producer(of: mean),
      isFree(reduction.id), meanOperand(reduction) == input
    else { return nil }
    return (input, [subtraction.id, reduction.id])
  }

  /// The only reader of a value, when it adds or multiplies a constant row of `width`.
  private func follower(
    of value: Value.ID, _ function: Elementwise.Function, width: Int
  ) -> (Node, Value.ID)? {
    guard let node = only(value, function), let other = node.inputs.first(where: { $0 != value }),
      let other, uses.isConstant[other.index], isFloat(other),
      let extents = graph[other].type?.dimensions, extents.last == width,
      extents.dropLast().allSatisfy({ $0 == 1 }), let result = node.outputs[0],
      graph[result].type == graph[value].type
    else { return nil }
    return (node, other)
  }
}
