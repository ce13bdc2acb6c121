public import TensorTypes

/// What a shape rule may know about one input: its type always, its elements when they are known
/// before any run (shape arithmetic, axes, indices).
public struct Operand: Sendable, Hashable {
  public var type: TensorType
  public var literal: TensorLiteral?
  public init(_ type: TensorType, literal: TensorLiteral? = nil) {
    self.type = type
    self.literal = literal
  }
  public init(_ literal: TensorLiteral) {
    self.init(literal.type, literal: literal)
  }
}

/// The meaning of one operator family: attributes are stored properties, and the shape rule and
/// the work formula stand beside them. No requirement has a default: an operator without a cost
/// does not compile.
public protocol OperatorDefinition: Sendable, Hashable {
  /// The operator's name in support lists, reports and fusion rules.
  var kind: OperatorKind { get }

  /// The types of the outputs. `inputs` has `nil` where an optional input is absent; an output is
  /// `nil` where its shape depends on data that only a run knows. Never traps, whatever the
  /// attributes and extents: they come from files.
  func outputTypes(
    for inputs: [Operand?], outputCount: Int
  ) throws(ShapeError) -> [TensorType?]

  /// The work of one evaluation; `nil` when it is unknown, which is not zero. Called only with
  /// types that ``outputTypes(for:outputCount:)`` accepted. `outputs` has `nil` for an output
  /// that the node leaves out.
  func work(inputs: [Operand?], outputs: [TensorType?]) -> Work?
}

/// An operator whose result can be computed at load time from known elements: the shape arithmetic
/// between a `Shape` and a `Reshape`.
public protocol FoldableOperator: OperatorDefinition {
  /// The elements of the outputs, or `nil` when this case is not folded. `inputs` has `nil` where
  /// an optional input is absent. Never traps.
  func evaluate(_ inputs: [TensorLiteral?], outputs: [TensorType]) -> [TensorLiteral]?
}

/// Why the inputs of a node do not suit its operator.
public enum ShapeError: Error, Hashable, Sendable, CustomStringConvertible {
  case wrongInputCount(expected: ClosedRange<Int>, actual: Int)
  case wrongRank(input: Int, expected: String, actual: Int)
  case contractionMismatch(left: Int, right: Int)
  case broadcastMismatch(left: [Int], right: [Int])
  case extentMismatch(what: String, expected: Int, actual: Int)
  case axisOutOfRange(axis: Int, rank: Int)
  case invalidAttribute(name: String, reason: String)
  case invalidInput(index: Int, reason: String)
  case tooLarge(String)

  public var description: String {
    switch self {
    case .wrongInputCount(let expected, let actual):
      expected.lowerBound == expected.upperBound
        ? "expected \(expected.lowerBound) inputs, found \(actual)"
        : "expected \(expected.lowerBound) to \(expected.upperBound) inputs, found \(actual)"
    case .wrongRank(let input, let expected, let actual):
      "input \(input) has rank \(actual), expected \(expected)"
    case .contractionMismatch(let left, let right):
      "the contracted extents differ: \(left) on the left, \(right) on the right"
    case .broadcastMismatch(let left, let right):
      "shapes \(left) and \(right) do not broadcast"
    case .extentMismatch(let what, let expected, let actual):
      "\(what) is \(actual), expected \(expected)"
    case .axisOutOfRange(let axis, let rank): "axis \(axis) is out of range for rank \(rank)"
    case .invalidAttribute(let name, let reason): "attribute '\(name)' \(reason)"
    case .invalidInput(let index, let reason): "input \(index) \(reason)"
    case .tooLarge(let what): "\(what) is too large to count"
    }
  }
}

/// A name for an operator that no family models.
public struct OpaqueOperator: Sendable, Hashable {
  public let name: String
  public let domain: String
  public init(name: String, domain: String) {
    self.name = name
    self.domain = domain
  }
}
