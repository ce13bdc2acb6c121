import ModelIR
import TensorTypes

/// What a graph asks of its inputs.
struct InputBinding: Sendable {
  private let inputs: [GraphInput]

  init(_ graph: Graph) { inputs = graph.inputs }

  /// The type of an input where inference or the file gives all of it.
  func type(of input: GraphInput, in graph: Graph) -> TensorType? {
    if let type = graph[input.value].type { return type }
    guard let dtype = input.dtype, let shape = input.shape else { return nil }
    var extents: [Int] = []
    for dimension in shape.dimensions {
      guard case .fixed(let extent) = dimension else { return nil }
      extents.append(extent)
    }
    return TensorType(dtype, extents)
  }

  func check(_ tensors: [Tensor], against graph: Graph) throws(ExecutionError) {
    if tensors.count < inputs.count {
      let missing = inputs[tensors.count]
      throw .missingInput(
        name: graph[missing.value].name, type: expected(missing, in: graph))
    }
    guard tensors.count == inputs.count else {
      throw .unknownInput(
        name: "number \(inputs.count + 1)", known: inputs.map { graph[$0.value].name })
    }
    var extents: [String: Int] = [:]
    for (input, tensor) in zip(inputs, tensors) {
      guard accepts(tensor.type, input, in: graph, &extents) else {
        throw .wrongInput(
          name: graph[input.value].name, expected: expected(input, in: graph),
          found: tensor.type.description)
      }
    }
  }

  private func accepts(
    _ type: TensorType, _ input: GraphInput, in graph: Graph, _ extents: inout [String: Int]
  ) -> Bool {
    if let known = self.type(of: input, in: graph) { return type == known }
    if let dtype = input.dtype, dtype != type.dtype { return false }
    guard let shape = input.shape else { return true }
    guard shape.dimensions.count == type.rank else { return false }
    for (dimension, extent) in zip(shape.dimensions, type.dimensions) {
      switch dimension {
      case .fixed(let fixed): if fixed != extent { return false }
      case .named(let name):
        if let bound = extents[name], bound != extent { return false }
        extents[name] = extent
      case .unknown: break
      }
    }
    return true
  }

  private func expected(_ input: GraphInput, in graph: Graph) -> String {
    if let type = type(of: input, in: graph) { return type.description }
    let dtype = input.dtype?.rawValue ?? "a tensor"
    return input.shape.map { "\(dtype) \($0)" } ?? dtype
  }
}
