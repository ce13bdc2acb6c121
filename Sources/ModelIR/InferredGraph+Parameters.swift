import Quantities
import TensorTypes

extension InferredGraph {
  /// Elements of all stored tensors that are parameters, each counted once: numbers with at least
  /// one axis, whether stored in the file or made by a generator of constants. Scalars, indices,
  /// axes and shapes are not parameters; nor is what no node reads.
  public var parameterCount: Int { graph.parameterCount(depth: 0) }
}

extension Graph {
  fileprivate func parameterCount(depth: Int) -> Int {
    guard depth <= Inference.maximumDepth else { return 0 }
    var isRead = [Bool](repeating: false, count: values.count)
    var isReadByArithmetic = isRead
    var inner = 0
    for node in nodes {
      for case let input? in node.inputs {
        isRead[input.index] = true
        if node.op.readsIntegerParameters { isReadByArithmetic[input.index] = true }
      }
      for subgraph in node.op.subgraphs {
        inner = saturatingSum(inner, subgraph.body.parameterCount(depth: depth + 1))
      }
    }
    return values.reduce(inner) { count, value in
      guard isRead[value.id.index], value.isConstant, isStored(value), let type = value.type,
        type.rank >= 1,
        type.dtype.isFloatingPoint || type.dtype.isQuantizedStorage
          || type.dtype == .int32 && isReadByArithmetic[value.id.index]
      else { return count }
      return saturatingSum(count, type.elementCount)
    }
  }

  /// Whether a constant is kept as such, rather than computed from others at load.
  private func isStored(_ value: Value) -> Bool {
    switch value.origin {
    // Scales and the like, which other formats write as settings.
    case .weight(.stated): false
    case .weight: true
    case .node(let id): if case .generator = self[id].op { true } else { false }
    case .input, .captured: false
    }
  }
}

extension Operator {
  /// Whether its 32-bit inputs are biases of integer arithmetic.
  fileprivate var readsIntegerParameters: Bool {
    switch self {
    case .convolution, .matrixProduct, .quantization: true
    case .elementwise, .einsum, .pooling, .normalization, .softmax, .reduction, .attention,
      .recurrent, .view, .movement, .indexing, .generator, .signal, .geometry, .conditional, .loop,
      .scan, .opaque:
      false
    }
  }
}

private func saturatingSum(_ lhs: Int, _ rhs: Int) -> Int {
  let (sum, overflow) = lhs.addingReportingOverflow(rhs)
  return overflow ? .max : sum
}
