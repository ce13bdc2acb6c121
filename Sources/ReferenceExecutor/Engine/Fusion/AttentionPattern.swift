import ModelIR
import TensorTypes

/// The operands of attention written as products, scaling, mask and softmax.
struct AttentionPattern {
  var query: Value.ID
  var key: Value.ID
  /// Whether the last axis of the key runs over its rows, not over the elements of a head.
  var isKeyTransposed: Bool
  var value: Value.ID
  var mask: Value.ID?
  var scale: Double
}

extension Grouping {
  /// The attention whose softmax is `node`.
  func attention(around node: Node) throws(ExecutionError) -> KernelGroup? {
    guard case .softmax(let softmax) = node.op, softmax.function == .softmax,
      let scores = node.inputs.first ?? nil, let type = graph[scores].type, isFloat(scores),
      (2...4).contains(type.rank), type.elementCount > 0,
      softmax.axis == -1 || softmax.axis == type.rank - 1,
      let weights = node.outputs[0], let last = uses.onlyConsumer(of: weights).map({ graph[$0] }),
      isFree(last.id), let (first, value) = factors(last), first == weights, value != weights
    else { return nil }
    var members = [node.id, last.id]
    var current = scores
    var mask: Value.ID?
    var scale = 1.0
    var product: (Value.ID, Value.ID)?
    while product == nil {
      guard uses.onlyConsumer(of: current) != nil, let producer = producer(of: current),
        isFree(producer.id)
      else { return nil }
      members.append(producer.id)
      if let operands = factors(producer) {
        product = operands
      } else if let (operand, factor) = try scaled(producer) {
        scale *= factor
        current = operand
      } else if mask == nil, scale == 1, let (operand, addend) = masked(producer, type) {
        mask = addend
        current = operand
      } else {
        return nil
      }
    }
    guard var (query, key) = product, graph[query].type?.rank == type.rank,
      graph[key].type?.rank == type.rank, graph[value].type?.rank == type.rank
    else { return nil }
    // A kernel that packs its constant operand is better where there is one.
    guard !uses.isConstant[key.index], !uses.isConstant[value.index] else { return nil }
    func unscale(_ operand: inout Value.ID) throws(ExecutionError) {
      guard let producer = producer(of: operand), isFree(producer.id),
        uses.onlyConsumer(of: operand) != nil, let (source, factor) = try scaled(producer)
      else { return }
      members.append(producer.id)
      scale *= factor
      operand = source
    }
    try unscale(&query)
    try unscale(&key)
    var pattern = AttentionPattern(
      query: query, key: key, isKeyTransposed: true, value: value, mask: mask, scale: scale)
    unrepeatKey(&pattern, &members)
    if let (base, repeating) = repeated(pattern.value) {
      pattern.value = base
      members += repeating
    }
    guard
      graph[pattern.value].type?.dimensions.dropLast(2)
        == graph[pattern.key].type?.dimensions.dropLast(2)
    else { return nil }
    let ordered = members.filter { $0 != node.id }.sorted()
    return KernelGroup(nodes: [node.id] + ordered, form: .attention(pattern))
  }

  /// The operands of a plain product of float32.
  private func factors(_ node: Node) -> (Value.ID, Value.ID)? {
    guard case .matrixProduct(let product) = node.op, product.function == .matMul,
      node.inputs.count == 2, let left = node.inputs[0], let right = node.inputs[1],
      isFloat(left), isFloat(right)
    else { return nil }
    return (left, right)
  }

  /// A value times a constant number.
  private func scaled(_ node: Node) throws(ExecutionError) -> (Value.ID, Double)? {
    guard case .elementwise(let elementwise) = node.op, node.inputs.count == 2,
      let left = node.inputs[0], let right = node.inputs[1], let result = node.outputs[0]
    else { return nil }
    if elementwise.function == .mul || elementwise.function == .div,
      let scalar = try lowering.scalar(right), graph[left].type == graph[result].type
    {
      return (left, elementwise.function == .mul ? scalar : 1 / scalar)
    }
    if elementwise.function == .mul, let scalar = try lowering.scalar(left),
      graph[right].type == graph[result].type
    {
      return (right, scalar)
    }
    return nil
  }

  private func masked(_ node: Node, _ scores: TensorType) -> (Value.ID, Value.ID)? {
    guard case .elementwise(let elementwise) = node.op, elementwise.function == .add,
      let left = node.inputs[0], let right = node.inputs[1]
    else { return nil }
    for (operand, mask) in [(left, right), (right, left)] {
      if graph[operand].type == scores, uses.onlyConsumer(of: operand) != nil,
        let producer = producer(of: operand), isFree(producer.id), isFloat(mask),
        graph[mask].type?.elementCount ?? 0 > 0
      {
        return (operand, mask)
      }
    }
    return nil
  }

  /// Follows the key through the exchange of its last axes, and to the heads before they are
  /// repeated.
  private func unrepeatKey(_ pattern: inout AttentionPattern, _ members: inout [Node.ID]) {
    guard let transpose = producer(of: pattern.key), isFree(transpose.id),
      uses.onlyConsumer(of: pattern.key) != nil,
      case .movement(.transpose(let permutation)) = transpose.op, permutation == [0, 1, 3, 2],
      let source = transpose.inputs[0], let (base, repeating) = repeated(source)
    else { return }
    pattern.key = base
    pattern.isKeyTransposed = false
    members += [transpose.id] + repeating
  }

  /// The heads `[batch, heads, length, size]` that a value repeats, each as often, and the nodes
  /// that do so; `nil` when it repeats none.
  private func repeated(_ value: Value.ID) -> (Value.ID, [Node.ID])? {
    guard uses.onlyConsumer(of: value) != nil, let reshape = producer(of: value),
      case .view(.reshape) = reshape.op, isFree(reshape.id), let wide = reshape.inputs[0],
      uses.onlyConsumer(of: wide) != nil, let expand = producer(of: wide),
      case .movement(.expand) = expand.op, isFree(expand.id), let narrow = expand.inputs[0],
      uses.onlyConsumer(of: narrow) != nil, let unsqueeze = producer(of: narrow),
      case .view = unsqueeze.op, isFree(unsqueeze.id), let base = unsqueeze.inputs[0],
      let extents = graph[base].type?.dimensions, extents.count == 4,
      let expanded = graph[wide].type?.dimensions, expanded.count == 5
    else { return nil }
    let (batch, heads, length, size) = (extents[0], extents[1], extents[2], extents[3])
    guard graph[narrow].type?.dimensions == [batch, heads, 1, length, size],
      expanded == [batch, heads, expanded[2], length, size],
      graph[value].type?.dimensions == [batch, heads * expanded[2], length, size]
    else { return nil }
    return (base, [reshape.id, expand.id, unsqueeze.id])
  }
}
