public import ModelIR
import TensorTypes

extension Operator {
  /// The greatest count of elements that a reference kernel makes.
  static let maximumElementCount = 1 << 26

  /// Evaluates the operator by its reference kernel. `inputs` has `nil` where an optional input is
  /// absent.
  public func reference<Scalar: KernelScalar>(
    _ inputs: [ReferenceTensor<Scalar>?], outputCount: Int = 1
  ) throws(ReferenceError) -> [ReferenceTensor<Scalar>] {
    guard let definition else { throw .notEvaluated(name) }
    let types: [TensorType?]
    do {
      types = try definition.outputTypes(
        for: inputs.map { $0.map(\.operand) }, outputCount: outputCount)
    } catch {
      throw .shape(error)
    }
    for case .some(let type) in types where type.elementCount > Self.maximumElementCount {
      throw .tooLarge("\(type)")
    }
    let use = KernelUse(inputs: inputs, types: types, outputCount: outputCount)
    return Array(try evaluated(use).prefix(outputCount))
  }

  private func evaluated<Scalar>(
    _ use: KernelUse<Scalar>
  ) throws(ReferenceError) -> [ReferenceTensor<Scalar>] {
    switch self {
    case .elementwise(let operation): try operation.reference(use)
    case .matrixProduct(let operation): try operation.reference(use)
    case .einsum(let operation): try operation.reference(use)
    case .convolution(let operation): try operation.reference(use)
    case .pooling(let operation): try operation.reference(use)
    case .normalization(let operation): try operation.reference(use)
    case .softmax(let operation): try operation.reference(use)
    case .reduction(let operation): try operation.reference(use)
    case .quantization(let operation): try operation.reference(use)
    case .attention(let operation): try operation.reference(use)
    case .recurrent(let operation): try operation.reference(use)
    case .view(let operation): try operation.reference(use)
    case .movement(let operation): try operation.reference(use)
    case .indexing(let operation): try operation.reference(use)
    case .generator(let operation): try operation.reference(use)
    case .signal(let operation): try operation.reference(use)
    case .geometry(let operation): try operation.reference(use)
    case .conditional, .loop, .scan, .opaque: throw .notEvaluated(name)
    }
  }
}
