import ModelIR
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
}
