import ModelIR
import TensorTypes

extension Lowering {
  /// What an integer kernel computes for the node; `nil` when none does.
  func integerProduct(_ node: Node) throws(ExecutionError) -> IntegerProduct? {
    guard let source = node.inputs.first ?? nil, let result = node.outputs.first ?? nil,
      let input = graph[source].type, let output = graph[result].type, input.elementCount > 0,
      output.elementCount > 0, !isDynamicValue(source), !isDynamicValue(result)
    else { return nil }
    switch node.op {
    case .convolution(let convolution):
      guard (3...4).contains(output.rank) else { return nil }
      return try integerProduct(convolution, node, source, input, output)
    case .matrixProduct(let product):
      guard input.rank >= 2, node.inputs.count >= 2,
        node.inputs[1].flatMap({ graph[$0].type?.rank }) == 2 || product.isQuantized
      else { return nil }
      return try integerProduct(product, node, source, input, output)
    default: return nil
    }
  }

  private func integerProduct(
    _ convolution: Convolution, _ node: Node, _ source: Value.ID, _ input: TensorType,
    _ output: TensorType
  ) throws(ExecutionError) -> IntegerProduct? {
    switch convolution.function {
    case .conv:
      guard let affine = affines[source.index], let filters = node.inputs[1],
        var weights = try dequantizedWeights(
          filters, channelAxis: convolution.filterAxes.first ?? 0)
      else { return nil }
      weights.bytes = weights.bytes.ordered(convolution.filterAxes)
      var product = IntegerProduct(
        source: .dequantized(source), isSigned: affine.isSigned,
        zeroPoint: .constant(affine.zeroPoint), isConvolution: true, weights: weights,
        multipliers: weights.scales.map { $0 * affine.scale }, result: .real)
      guard try setBias(node.input(2), factor: 1, of: &product) else { return nil }
      return product
    case .convInteger:
      guard input.dtype.isByte, let zero = try zeroPoint(node.input(2), input.dtype),
        var weights = try byteWeights(
          node.input(1), scale: nil, zeroPoint: node.input(3),
          channelAxis: convolution.filterAxes.first ?? 0)
      else { return nil }
      weights.bytes = weights.bytes.ordered(convolution.filterAxes)
      return IntegerProduct(
        source: .bytes(source), isSigned: input.dtype == .int8, zeroPoint: zero,
        isConvolution: true, weights: weights, multipliers: [], result: .sums)
    case .qLinearConv:
      guard
        let affine = try affine(
          scale: node.input(1), zeroPoint: node.input(2), dtype: input.dtype),
        var weights = try byteWeights(
          node.input(3), scale: node.input(4), zeroPoint: node.input(5),
          channelAxis: convolution.filterAxes.first ?? 0),
        let result = try self.affine(
          scale: node.input(6), zeroPoint: node.input(7), dtype: output.dtype)
      else { return nil }
      weights.bytes = weights.bytes.ordered(convolution.filterAxes)
      var product = IntegerProduct(
        source: .bytes(source), isSigned: affine.isSigned,
        zeroPoint: .constant(affine.zeroPoint), isConvolution: true, weights: weights,
        multipliers: weights.scales.map { $0 * affine.scale }, result: .bytes(result))
      if convolution.requantization == .fixedPoint {
        product.setFixedPoint(
          data: Double(affine.scale), result,
          isShared: !affine.isSigned && hasOneElement(node.input(4)))
      }
      guard try setSumBias(node.input(8), of: &product) else { return nil }
      return product
    case .convTranspose, .fusedConv, .deformConv, .causalConvWithState: return nil
    }
  }

  private func integerProduct(
    _ matrixProduct: MatrixProduct, _ node: Node, _ source: Value.ID, _ input: TensorType,
    _ output: TensorType
  ) throws(ExecutionError) -> IntegerProduct? {
    switch matrixProduct.function {
    case .matMul:
      guard let right = node.input(1) else { return nil }
      return try dequantizedProduct(source, right, alpha: 1, transposes: false)
    case .gemm(let gemm):
      guard let right = node.input(1), !gemm.transposesA,
        var product = try dequantizedProduct(
          source, right, alpha: Float(gemm.alpha), transposes: gemm.transposesB),
        try setBias(
          node.input(2), factor: Float(gemm.beta), of: &product)
      else { return nil }
      return product
    case .matMulInteger:
      guard input.dtype.isByte, let zero = try zeroPoint(node.input(2), input.dtype),
        let weights = try matrix(node.input(1), scale: nil, zeroPoint: node.input(3))
      else { return nil }
      return IntegerProduct(
        source: .bytes(source), isSigned: input.dtype == .int8, zeroPoint: zero,
        isConvolution: false, weights: weights, multipliers: [], result: .sums)
    case .qLinearMatMul:
      guard
        let affine = try affine(
          scale: node.input(1), zeroPoint: node.input(2), dtype: input.dtype),
        let weights = try matrix(node.input(3), scale: node.input(4), zeroPoint: node.input(5)),
        let result = try self.affine(
          scale: node.input(6), zeroPoint: node.input(7), dtype: output.dtype)
      else { return nil }
      return IntegerProduct(
        source: .bytes(source), isSigned: affine.isSigned,
        zeroPoint: .constant(affine.zeroPoint), isConvolution: false, weights: weights,
        multipliers: weights.scales.map { $0 * affine.scale }, result: .bytes(result))
    case .qGemm(let gemm): return try quantizedGemm(gemm, node, source, input, output)
    case .dynamicQuantizeMatMul:
      guard input.dtype == .float32,
        let weights = try matrix(node.input(1), scale: node.input(2), zeroPoint: node.input(3))
      else { return nil }
      var product = IntegerProduct(
        source: .real(source), isSigned: false, zeroPoint: .constant(0), isConvolution: false,
        weights: weights, multipliers: weights.scales, result: .real)
      guard try setBias(node.input(4), factor: 1, of: &product) else { return nil }
      return product
    case .matMulIntegerToFloat:
      guard input.dtype.isByte, let scale = node.input(2), graph[scale].type?.elementCount == 1,
        graph[scale].type?.dtype == .float32,
        let zero = try zeroPoint(node.input(4), input.dtype),
        let weights = try matrix(node.input(1), scale: node.input(3), zeroPoint: node.input(5))
      else { return nil }
      var product = IntegerProduct(
        source: .bytes(source), isSigned: input.dtype == .int8, zeroPoint: zero,
        isConvolution: false, weights: weights, multipliers: weights.scales, factor: scale,
        result: .real)
      guard try setBias(node.input(6), factor: 1, of: &product) else { return nil }
      return product
    case .matMulNBits, .fusedMatMul, .fusedGemm: return nil
    }
  }

  private func quantizedGemm(
    _ gemm: MatrixProduct.Gemm, _ node: Node, _ source: Value.ID, _ input: TensorType,
    _ output: TensorType
  ) throws(ExecutionError) -> IntegerProduct? {
    guard !gemm.transposesA,
      let affine = try affine(scale: node.input(1), zeroPoint: node.input(2), dtype: input.dtype),
      var weights = try matrix(
        node.input(3), scale: node.input(4), zeroPoint: node.input(5),
        transposes: gemm.transposesB)
    else { return nil }
    var result = IntegerProduct.Result.real
    if node.input(8) != nil {
      guard
        let affine = try self.affine(
          scale: node.input(7), zeroPoint: node.input(8), dtype: output.dtype)
      else { return nil }
      result = .bytes(affine)
    }
    if gemm.transposesB { weights.bytes = weights.bytes.transposed([1, 0]) }
    var product = IntegerProduct(
      source: .bytes(source), isSigned: affine.isSigned, zeroPoint: .constant(affine.zeroPoint),
      isConvolution: false, weights: weights,
      multipliers: weights.scales.map { $0 * affine.scale * Float(gemm.alpha) }, result: result)
    guard try setSumBias(node.input(6), of: &product) else { return nil }
    return product
  }

  private func dequantizedProduct(
    _ source: Value.ID, _ right: Value.ID, alpha: Float, transposes: Bool
  ) throws(ExecutionError) -> IntegerProduct? {
    guard let affine = affines[source.index],
      var weights = try dequantizedWeights(right, channelAxis: transposes ? 0 : 1)
    else { return nil }
    if transposes { weights.bytes = weights.bytes.transposed([1, 0]) }
    return IntegerProduct(
      source: .dequantized(source), isSigned: affine.isSigned,
      zeroPoint: .constant(affine.zeroPoint), isConvolution: false, weights: weights,
      multipliers: weights.scales.map { $0 * affine.scale * alpha }, result: .real)
  }

  private func matrix(
    _ id: Value.ID?, scale: Value.ID?, zeroPoint: Value.ID?, transposes: Bool = false
  ) throws(ExecutionError) -> ByteWeights? {
    guard let id, graph[id].type?.rank == 2 else { return nil }
    return try byteWeights(id, scale: scale, zeroPoint: zeroPoint, channelAxis: transposes ? 0 : 1)
  }

  /// The zero point of all input bytes; `nil` when rows have their own.
  private func zeroPoint(
    _ id: Value.ID?, _ dtype: DType
  ) throws(ExecutionError) -> IntegerProduct.ZeroPoint? {
    guard let id else { return .constant(0) }
    guard graph[id].type?.elementCount == 1, graph[id].type?.dtype == dtype else { return nil }
    if let constant = try integers(id).first { return .constant(constant) }
    return .value(id)
  }
}

extension Lowering {
  private func hasOneElement(_ id: Value.ID?) -> Bool {
    id.flatMap { graph[$0].type?.elementCount } == 1
  }
}

extension IntegerProduct {
  fileprivate mutating func setFixedPoint(data: Double, _ result: ByteAffine, isShared: Bool) {
    fixedPoint = weights.scales.map {
      FixedPointScale(
        data: data, weights: Double($0), result: Double(result.scale), isShared: isShared)
    }
  }
}

extension Node {
  /// An input that may be absent.
  func input(_ position: Int) -> Value.ID? { position < inputs.count ? inputs[position] : nil }
}

extension MatrixProduct {
  /// Whether the right operand is elsewhere than second.
  fileprivate var isQuantized: Bool {
    switch function {
    case .qLinearMatMul, .qGemm: true
    case .matMul, .gemm, .matMulInteger, .matMulNBits, .fusedMatMul, .fusedGemm,
      .dynamicQuantizeMatMul, .matMulIntegerToFloat:
      false
    }
  }
}
