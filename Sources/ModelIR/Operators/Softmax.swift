import Quantities
public import TensorTypes

/// `y = exp(x − max x) / Σ exp(x − max x)` along an axis, its logarithm, or the indicator of the
/// first maximum.
public struct Softmax: OperatorDefinition {
  public enum Function: Sendable, Hashable { case softmax, logSoftmax, hardmax, qLinearSoftmax }
  public let function: Function
  /// The axis, negative from the end.
  public let axis: Int
  /// Opsets below 13 normalise over all axes from `axis` on, as if flattened.
  public let flattensTrailingAxes: Bool
  public init(_ function: Function, axis: Int, flattensTrailingAxes: Bool = false) {
    self.function = function
    self.axis = axis
    self.flattensTrailingAxes = flattensTrailingAxes
  }

  public var kind: OperatorKind {
    switch function {
    case .softmax: .softmax
    case .logSoftmax: .logSoftmax
    case .hardmax: .hardmax
    case .qLinearSoftmax: .qLinearSoftmax
    }
  }

  public func outputTypes(
    for inputs: [Operand?], outputCount: Int
  ) throws(ShapeError) -> [TensorType?] {
    guard let input = inputs.first ?? nil else {
      throw .wrongInputCount(expected: 1...5, actual: 0)
    }
    _ = try resolvedAxis(axis, rank: max(input.type.rank, 1))
    return [input.type]
  }

  /// Per element: compare, subtract, exponentiate, add, divide. The logarithm replaces the divide
  /// by a subtract and adds one operation a row, which is left out; hardmax only compares.
  public func work(inputs: [Operand?], outputs: [TensorType?]) -> Work? {
    let operations =
      switch function {
      case .softmax, .logSoftmax, .qLinearSoftmax: 5
      case .hardmax: 1
      }
    return Work(
      otherOperations: .product(operations, outputs[0]?.elementCount ?? 0),
      inputs: inputs, outputs: outputs)
  }
}
