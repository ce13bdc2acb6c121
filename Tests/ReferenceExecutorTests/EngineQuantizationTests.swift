import ModelIR
import ReferenceExecutor
import TensorTypes
import TestSupport
import Testing

/// Graphs with real numbers between dequantization and quantization run on bytes, and give what
/// their nodes give one by one, within one step.
@Suite struct EngineQuantizationTests {
  private func expectBytes(
    _ sketch: EngineSketch, kernels: Set<String>, threads: Int = 1
  ) throws {
    let comparison = try EngineComparison(sketch, threads: threads)
    #expect(comparison.isWithinOneStep, "\(comparison.kernels)")
    #expect(comparison.isVaried)
    #expect(comparison.isOnBytes, "\(comparison.kernels)")
    #expect(Set(comparison.kernels).isSuperset(of: kernels), "\(comparison.kernels)")
  }

  @Test(arguments: EngineSketch.WeightStyle.allCases, [DType.uint8, .int8])
  func `a convolution between bytes sums bytes`(
    style: EngineSketch.WeightStyle, dtype: DType
  ) throws {
    for (channels, filters, group) in [(3, 8, 1), (16, 16, 16), (12, 20, 4), (32, 33, 1)] {
      var sketch = EngineSketch(seed: UInt64(channels))
      let zero = dtype == .uint8 ? 120 : -3
      let image = sketch.roundedInput([1, channels, 7, 6], 0.01, zero, dtype)
      let weights = sketch.quantizedWeight([filters, channels / group, 3, 3], style)
      let sums = sketch.convolution(
        image, quantized: weights, bias: sketch.weight([filters]), kernel: [3, 3], stride: 2,
        padding: 1, group: group)
      sketch.output(sketch.quantize(sketch.apply(.relu, sums), 0.03, zero, dtype))
      try expectBytes(sketch, kernels: ["conv.q8"], threads: group == 1 ? 2 : 1)
    }
  }

  @Test func `a bias of the sums' scale is added to the sums`() throws {
    var sketch = EngineSketch(seed: 5)
    let image = sketch.roundedInput([2, 4, 5, 5])
    let weights = sketch.quantizedWeight([6, 4, 1, 1], .single)
    let bias = sketch.node(
      .quantization(QuantizationOperator(.dequantizeLinear(.init(axis: 0), output: nil))),
      sketch.whole([6], .int32, in: -9000...9000),
      sketch.reals(Array(repeating: Double(Float(0.01) * Float(0.004)), count: 6)))
    let sums = sketch.convolution(image, quantized: weights, bias: bias, kernel: [1, 1])
    sketch.output(sketch.quantize(sums, 0.02, 128))
    try expectBytes(sketch, kernels: ["conv.q8"])
  }

  @Test func `sums that nobody quantizes become real numbers`() throws {
    var sketch = EngineSketch(seed: 6)
    let image = sketch.roundedInput([1, 8, 5, 5])
    let sums = sketch.convolution(
      image, quantized: sketch.quantizedWeight([6, 8, 3, 3]), kernel: [3, 3], padding: 1)
    sketch.output(sketch.apply(.sigmoid, sums))
    let comparison = try EngineComparison(sketch)
    #expect(comparison.difference < 1e-4)
    #expect(comparison.kernels.contains("conv.q8"))
    #expect(!comparison.kernels.contains("elementwise.f32"))
  }

  @Test func `a residual of bytes is added to the sums`() throws {
    var sketch = EngineSketch(seed: 7)
    let image = sketch.roundedInput([1, 8, 5, 5])
    let sums = sketch.convolution(
      image, quantized: sketch.quantizedWeight([8, 8, 3, 3]), kernel: [3, 3], padding: 1)
    let sum = sketch.apply(.relu, sketch.apply(.add, sums, image))
    sketch.output(sketch.quantize(sum, 0.03, 0))
    try expectBytes(sketch, kernels: ["conv.q8"])
    #expect(try !EngineComparison(sketch).kernels.contains("add.q8"))
  }

  @Test(arguments: [Elementwise.Function.add, .mul], [true, false])
  func `values of one shape are added and multiplied as bytes`(
    function: Elementwise.Function, isRectified: Bool
  ) throws {
    var sketch = EngineSketch(seed: 8)
    let left = sketch.roundedInput([1, 8, 5, 5], 0.01, 3, .int8)
    let right = sketch.roundedInput([1, 8, 5, 5], 0.007, -9, .int8)
    var result = sketch.apply(function, left, right)
    if isRectified { result = sketch.apply(.relu, result) }
    sketch.output(sketch.quantize(result, 0.013, 4, .int8))
    try expectBytes(sketch, kernels: [function == .add ? "add.q8" : "multiply.q8"])
  }

  @Test(arguments: EngineSketch.WeightStyle.allCases)
  func `matrix products between bytes sum bytes`(style: EngineSketch.WeightStyle) throws {
    var sketch = EngineSketch(seed: 9)
    let rows = sketch.roundedInput([2, 5, 24])
    let product = sketch.node(
      .matrixProduct(MatrixProduct(.matMul)), rows,
      sketch.quantizedWeight([24, 18], axis: 1, style))
    let middle = sketch.rounded(sketch.apply(.add, product, sketch.weight([18])), 0.05, 110)
    let flat = sketch.node(
      .view(.reshape(to: [10, 18])), middle)
    let transposed = sketch.node(
      .movement(.transpose(permutation: [1, 0])), sketch.quantizedWeight([7, 18], axis: 0, style))
    let second = sketch.node(.matrixProduct(MatrixProduct(.matMul)), flat, transposed)
    let gemm = MatrixProduct.Gemm(alpha: 0.5, beta: 2, transposesB: true)
    let third = sketch.node(
      .matrixProduct(MatrixProduct(.gemm(gemm))), flat,
      sketch.quantizedWeight([9, 18], axis: 0, style), sketch.weight([9]))
    sketch.output(sketch.quantize(second, 0.2, 128))
    sketch.output(sketch.quantize(third, 0.2, 3, .int8))
    try expectBytes(sketch, kernels: ["gemm.q8"])
  }

  @Test func `what only moves elements moves bytes`() throws {
    var sketch = EngineSketch(seed: 10)
    let image = sketch.roundedInput([1, 8, 6, 4])
    let sums = sketch.rounded(
      sketch.convolution(image, quantized: sketch.quantizedWeight([8, 8, 1, 1]), kernel: [1, 1]),
      0.02, 128)
    let window = SpatialWindow(kernel: [2, 2], strides: [2, 2])
    let pooled = sketch.node(
      .pooling(Pooling(.max(.init(window: window), countsColumnsFirst: false))), sums)
    let larger = sketch.node(
      .movement(.resize(Resize(.nearest, scales: [1, 1, 2, 2], sampling: .corners))), pooled)
    let joined = sketch.node(.movement(.concat(axis: 1)), larger, sums)
    let exchanged = sketch.node(.movement(.transpose(permutation: [0, 2, 3, 1])), joined)
    let flat = sketch.node(.view(.flatten(axis: 2)), exchanged)
    sketch.output(sketch.quantize(flat, 0.02, 128))
    try expectBytes(sketch, kernels: ["conv.q8", "max-pool.q8"])
  }

  @Test func `a concatenation brings its parts to one scale`() throws {
    var sketch = EngineSketch(seed: 11)
    let left = sketch.roundedInput([1, 3, 4, 5], 0.01, 120)
    let right = sketch.roundedInput([1, 5, 4, 5], 0.02, 90)
    let joined = sketch.node(.movement(.concat(axis: 1)), left, right)
    sketch.output(sketch.quantize(joined, 0.013, 7, .int8))
    try expectBytes(sketch, kernels: ["table.q8"])
  }

  @Test func `means of bytes are bytes`() throws {
    var sketch = EngineSketch(seed: 12)
    let image = sketch.roundedInput([2, 9, 6, 6])
    let window = SpatialWindow(
      kernel: [3, 3], strides: [2, 2], padding: .explicit([1, 1, 1, 1]))
    for includesPadding in [true, false] {
      let mean = sketch.node(
        .pooling(Pooling(.average(.init(window: window), includesPadding: includesPadding))), image)
      sketch.output(sketch.quantize(mean, 0.008, 100))
    }
    let whole = sketch.node(.pooling(Pooling(.globalAverage)), image)
    sketch.output(sketch.quantize(whole, 0.004, 1, .int8))
    try expectBytes(sketch, kernels: ["average-pool.q8", "global-average.q8"])
  }

  @Test func `functions of one value become a table`() throws {
    var sketch = EngineSketch(seed: 13)
    let x = sketch.roundedInput([2, 12, 5])
    let gate = sketch.apply(
      .clip(min: 0, max: 6), sketch.apply(.add, x, sketch.scalar(3)))
    let product = sketch.apply(.div, sketch.apply(.mul, x, gate), sketch.scalar(6))
    let named = sketch.node(.view(.reshape(to: [2, 60])), product)
    sketch.output(sketch.quantize(named, 0.005, 90))
    let comparison = try EngineComparison(sketch)
    #expect(comparison.isWithinOneStep && comparison.isVaried)
    #expect(comparison.kernels == ["quantize.q8", "table.q8"])
  }

  @Test func `bytes become real numbers for those who need them`() throws {
    var sketch = EngineSketch(seed: 14)
    let image = sketch.roundedInput([1, 8, 5, 5])
    let sums = sketch.convolution(
      image, quantized: sketch.quantizedWeight([8, 8, 1, 1]), kernel: [1, 1])
    let known = sketch.rounded(sums, 0.02, 128)
    let softmax = sketch.node(.softmax(Softmax(.softmax, axis: 1)), known)
    sketch.output(softmax)
    sketch.output(sketch.apply(.mul, known, image))
    sketch.output(image)
    let comparison = try EngineComparison(sketch)
    #expect(comparison.difference < 0.03)
    #expect(comparison.engine.notes.isEmpty)
  }

  @Test func `scales for each channel of an activation stay with the reference kernel`() throws {
    var sketch = EngineSketch(seed: 15)
    let x = sketch.input([1, 4, 3, 3], .uint8)
    let real = sketch.node(
      .quantization(QuantizationOperator(.dequantizeLinear(.init(axis: 1), output: nil))), x,
      sketch.weight([4], in: 0.01...0.02))
    let sums = sketch.convolution(
      real, quantized: sketch.quantizedWeight([5, 4, 1, 1]), kernel: [1, 1])
    sketch.output(sketch.quantize(sums, 0.05, 128))
    let given = sketch.tensor(
      TensorType(.uint8, [1, 4, 3, 3]), (0..<36).map { Double($0 * 7 % 256) })
    let comparison = try EngineComparison(sketch, inputs: [given])
    #expect(comparison.isWithinOneStep)
    #expect(!comparison.engine.notes.isEmpty)
  }
}
