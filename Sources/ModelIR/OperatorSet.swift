public import TensorTypes

/// The closed set of operator families. Adding a case makes the compiler list every place that
/// must answer for it.
public enum Operator: Sendable, Hashable {
  // Arithmetic.
  case elementwise(Elementwise)
  case matrixProduct(MatrixProduct)
  case einsum(Einsum)
  case convolution(Convolution)
  case pooling(Pooling)
  case normalization(Normalization)
  case softmax(Softmax)
  case reduction(Reduction)
  case quantization(QuantizationOperator)
  case attention(Attention)
  case recurrent(Recurrent)
  // Structure.
  case view(View)
  case movement(Movement)
  case indexing(Indexing)
  case generator(Generator)
  case signal(Signal)
  case geometry(Geometry)
  // Control flow: their bodies are graphs, inferred by `Inference`.
  case conditional(Conditional)
  case loop(Loop)
  case scan(Scan)
  /// An operator the importer met and this package does not model.
  case opaque(OpaqueOperator)

  /// The family's rules; `nil` for control flow, whose bodies have rules of their own, and for
  /// operators nobody models.
  public var definition: (any OperatorDefinition)? {
    switch self {
    case .elementwise(let operation): operation
    case .matrixProduct(let operation): operation
    case .einsum(let operation): operation
    case .convolution(let operation): operation
    case .pooling(let operation): operation
    case .normalization(let operation): operation
    case .softmax(let operation): operation
    case .reduction(let operation): operation
    case .quantization(let operation): operation
    case .attention(let operation): operation
    case .recurrent(let operation): operation
    case .view(let operation): operation
    case .movement(let operation): operation
    case .indexing(let operation): operation
    case .generator(let operation): operation
    case .signal(let operation): operation
    case .geometry(let operation): operation
    case .conditional, .loop, .scan, .opaque: nil
    }
  }

  /// The name in support lists and reports; `nil` for an operator nobody models.
  public var kind: OperatorKind? {
    switch self {
    case .conditional: .if
    case .loop: .loop
    case .scan: .scan
    case .opaque: nil
    case .elementwise, .matrixProduct, .einsum, .convolution, .pooling, .normalization, .softmax,
      .reduction, .quantization, .attention, .recurrent, .view, .movement, .indexing, .generator,
      .signal, .geometry:
      definition?.kind
    }
  }

  /// What reports call it.
  public var name: String {
    if case .opaque(let operation) = self {
      operation.domain.isEmpty ? operation.name : "\(operation.domain)::\(operation.name)"
    } else {
      kind?.rawValue ?? "unknown"
    }
  }
}
