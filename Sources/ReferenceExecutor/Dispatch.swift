public import ModelIR
package import TensorTypes

extension Operator {
  /// The greatest count of elements that a reference kernel makes of fewer.
  static let maximumElementCount = 1 << 26

  /// Evaluates the operator by its reference kernel. `inputs` has `nil` where an optional input is
  /// absent.
  public func reference<Scalar: KernelScalar>(
    _ inputs: [ReferenceTensor<Scalar>?], outputCount: Int = 1
  ) throws(ReferenceError) -> [ReferenceTensor<Scalar>] {
    let types = try resultTypes(inputs.map { $0.map(\.operand) }, outputCount: outputCount)
    let use = KernelUse(inputs: inputs, types: types, outputCount: outputCount)
    return Array(try evaluated(use).prefix(outputCount))
  }

  /// The types of the results, once they are found to be of a size that a kernel makes: bounded, or
  /// no more than it is given.
  package func resultTypes(
    _ operands: [Operand?], outputCount: Int
  ) throws(ReferenceError) -> [TensorType?] {
    guard let definition else { throw .notEvaluated(name) }
    let types: [TensorType?]
    do {
      types = try definition.outputTypes(for: operands, outputCount: outputCount)
    } catch {
      throw .shape(error)
    }
    let given = operands.reduce(0) { max($0, $1?.type.elementCount ?? 0) }
    for type in types {
      guard let type else {
        guard definition.findsShapes else { throw .notEvaluated("\(name) without parameters") }
        continue
      }
      guard type.elementCount <= max(Self.maximumElementCount, given) else {
        throw .tooLarge("\(type)")
      }
    }
    return types
  }

  func evaluated<Scalar>(
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

extension OperatorDefinition {
  /// Whether the shape of a result may come from the elements, which a shape rule sees only of small
  /// tensors.
  fileprivate var findsShapes: Bool {
    [.unique, .nonZero, .compress, .nonMaxSuppression].contains(kind)
  }
}
