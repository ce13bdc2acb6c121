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
  // Control flow: their bodies are graphs, inferred by `Inference`; so large that they lie elsewhere.
  indirect case conditional(Conditional)
  indirect case loop(Loop)
  indirect case scan(Scan)
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

  /// The family's rules where its results can be computed at load time. A cast to the protocol
  /// would ask the runtime, which searches every conformance of the program.
  var foldable: (any FoldableOperator)? {
    switch self {
    case .elementwise(let operation): operation
    case .reduction(let operation): operation
    case .view(let operation): operation
    case .movement(let operation): operation
    case .indexing(let operation): operation
    case .generator(let operation): operation
    case .matrixProduct, .einsum, .convolution, .pooling, .normalization, .softmax, .quantization,
      .attention, .recurrent, .signal, .geometry, .conditional, .loop, .scan, .opaque:
      nil
    }
  }

  /// Whether the result depends on the extents of the input, and not on its elements.
  var readsOnlyExtents: Bool {
    if case .generator(let generator) = self { generator.readsOnlyExtents } else { false }
  }

  /// The name in support lists and reports; `nil` for an operator nobody models.
  public var kind: OperatorKind? {
    switch self {
    case .conditional: .if
    case .loop: .loop
    case .scan: .scan
    case .opaque: nil
    case .elementwise(let operation): operation.kind
    case .matrixProduct(let operation): operation.kind
    case .einsum(let operation): operation.kind
    case .convolution(let operation): operation.kind
    case .pooling(let operation): operation.kind
    case .normalization(let operation): operation.kind
    case .softmax(let operation): operation.kind
    case .reduction(let operation): operation.kind
    case .quantization(let operation): operation.kind
    case .attention(let operation): operation.kind
    case .recurrent(let operation): operation.kind
    case .view(let operation): operation.kind
    case .movement(let operation): operation.kind
    case .indexing(let operation): operation.kind
    case .generator(let operation): operation.kind
    case .signal(let operation): operation.kind
    case .geometry(let operation): operation.kind
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
