public import ModelIR

/// One small use of an operator, for suites that iterate over all of them.
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
