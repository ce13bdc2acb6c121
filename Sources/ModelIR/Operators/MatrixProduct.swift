public import TensorTypes

public struct MatrixProduct: OperatorDefinition {
  public init() {}
  public var kind: OperatorKind { .matMul }
  public func outputTypes(
    for inputs: [Operand?], outputCount: Int
  ) throws(ShapeError) -> [TensorType?] {
    throw .invalidAttribute(name: "stub", reason: "is not written yet")
  }
  public func work(inputs: [Operand?], outputs: [TensorType?]) -> Work? { nil }
}
