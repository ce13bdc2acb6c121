import ModelIR
import ReferenceExecutor
import TensorTypes
import TestSupport
import Testing

/// Where elements stand: views, copies, layouts and the arena.
@Suite struct EngineLayoutTests {
  @Test func `an image taken in with channels last costs no transposition`() throws {
    var sketch = EngineSketch(seed: 31)
    let image = sketch.input([1, 6, 7, 8])
    let planes = sketch.node(.movement(.transpose(permutation: [0, 3, 1, 2])), image)
    let features = sketch.convolution(planes, [12, 8, 3, 3], padding: 1)
    sketch.output(sketch.node(.movement(.transpose(permutation: [0, 2, 3, 1])), features))
    let comparison = try EngineComparison(sketch)
    #expect(comparison.kernels.count { $0.hasPrefix("copy.") } <= 1)
    #expect(comparison.difference < 1e-5)
  }

  @Test func `features become rows of tokens without a copy`() throws {
    var sketch = EngineSketch(seed: 32)
    let image = sketch.input([1, 3, 8, 8])
    let patches = sketch.convolution(image, [16, 3, 4, 4], stride: 4)
    let flat = sketch.node(.view(.reshape()), patches, sketch.vector([1, 16, 4]))
    let tokens = sketch.node(.movement(.transpose(permutation: [0, 2, 1])), flat)
    sketch.output(
      sketch.node(.matrixProduct(MatrixProduct(.matMul)), tokens, sketch.weight([16, 5])))
    let comparison = try EngineComparison(sketch)
    #expect(comparison.kernels.last == "gemm.f32")
    #expect(comparison.kernels.count <= 3)
    #expect(comparison.difference < 1e-5)
  }

  /// Everything that may stand between two convolutions.
  enum Between: String, CaseIterable, Sendable {
    case softmaxOfChannels, meanOfChannels, meanOfPlanes, slice, pad, flatten, shuffle, split, gate
    case depthToSpace, spaceToDepth, batchNormalization, instanceNormalization, resize, maxPool
    case averagePool, globalAverage, reverse, tile, transposed, oneDimensional

    func write(_ x: Value.ID, _ sketch: inout EngineSketch) -> Value.ID {
      switch self {
      case .softmaxOfChannels: return sketch.node(.softmax(Softmax(.softmax, axis: 1)), x)
      case .meanOfChannels:
        return sketch.node(.reduction(Reduction(.reduce(.mean, Reduction.Axes([1])))), x)
      case .meanOfPlanes:
        return sketch.apply(
          .mul, x, sketch.node(.reduction(Reduction(.reduce(.mean, Reduction.Axes([2, 3])))), x))
      case .slice:
        return sketch.node(
          .movement(.slice(Movement.Slice(starts: [2, 1], ends: [7, 6], axes: [1, 3]))), x)
      case .pad: return sketch.node(.movement(.pad(pads: [0, 1, 2, 0, 0, 1, 1, 1])), x)
      case .flatten: return sketch.node(.view(.flatten(axis: 1)), x)
      case .shuffle:
        let groups = sketch.node(.view(.reshape()), x, sketch.vector([2, 2, 4, 6, 6]))
        let exchanged = sketch.node(
          .movement(.transpose(permutation: [0, 2, 1, 3, 4])), groups)
        return sketch.node(.view(.reshape()), exchanged, sketch.vector([2, 8, 6, 6]))
      case .split:
        let parts = sketch.nodes(
          .movement(.split(Movement.Split(axis: 1, sizes: [3, 5]))), [x], outputs: 2)
        return sketch.nodes(.movement(.concat(axis: 1)), [parts[1], parts[0]])[0]
      case .gate:
        let mean = sketch.node(.pooling(Pooling(.globalAverage)), x)
        return sketch.apply(
          .mul, x, sketch.apply(.sigmoid, sketch.convolution(mean, [8, 8, 1, 1], bias: true)))
      case .depthToSpace: return sketch.node(.movement(.depthToSpace(blockSize: 2)), x)
      case .spaceToDepth: return sketch.node(.movement(.spaceToDepth(blockSize: 2)), x)
      case .batchNormalization:
        return sketch.node(
          .normalization(Normalization(.batch(Normalization.Batch()))), sketch.apply(.abs, x),
          sketch.weight([8]), sketch.weight([8]), sketch.weight([8]),
          sketch.weight([8], in: 0.5...2))
      case .instanceNormalization:
        return sketch.node(
          .normalization(Normalization(.instance)), x, sketch.weight([8]), sketch.weight([8]))
      case .resize:
        return sketch.node(.movement(.resize(Resize(.linear, scales: [1, 1, 2, 1.5]))), x)
      case .maxPool, .averagePool:
        let sliding = Pooling.Sliding(
          window: SpatialWindow(
            kernel: [3, 3], strides: [2, 2], padding: .explicit([1, 0, 1, 1])), roundsUp: true)
        return sketch.node(
          .pooling(
            Pooling(
              self == .maxPool
                ? .max(sliding, countsColumnsFirst: false)
                : .average(sliding, includesPadding: false))), x)
      case .globalAverage: return sketch.node(.pooling(Pooling(.globalAverage)), x)
      case .reverse:
        return sketch.node(
          .movement(.slice(Movement.Slice())), x, sketch.vector([-1]), sketch.vector([-100]),
          sketch.vector([3]), sketch.vector([-1]))
      case .tile: return sketch.node(.movement(.tile), x, sketch.vector([1, 2, 1, 2]))
      case .transposed:
        return sketch.node(
          .convolution(
            Convolution(
              .convTranspose(outputPadding: [], outputShape: nil),
              window: SpatialWindow(
                kernel: [3, 3], strides: [2, 2], padding: .explicit([1, 1, 1, 1])))), x,
          sketch.weight([8, 4, 3, 3]), sketch.weight([4]))
      case .oneDimensional:
        let line = sketch.node(.view(.reshape()), x, sketch.vector([2, 8, 36]))
        return sketch.convolution(line, [6, 8, 5], bias: true, stride: 2, padding: 2)
      }
    }
  }

  @Test(arguments: Between.allCases)
  func `what stands between convolutions takes their layout`(between: Between) throws {
    var sketch = EngineSketch(seed: 33)
    let image = sketch.input([2, 4, 6, 6])
    let features = sketch.apply(.relu, sketch.convolution(image, [8, 4, 3, 3], padding: 1))
    let result = between.write(features, &sketch)
    sketch.output(result)
    sketch.output(sketch.apply(.neg, result))
    let comparison = try EngineComparison(sketch)
    #expect(comparison.difference < 1e-5)
    #expect(!comparison.kernels.contains { $0.hasPrefix("reference.") }, "\(comparison.kernels)")
  }

  @Test func `results overwrite operands that die with them`() throws {
    var sketch = EngineSketch(seed: 34)
    var current = sketch.input([64, 32])
    for _ in 0..<4 {
      let product = sketch.node(
        .matrixProduct(MatrixProduct(.matMul)), current, sketch.weight([32, 32]))
      // Read twice, so that neither function is part of the product.
      current = sketch.apply(
        .add, sketch.apply(.exp, sketch.apply(.neg, product)),
        sketch.node(.softmax(Softmax(.softmax, axis: -1)), product))
    }
    sketch.output(sketch.node(.reduction(Reduction(.reduce(.sum, Reduction.Axes([1])))), current))
    let comparison = try EngineComparison(sketch)
    #expect(comparison.difference < 1e-4)
    #expect(comparison.engine.memory.arena <= 3 * 64 * 32 * 4)
  }
}
