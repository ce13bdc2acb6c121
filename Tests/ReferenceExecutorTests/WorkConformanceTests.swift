import ModelIR
import Platform
import Quantities
import ReferenceExecutor
import TensorTypes
import TestSupport
import Testing

/// Kinds whose work no shape decides, with the reason.
private let kindsOfUnknownWork: [OperatorKind: String] = [
  .maxRoiPool: "how many elements a cell has depends on the regions",
  .nonMaxSuppression: "how many boxes are kept depends on their scores",
]

/// Kinds whose formula is a convention, not a count of what one program does.
private let kindsOfConventionalWork: [OperatorKind: String] = [
  .detectionOutput: "how many boxes are found depends on their scores",
  .detectionPostProcess: "how many boxes are found depends on their scores",
  .dft: "5 · N · log₂ N of FFT benchmarks for every length, half of it for real signals",
  .stft: "5 · N · log₂ N of FFT benchmarks for every length, half of it for real signals",
]

/// Runs the reference kernel over counting numbers, and compares what it made and did with what the
/// operator's rules say.
func expectConformance(
  _ example: OperatorExample, seed: UInt64, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let definition = try #require(example.op.definition)
  var generator = SeededGenerator(seed: seed)
  let inputs: [ReferenceTensor<Counted>?] = sampleInputs(example, using: &generator)
  let types = try definition.outputTypes(for: example.inputs, outputCount: example.outputCount)
  let (results, operations) = try Counted.counting {
    try example.op.reference(inputs, outputCount: example.outputCount)
  }
  let comment: Comment = "\(example.op) of \(example.inputs.map { $0?.type }), seed \(seed)"
  #expect(results.count == types.count, comment, sourceLocation: sourceLocation)
  for (result, type) in zip(results, types) {
    guard let type else { continue }
    #expect(result.type == type, comment, sourceLocation: sourceLocation)
  }
  let work = definition.work(inputs: example.inputs, outputs: types)
  if let reason = kindsOfUnknownWork[definition.kind] {
    #expect(work == nil, "\(reason)", sourceLocation: sourceLocation)
    return
  }
  let known = try #require(work, comment, sourceLocation: sourceLocation)
  if let reason = kindsOfConventionalWork[definition.kind] {
    #expect(known.flops > .zero && operations > 0, "\(reason)", sourceLocation: sourceLocation)
    return
  }
  #expect(FLOPs(operations) == known.flops, comment, sourceLocation: sourceLocation)
}

@Suite struct WorkConformanceTests {
  @Test(arguments: arithmeticOperatorExamples)
  func `an arithmetic kernel does the work its formula says`(example: OperatorExample) throws {
    try expectConformance(example, seed: 1)
  }

  @Test(arguments: structureOperatorExamples)
  func `a structure kernel does the work its formula says`(example: OperatorExample) throws {
    try expectConformance(example, seed: 2)
  }

  /// Families of operators whose work depends on many attributes and extents.
  enum Family: String, CaseIterable, Sendable {
    case convolution, causalConvolution, pooling, matrixProduct, gemm, blockQuantizedProduct,
      einsum, reduction, softmax, normalization, elementwise, quantization, recurrent, attention,
      attentionLike, movement, indexing, sampling

    func example(seed: UInt64) -> OperatorExample {
      var maker = ExampleMaker(seed: seed)
      switch self {
      case .convolution: return maker.convolution()
      case .causalConvolution: return maker.causalConvolution()
      case .pooling: return maker.pooling()
      case .matrixProduct: return maker.matrixProduct()
      case .gemm: return maker.gemm()
      case .blockQuantizedProduct: return maker.blockQuantizedProduct()
      case .einsum: return maker.einsum()
      case .reduction: return maker.reduction()
      case .softmax: return maker.softmax()
      case .normalization: return maker.normalization()
      case .elementwise: return maker.elementwise()
      case .quantization: return maker.quantization()
      case .recurrent: return maker.recurrent()
      case .attention: return maker.attention()
      case .attentionLike: return maker.attentionLike()
      case .movement: return maker.movement()
      case .indexing: return maker.indexing()
      case .sampling: return maker.sampling()
      }
    }
  }

  @Test(arguments: Family.allCases)
  func `a family conforms on random shapes`(family: Family) throws {
    for seed in UInt64(1)...100 {
      try expectConformance(family.example(seed: seed), seed: seed)
    }
  }

  @Test func `every operator has an example but control flow`() {
    let examples = arithmeticOperatorExamples + structureOperatorExamples
    let shown = Set(examples.compactMap(\.op.kind))
    #expect(Set(OperatorKind.allCases).subtracting(shown) == [.if, .loop, .scan])
  }

  /// The convention is exact for complex signals of these lengths.
  @Test(arguments: [1, 2, 4, 8, 32])
  func `a transform of a power of two does 5 N log N operations`(length: Int) throws {
    let example = OperatorExample(
      .signal(.dft(axis: 1, inverse: false, onesided: false)),
      [Operand(TensorType(.float32, [3, length, 2]))])
    var generator = SeededGenerator(seed: 1)
    let inputs: [ReferenceTensor<Counted>?] = sampleInputs(example, using: &generator)
    let (results, operations) = try Counted.counting { try example.op.reference(inputs) }
    let types = results.map { Optional($0.type) }
    let definition = try #require(example.op.definition)
    let work = try #require(definition.work(inputs: example.inputs, outputs: types))
    #expect(FLOPs(operations) == work.flops)
    #expect(operations == 3 * 5 * length * length.trailingZeroBitCount)
  }
}
