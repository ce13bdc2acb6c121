public import TensorTypes

/// Why the types of a graph cannot be inferred.
public enum InferenceError: Error, Hashable, Sendable, CustomStringConvertible {
  /// An extent of an input is free and no default suits it; `suggestion` is a command-line option.
  case unboundDimension(input: String, dimension: Dimension, axis: Int, suggestion: String)
  case unknownRank(input: String)
  /// A batch was asked for, but no input leaves its batch dimension free.
  case fixedBatch(Int)
  case unusableBatch(Int)
  case shapeMismatch(value: String, declared: Shape, stated: [Int])
  case dimensionMismatch(name: String, first: Int, second: Int)
  case unknownValue(String, known: [String])
  case unknownDimension(String, known: [String])
  case unknownLoop(String, known: [String])
  case negativeNumber(String, Int)
  case node(name: String, operatorName: String, ShapeError)
  /// A type whose extents are negative, or too large to count in bytes.
  case unusableType(value: String, TensorType)
  case tooDeep(limit: Int)
  /// The inputs or outputs of a control-flow node do not suit its subgraphs.
  case malformedControlFlow(node: String, reason: String)

  public var description: String {
    switch self {
    case .unboundDimension(let input, let dimension, let axis, let suggestion):
      "input '\(input)': dimension \(axis) (\(dimension)) has no extent; state it with "
        + suggestion
    case .unknownRank(let input):
      "input '\(input)': the model gives no shape; state it with --shape \(input):EXTENTS"
    case .fixedBatch(let batch):
      "no input has a free batch dimension that could be \(batch)"
    case .unusableBatch(let batch): "a batch of \(batch) is no batch"
    case .shapeMismatch(let value, let declared, let stated):
      "'\(value)' has shape \(declared), which \(Shape(stated.map { .fixed($0) })) does not suit"
    case .dimensionMismatch(let name, let first, let second):
      "dimension '\(name)' is \(first) in one place and \(second) in another"
    case .unknownValue(let name, let known):
      "no value is named '\(name)'; the inputs are \(Self.list(known))"
    case .unknownDimension(let name, let known):
      "no dimension of an input is named '\(name)'; the named ones are \(Self.list(known))"
    case .unknownLoop(let name, let known):
      "no loop is named '\(name)'; the loops are \(Self.list(known))"
    case .negativeNumber(let name, let number): "'\(name)': \(number) is negative"
    case .node(let name, let operatorName, let error):
      "node '\(name)' (\(operatorName)): \(error)"
    case .unusableType(let value, let type):
      "value '\(value)': \(type) is not a size that can be counted"
    case .tooDeep(let limit): "control flow is nested more than \(limit) levels deep"
    case .malformedControlFlow(let node, let reason): "node '\(node)': \(reason)"
    }
  }

  /// Whether the options are at fault, rather than the model.
  public var isUsage: Bool {
    switch self {
    case .unboundDimension, .unknownRank, .fixedBatch, .unusableBatch, .shapeMismatch,
      .dimensionMismatch,
      .unknownValue, .unknownDimension, .unknownLoop, .negativeNumber:
      true
    case .node, .unusableType, .tooDeep, .malformedControlFlow: false
    }
  }

  private static func list(_ names: [String]) -> String {
    names.isEmpty ? "none" : names.map { "'\($0)'" }.joined(separator: ", ")
  }
}
