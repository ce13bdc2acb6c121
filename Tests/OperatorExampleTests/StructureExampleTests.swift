import ModelIR
import Quantities
import TensorTypes
import TestSupport
import Testing

/// Kinds whose result has a shape that only a run tells, with the examples' inputs.
private let dataDependentKinds: Set<OperatorKind> = [.unique, .nonMaxSuppression]

@Test func `every structure operator has an example`() {
  let all = OperatorKind.allCases
  guard let start = all.firstIndex(of: .bitCast), let end = all.firstIndex(of: .stft) else {
    Issue.record("the list of kinds has changed")
    return
  }
  let owned = Set(all[start...end]).union([.topK])
  let shown = Set(structureOperatorExamples.compactMap(\.op.kind))
  #expect(owned.subtracting(shown) == [])
  #expect(shown.subtracting(owned) == [])
}

@Test(arguments: structureOperatorExamples)
func `a structure example has types and work`(example: OperatorExample) throws {
  let definition = try #require(example.op.definition)
  let types = try definition.outputTypes(for: example.inputs, outputCount: example.outputCount)
  try #require(types.count >= example.outputCount, "\(example.op.name)")
  guard !dataDependentKinds.contains(definition.kind) else {
    #expect(types.allSatisfy { $0 == nil })
    return
  }
  let outputs = Array(types.prefix(example.outputCount))
  #expect(outputs.allSatisfy { $0 != nil }, "\(example.op.name)")
  let work = try #require(definition.work(inputs: example.inputs, outputs: outputs))
  #expect(work.reads.count == example.inputs.count)
  #expect(work.writes.count == outputs.count)
  #expect(!work.isSaturated)
  for (read, input) in zip(work.reads, example.inputs) {
    #expect(read <= input?.type.storageSize ?? .zero, "\(example.op.name)")
  }
}

/// Every example with its inputs cut, emptied, enlarged, of other ranks and with other elements:
/// a file may say anything.
@Test(arguments: structureOperatorExamples)
func `no inputs make a structure rule trap`(example: OperatorExample) throws {
  let definition = try #require(example.op.definition)
  var accepted = 0
  func attempt(_ inputs: [Operand?]) {
    for count in 0...3 {
      guard let types = try? definition.outputTypes(for: inputs, outputCount: count) else {
        continue
      }
      accepted += 1
      let work = definition.work(inputs: inputs, outputs: types)
      #expect(work?.reads.count ?? inputs.count == inputs.count)
      let known = types.compactMap { $0 }
      if let foldable = definition as? any FoldableOperator, known.count == types.count,
        known.allSatisfy({ $0.elementCount <= TensorLiteral.maximumElementCount })
      {
        let literals = foldable.evaluate(inputs.map { $0?.literal }, outputs: known)
        #expect(literals?.allSatisfy { $0.type.elementCount <= 1 << 16 } ?? true)
      }
    }
  }
  let shapes: [[Int]] = [
    [], [0], [1], [.max], [2, 3], [0, 0, 0], [.max, .max, .max], [1, .max, 1, .max],
    [0, .max, .max, 2], [-1, -2, .min], [.min, 1, 1, 1], [2, 2, 2, 2, 2], [1 << 40, 1 << 40, 0],
  ]
  let vectors: [[Int]] = [
    [], [0], [-1], [.max], [.min], [0, 0], [.min, .max], [.max, .max, .max], [-1, -1],
    [1 << 32, 1 << 32], [2, 0, 2], [3, 3, 3, 3], [1 << 20, 1 << 20, 0],
  ]
  let numbers: [[Double]] = [
    [], [0], [.nan], [.infinity, -.infinity], [1e300, -1e300, 0, 1e-300],
  ]
  let literals =
    vectors.map { TensorLiteral(vector: $0) }
    + vectors.compactMap(\.first).map { TensorLiteral(scalar: $0) }
    + numbers.compactMap { TensorLiteral(TensorType(.float32, [$0.count]), .reals($0)) }
  attempt([])
  for count in example.inputs.indices { attempt(Array(example.inputs.prefix(count))) }
  let odd =
    shapes.map { Operand(TensorType(.float32, $0)) } + literals.map { Operand($0) }
    + shapes.compactMap { shape in
      let type = TensorType(.int64, shape)
      return TensorLiteral(type, .integers([])).map { Operand($0) }
    }
  for position in example.inputs.indices {
    var inputs = example.inputs
    inputs[position] = nil
    attempt(inputs)
    for operand in odd {
      inputs[position] = operand
      attempt(inputs)
    }
  }
  for operand in odd { attempt(example.inputs.map { _ in operand }) }
  attempt(example.inputs)
  #expect(accepted > 0)
}
