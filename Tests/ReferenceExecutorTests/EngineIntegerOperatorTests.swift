import ModelIR
import ReferenceExecutor
import TensorTypes
import TestSupport
import Testing

/// Operators whose operands are bytes with their scales, and those that quantize on the way.
@Suite struct EngineIntegerOperatorTests {
  private func expectSame(
    _ sketch: EngineSketch, _ kernel: String, tolerance: Double? = nil
  ) throws {
    for threads in [1, 2] {
      let comparison = try EngineComparison(sketch, threads: threads)
      #expect(comparison.kernels.contains(kernel), "\(comparison.kernels)")
      #expect(comparison.engine.notes.isEmpty, "\(comparison.engine.notes)")
      #expect(comparison.isVaried)
      if let tolerance {
        #expect(comparison.difference <= tolerance)
      } else {
        #expect(comparison.isWithinOneStep, "\(comparison.furthestSteps)")
      }
    }
  }

  /// Bytes of an input with their scale and zero point, as operands.
  private func operands(
    _ sketch: inout EngineSketch, _ dimensions: [Int], scale: Double, zero: Int,
    _ dtype: DType = .uint8
  ) -> [Value.ID?] {
    let bytes = sketch.quantize(sketch.input(dimensions), scale, zero, dtype)
    return [bytes, sketch.scalar(scale), sketch.point(zero, dtype)]
  }

  @Test func `a convolution of quantized operands`() throws {
    var sketch = EngineSketch(seed: 1)
    let x = operands(&sketch, [1, 6, 5, 5], scale: 0.01, zero: 120)
    let window = SpatialWindow(kernel: [3, 3], padding: .explicit([1, 1, 1, 1]))
    sketch.output(
      sketch.nodes(
        .convolution(Convolution(.qLinearConv, window: window)),
        x + [
          sketch.bytes([8, 6, 3, 3]), sketch.weight([8], in: 0.001...0.01),
          sketch.whole([8], .int8, in: -5...5), sketch.scalar(0.04), sketch.point(100, .uint8),
          sketch.whole([8], .int32, in: -5000...5000),
        ])[0])
    try expectSame(sketch, "conv.q8")
  }

  @Test func `matrix products of quantized operands`() throws {
    var sketch = EngineSketch(seed: 2)
    let x = operands(&sketch, [4, 16], scale: 0.01, zero: -7, .int8)
    let output: [Value.ID?] = [sketch.scalar(0.1), sketch.point(-3, .int8)]
    sketch.output(
      sketch.nodes(
        .matrixProduct(MatrixProduct(.qLinearMatMul)),
        x + [sketch.bytes([16, 9]), sketch.scalar(0.01), sketch.point(2, .int8)] + output)[0])
    let gemm = MatrixProduct.Gemm(alpha: 0.5, transposesB: true)
    let weights: [Value.ID?] = [
      sketch.bytes([9, 16]), sketch.weight([9], in: 0.005...0.01),
      sketch.whole([9], .int8, in: -3...3), sketch.whole([9], .int32, in: -5000...5000),
    ]
    sketch.output(
      sketch.nodes(.matrixProduct(MatrixProduct(.qGemm(gemm))), x + weights + output)[0])
    try expectSame(sketch, "gemm.q8")
  }

  @Test func `elementwise operators, means and concatenations of quantized operands`() throws {
    var sketch = EngineSketch(seed: 3)
    let x = operands(&sketch, [1, 6, 4, 4], scale: 0.01, zero: 120)
    let y = operands(&sketch, [1, 6, 4, 4], scale: 0.02, zero: 128)
    // No multiple of the operands' scales, so that no sum is halfway between two bytes.
    let output: [Value.ID?] = [sketch.scalar(0.0213), sketch.point(100, .uint8)]
    for function in [Elementwise.Function.qLinearAdd, .qLinearMul] {
      sketch.output(sketch.nodes(.elementwise(Elementwise(function)), x + y + output)[0])
    }
    for function in [Elementwise.Function.qLinearSigmoid, .qLinearLeakyRelu(alpha: 0.1)] {
      sketch.output(sketch.nodes(.elementwise(Elementwise(function)), x + output)[0])
    }
    let window = SpatialWindow(kernel: [3, 3], padding: .explicit([1, 1, 1, 1]))
    for function in [
      Pooling.Function.qLinearGlobalAverage(channelsLast: false),
      .qLinearAverage(.init(window: window), includesPadding: true),
    ] {
      sketch.output(
        sketch.nodes(
          .pooling(Pooling(function)), x + [sketch.scalar(0.003), sketch.point(110, .uint8)])[0])
    }
    sketch.output(sketch.nodes(.movement(.qLinearConcat(axis: 1)), output + x + y)[0])
    sketch.output(
      sketch.nodes(
        .softmax(Softmax(.qLinearSoftmax, axis: 1)),
        x + [sketch.scalar(0.004), sketch.point(0, .uint8)])[0])
    for kernel in ["add.q8", "multiply.q8", "table.q8", "average-pool.q8", "global-average.q8"] {
      try expectSame(sketch, kernel)
    }
  }

  /// The nodes that ONNX Runtime's dynamic quantization makes of a matrix product or convolution.
  private func dynamic(
    _ sketch: inout EngineSketch, _ x: Value.ID, _ op: Operator, _ weights: Value.ID
  ) -> Value.ID {
    let parts = sketch.nodes(
      .quantization(QuantizationOperator(.dynamicQuantizeLinear)), [x], outputs: 3)
    let sums = sketch.node(op, parts[0], weights, parts[2], sketch.point(1, .int8))
    let factor = sketch.apply(.mul, parts[1], sketch.scalar(0.004))
    return sketch.apply(.mul, sketch.node(.movement(.cast(to: .float32)), sums), factor)
  }

  @Test func `sums with a scale of the run become one product`() throws {
    var sketch = EngineSketch(seed: 4)
    let x = sketch.input([3, 16])
    let product = dynamic(
      &sketch, x, .matrixProduct(MatrixProduct(.matMulInteger)), sketch.bytes([16, 12]))
    sketch.output(sketch.apply(.relu, sketch.apply(.add, product, sketch.weight([12]))))
    let image = sketch.input([1, 4, 5, 5])
    let window = SpatialWindow(kernel: [3, 3], padding: .explicit([1, 1, 1, 1]))
    let sums = dynamic(
      &sketch, image, .convolution(Convolution(.convInteger, window: window)),
      sketch.bytes([6, 4, 3, 3]))
    sketch.output(sketch.apply(.add, sums, sketch.weight([1, 6, 1, 1])))
    try expectSame(sketch, "gemm.q8", tolerance: 0.02)
    let kernels = try EngineComparison(sketch).kernels
    #expect(kernels.count { $0 == "elementwise.f32" } == 2, "\(kernels)")
    #expect(kernels.contains("conv.q8"))
  }

  @Test func `integer sums alone are exact`() throws {
    var sketch = EngineSketch(seed: 5)
    let x = operands(&sketch, [3, 20], scale: 0.01, zero: 120)
    sketch.output(
      sketch.nodes(
        .matrixProduct(MatrixProduct(.matMulInteger)),
        [x[0], sketch.bytes([20, 7], .uint8), x[2], sketch.whole([7], .uint8, in: 0...200)])[0])
    try expectSame(sketch, "gemm.q8", tolerance: 0)
  }

  @Test func `products with real results`() throws {
    var sketch = EngineSketch(seed: 6)
    let x = sketch.input([2, 3, 16])
    let weights = sketch.bytes([16, 10])
    let (scales, bias) = (sketch.weight([10], in: 0.001...0.01), sketch.weight([10]))
    sketch.output(
      sketch.node(
        .matrixProduct(MatrixProduct(.dynamicQuantizeMatMul)), x, weights, scales, nil, bias))
    let parts = sketch.nodes(
      .quantization(QuantizationOperator(.dynamicQuantizeLinear)), [x], outputs: 3)
    sketch.output(
      sketch.node(
        .matrixProduct(MatrixProduct(.matMulIntegerToFloat)), parts[0], weights, parts[1], scales,
        parts[2], nil, bias))
    let rows = operands(&sketch, [4, 16], scale: 0.01, zero: 100)
    sketch.output(
      sketch.nodes(.matrixProduct(MatrixProduct(.qGemm(.init()))), rows + [weights, scales, nil])[0]
    )
    try expectSame(sketch, "gemm.q8", tolerance: 0.02)
  }

  @Test(arguments: [4, 8], [true, false])
  func `a product with weights of few bits in blocks`(bits: Int, hasZeroPoints: Bool) throws {
    for rows in [1, 5] {
      var sketch = EngineSketch(seed: 7)
      let weights = MatrixProduct.BlockQuantized(
        inputSize: 80, outputSize: 11, bits: bits, blockSize: 32)
      let zeros = hasZeroPoints ? sketch.bytes([11 * ((3 * bits - 1) / 8 + 1)], .uint8) : nil
      sketch.output(
        sketch.node(
          .matrixProduct(MatrixProduct(.matMulNBits(weights))), sketch.input([rows, 80]),
          sketch.bytes([11, 3, 32 * bits / 8], .uint8), sketch.weight([33], in: 0.001...0.01),
          zeros, nil, sketch.weight([11])))
      try expectSame(sketch, "gemm.q\(bits)", tolerance: 2e-3)
    }
  }
}
