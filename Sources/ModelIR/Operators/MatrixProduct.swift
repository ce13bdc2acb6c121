import Quantities
public import TensorTypes

/// Products of matrices, batched by numpy's rules, with what runtimes fuse onto them.
public struct MatrixProduct: OperatorDefinition {
  public let function: Function
  public init(_ function: Function) { self.function = function }

  public enum Function: Sendable, Hashable {
    /// `A · B`.
    case matMul
    /// `alpha · A′ · B′ + beta · C` of matrices; `C` is optional and broadcasts.
    case gemm(Gemm)
    /// Integers to int32: `A, B, a_zero_point?, b_zero_point?`.
    case matMulInteger
    /// Affine-quantized: `a, a_scale, a_zero_point`, the same for `b`, then `y_scale`,
    /// `y_zero_point`.
    case qLinearMatMul
    /// Affine-quantized ``gemm(_:)``: operands as in ``qLinearMatMul``, then `C?`, `y_scale?`,
    /// `y_zero_point?`; real without the last.
    case qGemm(Gemm)
    /// Activations times block-quantized weights.
    case matMulNBits(BlockQuantized)
    case fusedMatMul(Fused)
    /// ``gemm(_:)`` with an activation.
    case fusedGemm(Gemm, activation: Elementwise.Function?)
    /// Real `A`, quantized on the way, times integer `B`: `A, B, b_scale, b_zero_point?, bias?`.
    case dynamicQuantizeMatMul
    /// `A, B, a_scale, b_scale, a_zero_point?, b_zero_point?, bias?`, real result.
    case matMulIntegerToFloat
  }

  public struct Gemm: Sendable, Hashable {
    public let alpha: Double
    public let beta: Double
    public let transposesA: Bool
    public let transposesB: Bool
    public init(
      alpha: Double = 1, beta: Double = 1, transposesA: Bool = false, transposesB: Bool = false
    ) {
      self.alpha = alpha
      self.beta = beta
      self.transposesA = transposesA
      self.transposesB = transposesB
    }
  }

  /// Weights of an `inputSize × outputSize` matrix in blocks of `blockSize` along the input axis,
  /// packed as `[outputSize, ⌈inputSize / blockSize⌉, blockSize · bits / 8]` bytes. Operands:
  /// `A, B, scales, zero_points?, g_idx?, bias?`.
  public struct BlockQuantized: Sendable, Hashable {
    public let inputSize: Int
    public let outputSize: Int
    public let bits: Int
    public let blockSize: Int
    /// The least precision of the arithmetic (0 any, 1 float32, 2 float16, 3 bfloat16, 4 int8).
    public let accuracyLevel: Int
    public init(
      inputSize: Int, outputSize: Int, bits: Int = 4, blockSize: Int, accuracyLevel: Int = 0
    ) {
      self.inputSize = inputSize
      self.outputSize = outputSize
      self.bits = bits
      self.blockSize = blockSize
      self.accuracyLevel = accuracyLevel
    }
  }

  /// `alpha · A′ · B′`: an operand may have its last two axes exchanged, and before that its first
  /// axis moved behind the batch axes.
  public struct Fused: Sendable, Hashable {
    public let alpha: Double
    public let transposesA: Bool
    public let transposesB: Bool
    public let transposesBatchA: Bool
    public let transposesBatchB: Bool
    public init(
      alpha: Double = 1, transposesA: Bool = false, transposesB: Bool = false,
      transposesBatchA: Bool = false, transposesBatchB: Bool = false
    ) {
      self.alpha = alpha
      self.transposesA = transposesA
      self.transposesB = transposesB
      self.transposesBatchA = transposesBatchA
      self.transposesBatchB = transposesBatchB
    }
  }

  public var kind: OperatorKind {
    switch function {
    case .matMul: .matMul
    case .gemm: .gemm
    case .matMulInteger: .matMulInteger
    case .qLinearMatMul: .qLinearMatMul
    case .qGemm: .qGemm
    case .matMulNBits: .matMulNBits
    case .fusedMatMul: .fusedMatMul
    case .fusedGemm: .fusedGemm
    case .dynamicQuantizeMatMul: .dynamicQuantizeMatMul
    case .matMulIntegerToFloat: .matMulIntegerToFloat
    }
  }

  public func outputTypes(
    for inputs: [Operand?], outputCount: Int
  ) throws(ShapeError) -> [TensorType?] {
    try inputs.requireCount(layout.inputs)
    let product = try product(of: inputs)
    for position in [layout.addend, layout.bias].compactMap({ $0 }) {
      guard let addend = inputs.optional(position)?.type.dimensions else { continue }
      guard try broadcast(addend, product.shape) == product.shape else {
        throw .broadcastMismatch(left: addend, right: product.shape)
      }
    }
    return [TensorType(try resultDType(inputs), product.shape)]
  }

  private func resultDType(_ inputs: [Operand?]) throws(ShapeError) -> DType {
    switch function {
    case .matMul, .gemm, .matMulNBits, .fusedMatMul, .fusedGemm, .dynamicQuantizeMatMul:
      try inputs.required(0, count: layout.inputs).type.dtype
    case .matMulInteger: .int32
    case .qLinearMatMul: try inputs.required(7, count: layout.inputs).type.dtype
    case .qGemm:
      if let zeroPoint = inputs.optional(8) {
        zeroPoint.type.dtype
      } else {
        try inputs.required(1, count: layout.inputs).type.dtype
      }
    case .matMulIntegerToFloat: try inputs.required(2, count: layout.inputs).type.dtype
    }
  }
}

extension MatrixProduct {
  /// Where the function's operands stand among the inputs.
  struct Layout {
    let inputs: ClosedRange<Int>
    var left = 0
    var right = 1
    /// The matrix that broadcasts and is scaled by beta.
    var addend: Int?
    var bias: Int?
    var zeroPoints: [(operand: Int, zeroPoint: Int)] = []
  }

  var layout: Layout {
    switch function {
    case .matMul, .fusedMatMul: Layout(inputs: 2...2)
    case .gemm, .fusedGemm: Layout(inputs: 2...3, addend: 2)
    case .matMulInteger: Layout(inputs: 2...4, zeroPoints: [(0, 2), (1, 3)])
    case .qLinearMatMul: Layout(inputs: 8...8, right: 3, zeroPoints: [(0, 2), (3, 5)])
    case .qGemm: Layout(inputs: 6...9, right: 3, addend: 6, zeroPoints: [(0, 2), (3, 5)])
    case .matMulNBits: Layout(inputs: 3...6, bias: 5)
    case .dynamicQuantizeMatMul: Layout(inputs: 3...5, bias: 4, zeroPoints: [(1, 3)])
    case .matMulIntegerToFloat:
      Layout(inputs: 4...7, bias: 6, zeroPoints: [(0, 4), (1, 5)])
    }
  }

  /// The result's shape and the extent that is summed over.
  func product(of inputs: [Operand?]) throws(ShapeError) -> (shape: [Int], depth: Int) {
    let layout = layout
    let left = try inputs.required(layout.left, count: layout.inputs).type.dimensions
    let right = try inputs.required(layout.right, count: layout.inputs).type.dimensions
    switch function {
    case .matMul, .matMulInteger, .qLinearMatMul, .dynamicQuantizeMatMul, .matMulIntegerToFloat:
      return try matrixProduct(left, right, inputs: (layout.left, layout.right))
    case .gemm(let gemm), .qGemm(let gemm), .fusedGemm(let gemm, _):
      guard left.count == 2 else {
        throw .wrongRank(input: layout.left, expected: "2", actual: left.count)
      }
      guard right.count == 2 else {
        throw .wrongRank(input: layout.right, expected: "2", actual: right.count)
      }
      return try matrixProduct(
        gemm.transposesA ? left.reversed() : left, gemm.transposesB ? right.reversed() : right,
        inputs: (layout.left, layout.right))
    case .matMulNBits(let weights):
      guard let depth = left.last else {
        throw .wrongRank(input: 0, expected: "1 or more", actual: 0)
      }
      guard weights.inputSize > 0, weights.outputSize > 0, weights.blockSize > 0 else {
        throw .invalidAttribute(
          name: "block_size", reason: "and the sizes K and N must be positive")
      }
      guard depth == weights.inputSize else {
        throw .contractionMismatch(left: depth, right: weights.inputSize)
      }
      return (left.dropLast() + [weights.outputSize], depth)
    case .fusedMatMul(let fused):
      return try matrixProduct(
        transposed(left, batch: fused.transposesBatchA, matrix: fused.transposesA),
        transposed(right, batch: fused.transposesBatchB, matrix: fused.transposesB),
        inputs: (0, 1))
    }
  }
}

/// A shape after ``MatrixProduct/Fused``'s exchanges; vectors and scalars stay as they are.
private func transposed(_ shape: [Int], batch: Bool, matrix: Bool) -> [Int] {
  var shape = shape
  if batch, shape.count > 2 { shape.insert(shape.removeFirst(), at: shape.count - 1) }
  if matrix, shape.count > 1 { shape.swapAt(shape.count - 1, shape.count - 2) }
  return shape
}

/// numpy's matrix product: a vector on the left is a row and on the right a column, whose axis the
/// result lacks; axes before the last two broadcast.
private func matrixProduct(
  _ left: [Int], _ right: [Int], inputs: (left: Int, right: Int)
) throws(ShapeError) -> (shape: [Int], depth: Int) {
  guard let depth = left.last else {
    throw .wrongRank(input: inputs.left, expected: "1 or more", actual: 0)
  }
  guard let last = right.last else {
    throw .wrongRank(input: inputs.right, expected: "1 or more", actual: 0)
  }
  let other = right.count == 1 ? last : right[right.count - 2]
  guard depth == other else { throw .contractionMismatch(left: depth, right: other) }
  var shape = try broadcast(Array(left.dropLast(2)), Array(right.dropLast(2)))
  if left.count > 1 { shape.append(left[left.count - 2]) }
  if right.count > 1 { shape.append(last) }
  return (shape, depth)
}
