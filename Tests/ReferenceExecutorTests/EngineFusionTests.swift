import ModelIR
import ReferenceExecutor
import TensorTypes
import TestSupport
import Testing

/// What becomes one kernel, and that it computes the same.
@Suite struct EngineFusionTests {
  @Test func `batch normalization and activation become part of a convolution`() throws {
    var sketch = EngineSketch(seed: 2)
    let image = sketch.input([1, 3, 9, 8])
    let sums = sketch.convolution(image, [8, 3, 3, 3], bias: true, padding: 1)
    let normalized = sketch.node(
      .normalization(Normalization(.batch(Normalization.Batch()))), sums, sketch.weight([8]),
      sketch.weight([8]), sketch.weight([8]), sketch.weight([8], in: 0.5...2))
    sketch.output(sketch.apply(.relu, normalized))
    try expectOne(sketch, "conv.")
  }

  @Test func `a residual and two activations become part of a convolution`() throws {
    var sketch = EngineSketch(seed: 3)
    let image = sketch.input([2, 16, 6, 6])
    let first = sketch.apply(
      .clip(min: 0, max: 6), sketch.convolution(image, [16, 16, 1, 1], bias: true))
    let sums = sketch.convolution(first, [16, 16, 3, 3], padding: 1)
    sketch.output(
      sketch.apply(.relu, sketch.apply(.add, sketch.apply(.tanh, sums), image)))
    let comparison = try EngineComparison(sketch)
    #expect(comparison.kernels.count { $0.hasPrefix("conv.") } == 2)
    #expect(!comparison.kernels.contains("elementwise.f32"))
    #expect(comparison.difference < 1e-5)
  }

  @Test func `of two convolutions that are added one takes the other's result`() throws {
    var sketch = EngineSketch(seed: 4)
    let image = sketch.input([1, 8, 8, 8])
    let left = sketch.convolution(image, [12, 8, 1, 1], stride: 2)
    let right = sketch.convolution(image, [12, 8, 3, 3], stride: 2, padding: 1)
    sketch.output(sketch.apply(.relu, sketch.apply(.add, left, right)))
    let comparison = try EngineComparison(sketch)
    #expect(!comparison.kernels.contains("elementwise.f32"))
    #expect(comparison.difference < 1e-5)
  }

  @Test func `constants for each channel go into weights and bias`() throws {
    var sketch = EngineSketch(seed: 5)
    let image = sketch.input([1, 4, 5, 5])
    let sums = sketch.convolution(image, [6, 4, 3, 3], bias: true)
    let scaled = sketch.apply(.mul, sums, sketch.weight([6, 1, 1]))
    sketch.output(sketch.apply(.add, scaled, sketch.weight([1, 6, 1, 1])))
    try expectOne(sketch, "conv.")
  }

  /// Written as exporters do.
  enum Composite: String, CaseIterable, Sendable {
    case swish, hardSwish, hardSwishByClip, gelu, geluHalvedFirst, mish

    func write(_ x: Value.ID, _ sketch: inout EngineSketch) -> Value.ID {
      func s(_ value: Double) -> Value.ID { sketch.scalar(value) }
      switch self {
      case .swish: return sketch.apply(.mul, x, sketch.apply(.sigmoid, x))
      case .hardSwish:
        return sketch.apply(.mul, x, sketch.apply(.hardSigmoid(alpha: 1.0 / 6, beta: 0.5), x))
      case .hardSwishByClip:
        let clipped = sketch.apply(.clip(min: 0, max: 6), sketch.apply(.add, x, s(3)))
        return sketch.apply(.div, sketch.apply(.mul, x, clipped), s(6))
      case .gelu, .geluHalvedFirst:
        let root = sketch.apply(.erf, sketch.apply(.div, x, s(2.0.squareRoot())))
        let sum = sketch.apply(.add, root, s(1))
        return self == .gelu
          ? sketch.apply(.mul, sketch.apply(.mul, x, sum), s(0.5))
          : sketch.apply(.mul, sketch.apply(.mul, x, s(0.5)), sum)
      case .mish:
        return sketch.apply(.mul, x, sketch.apply(.tanh, sketch.apply(.softplus, x)))
      }
    }
  }

  @Test(arguments: Composite.allCases)
  func `an activation of several operators is known by its values`(composite: Composite) throws {
    var sketch = EngineSketch(seed: 6)
    let rows = sketch.input([1, 5, 16])
    let sums = sketch.apply(
      .add, sketch.node(.matrixProduct(MatrixProduct(.matMul)), rows, sketch.weight([16, 24])),
      sketch.weight([24]))
    sketch.output(composite.write(sums, &sketch))
    try expectOne(sketch, "gemm.f32")
  }

  @Test func `a function that is nearly an activation stays itself`() throws {
    var sketch = EngineSketch(seed: 7)
    let image = sketch.input([1, 4, 6, 6])
    let sums = sketch.convolution(image, [8, 4, 1, 1])
    let gate = sketch.apply(.sigmoid, sketch.apply(.mul, sums, sketch.scalar(1.01)))
    sketch.output(sketch.apply(.mul, sums, gate))
    let comparison = try EngineComparison(sketch)
    #expect(comparison.kernels.contains("elementwise.f32"))
    #expect(comparison.difference < 1e-5)
  }

  @Test func `what someone else reads is not fused away`() throws {
    var sketch = EngineSketch(seed: 8)
    let image = sketch.input([1, 4, 6, 6])
    let sums = sketch.convolution(image, [4, 4, 3, 3], padding: 1)
    sketch.output(sums)
    sketch.output(sketch.apply(.relu, sums))
    let comparison = try EngineComparison(sketch)
    #expect(comparison.difference < 1e-5)
  }

  @Test func `elementwise operators of one shape run in one pass`() throws {
    var sketch = EngineSketch(seed: 9)
    let (a, b) = (sketch.input([3, 1, 7]), sketch.input([3, 5, 7]))
    let sum = sketch.apply(.add, b, a)
    let root = sketch.apply(.sqrt, sketch.apply(.abs, sum))
    let isLess = sketch.apply(.less, root, sketch.weight([5, 1]))
    sketch.output(sketch.apply(.where, isLess, sum, sketch.apply(.exp, sum)))
    try expectOne(sketch, "elementwise.f32")
  }

  @Test func `parts of a concatenation are written where they belong`() throws {
    var sketch = EngineSketch(seed: 10)
    let image = sketch.input([1, 8, 6, 6])
    let parts = [16, 8, 4].map { sketch.convolution(image, [$0, 8, 1, 1]) }
    let pooled = sketch.node(
      .pooling(
        Pooling(
          .max(
            Pooling.Sliding(
              window: SpatialWindow(kernel: [3, 3], padding: .explicit([1, 1, 1, 1]))),
            countsColumnsFirst: false))), parts[0])
    let joined = sketch.nodes(.movement(.concat(axis: 1)), parts + [pooled])[0]
    sketch.output(sketch.convolution(joined, [4, 44, 1, 1]))
    let comparison = try EngineComparison(sketch)
    // One copy takes the image in, one the result out.
    #expect(
      comparison.kernels.count { $0.hasPrefix("copy.") } <= 2, "\(comparison.engine.steps)")
    #expect(comparison.difference < 1e-5)
  }

  @Test(arguments: [true, false])
  func `normalization written as several operators becomes one`(isCentered: Bool) throws {
    var sketch = EngineSketch(seed: 11)
    let rows = sketch.input([2, 3, 20])
    let mean = Reduction(.reduce(.mean, Reduction.Axes([-1])))
    var centered = rows
    if isCentered {
      centered = sketch.apply(.sub, rows, sketch.node(.reduction(mean), rows))
    }
    let squares = sketch.apply(.pow, centered, sketch.scalar(2))
    let variance = sketch.node(.reduction(mean), squares)
    let root = sketch.apply(.sqrt, sketch.apply(.add, variance, sketch.scalar(1e-5)))
    let normalized =
      isCentered
      ? sketch.apply(.div, centered, root)
      : sketch.apply(.mul, centered, sketch.apply(.reciprocal, root))
    var result = sketch.apply(.mul, normalized, sketch.weight([20]))
    if isCentered { result = sketch.apply(.add, result, sketch.weight([20])) }
    sketch.output(result)
    try expectOne(sketch, isCentered ? "layer-norm.f32" : "rms-norm.f32")
  }

  private func expectOne(_ sketch: EngineSketch, _ kernel: String) throws {
    let comparison = try EngineComparison(sketch)
    let kernels = comparison.kernels.filter { !$0.hasPrefix("copy.") }
    #expect(kernels.count == 1 && kernels[0].hasPrefix(kernel), "\(comparison.kernels)")
    #expect(comparison.difference < 1e-5)
    let threaded = try EngineComparison(sketch, threads: 2)
    #expect(threaded.difference < 1e-5)
  }
}

extension EngineSketch {
  mutating func convolution(
    _ input: Value.ID, _ weights: [Int], bias: Bool = false, stride: Int = 1, padding: Int = 0,
    group: Int = 1
  ) -> Value.ID {
    let axes = weights.count - 2
    let window = SpatialWindow(
      kernel: Array(weights.dropFirst(2)), strides: Array(repeating: stride, count: axes),
      padding: .explicit(Array(repeating: padding, count: 2 * axes)))
    let parameters: [Value.ID?] =
      bias ? [input, weight(weights), weight([weights[0]])] : [input, weight(weights)]
    return nodes(.convolution(Convolution(.conv, window: window, group: group)), parameters)[0]
  }
}
