import ModelIR
import TensorTypes

/// One use of an operator whose inputs its shape rule accepted.
struct KernelUse<Scalar: KernelScalar> {
  /// `nil` where an optional input is absent.
  let inputs: [ReferenceTensor<Scalar>?]
  /// The types that the shape rule gives; `nil` where they depend on the elements.
  let types: [TensorType?]
  let outputCount: Int

  func optional(_ index: Int) -> ReferenceTensor<Scalar>? {
    index < inputs.count ? inputs[index] : nil
  }

  func required(_ index: Int) throws(ReferenceError) -> ReferenceTensor<Scalar> {
    guard let tensor = optional(index) else {
      throw .shape(.wrongInputCount(expected: index + 1...index + 1, actual: inputs.count))
    }
    return tensor
  }

  /// The one element of an input, or the first of several.
  func scalar(_ index: Int) -> Scalar? { optional(index)?.elements.first }

  func integers(_ index: Int) -> [Int]? { optional(index)?.integers }

  /// The dtype that the shape rule gives an output.
  func dtype(_ output: Int = 0) -> DType {
    let type = output < types.count ? types[output] : nil
    return type?.dtype ?? optional(0)?.type.dtype ?? .float32
  }

  /// A result in the dtype of an output.
  func result(
    _ dimensions: [Int], _ elements: [Scalar], output: Int = 0
  ) throws(ReferenceError) -> ReferenceTensor<Scalar> {
    try ReferenceTensor(computed: TensorType(dtype(output), dimensions), elements)
  }
}
