import ModelIR
import Platform
import ReferenceExecutor
import TensorTypes
import TestSupport

/// Elements for the inputs of an example: its literals; small numbers of the dtype; zeros where
/// elements are indices or lengths, except where an operator needs others.
func sampleInputs<S: KernelScalar>(
  _ example: OperatorExample, using generator: inout SeededGenerator
) -> [ReferenceTensor<S>?] {
  let overrides = overridingElements(example)
  return example.inputs.enumerated().map { index, operand in
    guard let operand else { return nil }
    if let literal = operand.literal { return ReferenceTensor(literal) }
    let count = operand.type.elementCount
    if let elements = overrides[index] {
      return ReferenceTensor(
        operand.type, (0..<count).map { S(elements[$0 % elements.count]) })
    }
    return ReferenceTensor(
      operand.type,
      (0..<count).map { _ in S(sampleElement(operand.type.dtype, using: &generator)) })
  }
}

private func sampleElement(_ dtype: DType, using generator: inout SeededGenerator) -> Double {
  switch dtype {
  case .bool: Double(Int.random(in: 0...1, using: &generator))
  case .int32, .int64, .uint32, .uint64: 0
  case .int8, .uint8, .int16, .uint16, .int4, .uint4, .int2, .uint2:
    Double(Int.random(in: 0...3, using: &generator))
  case .float32, .float16, .bfloat16, .float64, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2,
    .float8e5m2fnuz, .float8e8m0, .float4e2m1, .complex64, .complex128, .string, .q4_0, .q8_0:
    Double.random(in: -2...2, using: &generator)
  }
}

/// Elements that an operator needs to make sense, repeated over the tensor.
private func overridingElements(_ example: OperatorExample) -> [Int: [Double]] {
  switch example.op {
  case .attention(let attention):
    guard case .groupQuery = attention.function, let query = example.inputs[0] else { return [:] }
    let past = example.inputs[3]?.type.dimensions[2] ?? 0
    let total = Double(past + query.type.dimensions[1])
    return [5: [total - 1], 6: [total]]
  case .pooling(let pooling):
    // Batch, left, top, right, bottom.
    if case .maxRegion = pooling.function { return [1: [0, 0, 1, 3, 3]] }
    return [:]
  case .elementwise, .matrixProduct, .einsum, .convolution, .normalization, .softmax, .reduction,
    .quantization, .recurrent, .view, .movement, .indexing, .generator, .signal, .geometry,
    .conditional, .loop, .scan, .opaque:
    return [:]
  }
}
