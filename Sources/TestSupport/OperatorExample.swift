public import ModelIR

public struct OperatorExample: Sendable {
  public let op: Operator
  public let inputs: [Operand?]
  public let outputCount: Int
  public init(_ op: Operator, _ inputs: [Operand?], outputCount: Int = 1) {
    self.op = op
    self.inputs = inputs
    self.outputCount = outputCount
  }
}
