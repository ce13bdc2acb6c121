/// Why the nodes and values of a file make no graph.
public struct GraphError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Reason: Hashable, Sendable {
    case missingVersion
    case missingOperatorSet
    case undefinedInput(value: String)
    /// The input exists, but only a later node computes it: the nodes are cyclic or out of order.
    case notSorted(value: String, producer: String)
    case undefinedOutput(value: String)
    case duplicateDefinition(value: String)
    case unknownDataType(value: String, number: Int)
    case duplicateFunction(name: String)
    case recursiveFunction(name: String)
    case tooManyArguments(function: String, expected: Int, actual: Int)
    case nestedTooDeeply(limit: Int)
    case expansionTooLarge(limit: Int)
    case bodyMismatch(what: String, expected: Int, actual: Int)
    case missingSubgraph
    case subgraphIndex(Int, count: Int)
    case tensorIndex(Int, count: Int, what: String)
    case operatorCode(Int, count: Int)
  }

  /// The node at fault; `nil` for the graph as a whole.
  public let node: String?
  public let reason: Reason

  public init(node: String? = nil, _ reason: Reason) {
    self.node = node
    self.reason = reason
  }

  public var description: String {
    node.map { "node '\($0)': \(reason)" } ?? "\(reason)"
  }
}

extension GraphError.Reason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missingVersion: "this is not an ONNX model: it states no ir_version"
    case .missingOperatorSet:
      "the model imports no version of the default operator set (opset_import)"
    case .undefinedInput(let value): "input '\(value)' is defined nowhere"
    case .notSorted(let value, let producer):
      "input '\(value)' is computed only later, by '\(producer)': "
        + "the nodes are cyclic or out of order"
    case .undefinedOutput(let value): "output '\(value)' is defined nowhere"
    case .duplicateDefinition(let value): "value '\(value)' is defined twice"
    case .unknownDataType(let value, let number):
      "value '\(value)' has the unknown data type \(number)"
    case .duplicateFunction(let name): "function '\(name)' is defined twice"
    case .recursiveFunction(let name): "function '\(name)' calls itself"
    case .tooManyArguments(let function, let expected, let actual):
      "function '\(function)' has \(expected) arguments or results, the call has \(actual)"
    case .nestedTooDeeply(let limit): "more than \(limit) functions and subgraphs are nested"
    case .expansionTooLarge(let limit):
      "the graph with its functions expanded has more than \(limit) nodes and values"
    case .missingSubgraph: "the model has no subgraph"
    case .subgraphIndex(let index, let count):
      "refers to subgraph \(index), but the model has \(count)"
    case .tensorIndex(let index, let count, let what):
      "\(what) is tensor \(index), but the subgraph has \(count) tensors"
    case .operatorCode(let index, let count):
      "has the operator code \(index), but the model has \(count)"
    case .bodyMismatch(let what, let expected, let actual):
      "\(what): expected \(expected), found \(actual)"
    }
  }
}
