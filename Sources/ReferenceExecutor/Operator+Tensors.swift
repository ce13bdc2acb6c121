public import ModelIR
import TensorTypes

extension Operator {
  /// Evaluates the operator by its reference kernel. Operators that only move elements see their
  /// bits; those that compute with integers alone are exact in 64 bits; all others compute in
  /// `Double` and round to the dtype of the result. `inputs` has `nil` where an optional input is
  /// absent.
  public func evaluate(
    _ inputs: [Tensor?], outputCount: Int = 1
  ) throws(ReferenceError) -> [Tensor] {
    let types = try resultTypes(inputs.map { $0?.operand }, outputCount: outputCount)
    if case .view(let view) = self, outputCount == 1, case .some(let type) = types.first ?? nil,
      let input = inputs.first ?? nil, view.keepsBytes, type.storageSize == input.type.storageSize
    {
      return [Tensor(type, sharing: input.storage)]
    }
    if elementUse == .bits || elementUse == .numbers && areWhole(inputs, types) {
      let use = KernelUse(
        inputs: try converted(inputs) { $0.wholeNumbers }, types: types, outputCount: outputCount)
      return try stored(try evaluated(use).prefix(outputCount)) { Tensor($0) }
    }
    if elementUse == .singles, inputs.first??.type.dtype == .float32 {
      let use = KernelUse(
        inputs: try converted(inputs) { $0.reals?.rounded }, types: types,
        outputCount: outputCount)
      return try stored(try evaluated(use).prefix(outputCount)) {
        $0.widened.flatMap { Tensor($0) }
      }
    }
    let use = KernelUse(
      inputs: try converted(inputs) { $0.reals }, types: types, outputCount: outputCount)
    return try stored(try evaluated(use).prefix(outputCount)) { Tensor($0) }
  }

  private func areWhole(_ inputs: [Tensor?], _ types: [TensorType?]) -> Bool {
    inputs.allSatisfy { $0?.type.dtype.wholeNumberRange != nil || $0 == nil }
      && types.allSatisfy { $0?.dtype.wholeNumberRange != nil || $0 == nil }
  }

  private func converted<Scalar>(
    _ inputs: [Tensor?], _ convert: (Tensor) -> ReferenceTensor<Scalar>?
  ) throws(ReferenceError) -> [ReferenceTensor<Scalar>?] {
    var converted: [ReferenceTensor<Scalar>?] = []
    for (index, input) in inputs.enumerated() {
      guard let input else {
        converted.append(nil)
        continue
      }
      guard let tensor = convert(input) else {
        throw .invalidElement(input: index, reason: "is \(input.type), which has no kernel")
      }
      converted.append(tensor)
    }
    return converted
  }

  private func stored<Scalar>(
    _ results: some Sequence<ReferenceTensor<Scalar>>,
    _ store: (ReferenceTensor<Scalar>) -> Tensor?
  ) throws(ReferenceError) -> [Tensor] {
    var tensors: [Tensor] = []
    for result in results {
      guard let tensor = store(result) else { throw .inconsistent("\(result.type)") }
      tensors.append(tensor)
    }
    return tensors
  }

  /// What a kernel looks at.
  private enum ElementUse {
    /// Nothing but where elements stand.
    case bits
    /// Numbers, whole ones as such.
    case numbers
    /// Numbers, and fractions on the way even between whole ones.
    case reals
    /// As ``reals``, but of single precision where the input is: what is rounded to whole numbers
    /// would else differ where a quotient falls between two of them.
    case singles
  }

  private var elementUse: ElementUse {
    switch self {
    case .view: .bits
    case .movement(let movement):
      movement.movesOnly ? .bits : movement.computesReals ? .reals : .numbers
    case .indexing(let indexing): indexing.movesOnly ? .bits : .numbers
    case .elementwise(let elementwise): elementwise.function == .where ? .bits : .numbers
    case .matrixProduct, .einsum, .reduction: .numbers
    case .generator(let generator): generator.computesReals ? .reals : .numbers
    case .quantization: .singles
    case .convolution, .pooling, .normalization, .softmax, .attention, .recurrent,
      .signal, .geometry, .conditional, .loop, .scan, .opaque:
      .reals
    }
  }
}

extension View {
  fileprivate var keepsBytes: Bool {
    switch self {
    case .reshape, .flatten, .squeeze, .unsqueeze, .identity, .bitCast, .dropout: true
    }
  }
}

extension Movement {
  fileprivate var movesOnly: Bool {
    switch self {
    // A value of the attribute is a number, not a bit pattern.
    case .pad(_, .value(let value)): value == 0
    case .transpose, .concat, .split, .slice, .pad, .expand, .tile, .depthToSpace, .spaceToDepth,
      .reverseSequence, .trilu, .centerCropPad:
      true
    case .qLinearConcat, .resize, .upsample, .cast, .castLike, .col2Im: false
    }
  }

  fileprivate var computesReals: Bool {
    switch self {
    case .qLinearConcat, .resize, .upsample: true
    case .transpose, .concat, .split, .slice, .pad, .expand, .tile, .depthToSpace, .spaceToDepth,
      .reverseSequence, .trilu, .cast, .castLike, .col2Im, .centerCropPad:
      false
    }
  }
}

extension Indexing {
  fileprivate var movesOnly: Bool {
    switch self {
    case .gather, .gatherElements, .gatherND, .tensorScatter, .compress: true
    case .scatterElements(_, let combination), .scatterND(let combination): combination == nil
    case .gatherBlockQuantized, .oneHot, .unique, .nonZero, .topK, .termCounts: false
    }
  }
}

extension Generator {
  fileprivate var computesReals: Bool {
    switch self {
    case .window, .melWeightMatrix, .random, .priorBoxes: true
    case .constant, .constantOfShape, .eyeLike, .range, .shape, .size: false
    }
  }
}

extension Tensor {
  /// What a shape rule may know of the tensor: all of it, when it is small.
  var operand: Operand {
    guard type.elementCount <= TensorLiteral.maximumElementCount else { return Operand(type) }
    let elements: TensorLiteral.Elements? =
      type.dtype.wholeNumberRange == nil
      ? reals.map { .reals($0.elements) } : wholeNumbers.map { .integers($0.integers) }
    return Operand(type, literal: elements.flatMap { TensorLiteral(type, $0) })
  }
}

extension ReferenceTensor where Scalar == Double {
  fileprivate var rounded: ReferenceTensor<Float>? {
    ReferenceTensor<Float>(type, elements.map { Float($0) })
  }
}

extension ReferenceTensor where Scalar == Float {
  fileprivate var widened: ReferenceTensor<Double>? {
    ReferenceTensor<Double>(type, elements.map { Double($0) })
  }
}
