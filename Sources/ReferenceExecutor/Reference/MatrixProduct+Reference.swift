import ModelIR
import TensorTypes

extension MatrixProduct {
  func reference<S: KernelScalar>(_ use: KernelUse<S>) throws(ReferenceError) -> [ReferenceTensor<
    S
  >] {
    let left = try use.required(0)
    switch function {
    case .matMul:
      return [try finished(use, try product(left, try use.required(1)))]
    case .fusedMatMul(let fused):
      let product = try product(
        try left.exchanged(batch: fused.transposesBatchA, matrix: fused.transposesA),
        try use.required(1).exchanged(batch: fused.transposesBatchB, matrix: fused.transposesB))
      return [
        try finished(use, fused.alpha == 1 ? product : product.mapping { S(fused.alpha) * $0 })
      ]
    case .gemm(let gemm):
      return [try finished(use, try gemm.value(left, try use.required(1), use.optional(2)))]
    case .fusedGemm(let gemm, let activation):
      var result = try gemm.value(left, try use.required(1), use.optional(2))
      if let activation { result = result.mapping { Elementwise(activation).value($0) } }
      return [try finished(use, result)]
    case .matMulInteger:
      return [
        try finished(
          use,
          try product(
            try left.shifted(by: use.optional(2), alongRows: true),
            try use.required(1).shifted(by: use.optional(3))))
      ]
    case .matMulIntegerToFloat:
      let product = try product(
        try left.shifted(by: use.optional(4), alongRows: true),
        try use.required(1).shifted(by: use.optional(5)))
      let factor = try Factor(
        product.dimensions, rows: use.required(2), columns: use.required(3))
      return [try finished(use, try factor.applied(to: product).adding(use.optional(6)))]
    case .qLinearMatMul:
      let product = try product(
        try left.shifted(by: use.optional(2), alongRows: true),
        try use.required(3).shifted(by: use.optional(5)))
      let factor = try Factor(
        product.dimensions, rows: use.required(1), columns: use.required(4),
        divisor: use.required(6))
      return [try requantized(use, product, factor, zeroPoint: use.scalar(7))]
    case .qGemm(let gemm): return [try quantizedGemm(use, gemm)]
    case .matMulNBits(let weights): return [try blockQuantized(use, weights)]
    case .dynamicQuantizeMatMul: return [try dynamicallyQuantized(use)]
    }
  }

  private func finished<S>(
    _ use: KernelUse<S>, _ product: ReferenceTensor<S>
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    try use.result(product.dimensions, product.elements)
  }

  private func quantizedGemm<S: KernelScalar>(
    _ use: KernelUse<S>, _ gemm: Gemm
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    var left = try use.required(0).shifted(by: use.optional(2))
    var right = try use.required(3)
    let zeroPoint = use.optional(5)
    // A scale for each column of B belongs to its rows where B is stored transposed.
    right = try right.shifted(by: zeroPoint, alongRows: gemm.transposesB)
    if gemm.transposesA { left = try left.matrixTransposed() }
    if gemm.transposesB { right = try right.matrixTransposed() }
    let sums = try product(left, right).adding(use.optional(6))
    let factor = try Factor(
      sums.dimensions, rows: use.required(1), columns: use.required(4),
      divisor: use.optional(8) == nil ? nil : use.optional(7), multiplier: gemm.alpha)
    if use.optional(8) == nil { return try finished(use, try factor.applied(to: sums)) }
    return try requantized(use, sums, factor, zeroPoint: use.scalar(8))
  }

  /// One multiply by the factor of all scales, then round, add the zero point and clamp.
  private func requantized<S: KernelScalar>(
    _ use: KernelUse<S>, _ sums: ReferenceTensor<S>, _ factor: Factor, zeroPoint: S?
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let dtype = use.dtype()
    let scaled = try factor.applied(to: sums)
    return try use.result(
      scaled.dimensions,
      scaled.elements.map {
        ($0.roundedForQuantization(dtype) + (zeroPoint ?? .zero)).clamped(to: dtype)
      })
  }

  private func dynamicallyQuantized<S: KernelScalar>(
    _ use: KernelUse<S>
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let left = try use.required(0)
    let quantized = DynamicQuantization(left.elements)
    let shifted = try ReferenceTensor(
      computed: left.type, quantized.elements.map { $0 - quantized.zeroPoint })
    let product = try product(shifted, try use.required(1).shifted(by: use.optional(3)))
    let scale = try ReferenceTensor(computed: TensorType(left.type.dtype, []), [quantized.scale])
    let factor = try Factor(product.dimensions, rows: scale, columns: use.required(2))
    return try finished(use, try factor.applied(to: product).adding(use.optional(4)))
  }

  /// Weights unpacked from blocks along the input axis; an absent zero point is the middle of the
  /// range.
  private func blockQuantized<S: KernelScalar>(
    _ use: KernelUse<S>, _ weights: BlockQuantized
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let (packed, scales) = (try use.required(1).integers, try use.required(2).elements)
    let zeroPoints = use.optional(3)
    let (depth, width, bits) = (weights.inputSize, weights.outputSize, weights.bits)
    guard [2, 4, 8].contains(bits), elementCount([depth, width]) <= Operator.maximumElementCount
    else { throw .notEvaluated("MatMulNBits of \(bits) bits") }
    let blocks = (depth - 1) / weights.blockSize + 1
    let rowBytes = elementCount([blocks, weights.blockSize, bits]) / 8
    let zeroRowBytes = (blocks * bits - 1) / 8 + 1
    guard packed.count == elementCount([width, rowBytes]), scales.count == width * blocks else {
      throw .invalidElement(input: 1, reason: "has \(packed.count) bytes")
    }
    if let zeroPoints {
      let isReal = zeroPoints.type.dtype.isFloatingPoint
      let count = isReal ? width * blocks : width * zeroRowBytes
      _ = try use.optional(3, count: count)
    }
    func field(_ bytes: [Int], _ row: Int, _ index: Int) -> S {
      let bit = index * bits
      let byte = bytes[row + bit / 8] >> (bit % 8)
      return S(Double(byte & (1 << bits - 1)))
    }
    var elements: [S] = []
    for k in 0..<depth {
      let block = k / weights.blockSize
      for column in 0..<width {
        var zeroPoint = S(Double(1 << (bits - 1)))
        if let zeroPoints {
          if zeroPoints.type.dtype.isFloatingPoint {
            zeroPoint = zeroPoints.elements[column * blocks + block]
          } else {
            zeroPoint = field(zeroPoints.integers, column * zeroRowBytes, block)
          }
        }
        elements.append(
          field(packed, column * rowBytes, k).dequantized(
            scale: scales[column * blocks + block], zeroPoint: zeroPoint))
      }
    }
    let right = try ReferenceTensor(computed: TensorType(use.dtype(), [depth, width]), elements)
    return try finished(use, try product(try use.required(0), right).adding(use.optional(5)))
  }
}

extension MatrixProduct.Gemm {
  fileprivate func value<S: KernelScalar>(
    _ left: ReferenceTensor<S>, _ right: ReferenceTensor<S>, _ addend: ReferenceTensor<S>?
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    var result = try product(
      transposesA ? try left.matrixTransposed() : left, right, rightIsTransposed: transposesB)
    if alpha != 1 { result = result.mapping { S(alpha) * $0 } }
    guard var addend = try addend?.broadcast(to: result.dimensions) else { return result }
    if beta != 1 { addend = addend.mapping { S(beta) * $0 } }
    return try result.adding(addend)
  }
}

extension ReferenceTensor {
  /// The tensor after the exchanges of ``MatrixProduct/Fused``.
  fileprivate func exchanged(batch: Bool, matrix: Bool) throws(ReferenceError) -> Self {
    var permutation = Array(dimensions.indices)
    if batch, permutation.count > 2 {
      permutation.insert(permutation.removeFirst(), at: permutation.count - 1)
    }
    if matrix, permutation.count > 1 {
      permutation.swapAt(permutation.count - 1, permutation.count - 2)
    }
    return try transposed(permutation)
  }
}
