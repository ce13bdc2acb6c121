import ModelIR
import TensorTypes

func tensor(_ dimensions: Int...) -> Operand { Operand(TensorType(.float32, dimensions)) }
func tensor(_ dtype: DType, _ dimensions: Int...) -> Operand {
  Operand(TensorType(dtype, dimensions))
}
func float32(_ dimensions: Int...) -> TensorType { TensorType(.float32, dimensions) }

/// The types and the work of one use.
func evaluated(
  _ definition: some OperatorDefinition, _ inputs: [Operand?], outputCount: Int = 1
) throws -> (types: [TensorType?], work: Work?) {
  let types = try definition.outputTypes(for: inputs, outputCount: outputCount)
  return (types, definition.work(inputs: inputs, outputs: types))
}
