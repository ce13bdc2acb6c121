import ModelIR
import Quantities
import TensorTypes
import TestSupport
import Testing

/// Kinds whose work depends on data, so that it is unknown before a run.
private let kindsOfUnknownWork: Set<OperatorKind> = [.maxRoiPool]

private func kinds(from first: OperatorKind, through last: OperatorKind) -> ArraySlice<OperatorKind>
{
  let all = OperatorKind.allCases
  guard let start = all.firstIndex(of: first), let end = all.firstIndex(of: last) else { return [] }
  return all[start...end]
}

@Test func `every arithmetic operator has an example`() {
  let owned = Set(kinds(from: .conv, through: .quantizeLinear)).subtracting([.topK])
  let shown = Set(arithmeticOperatorExamples.compactMap(\.op.kind))
  #expect(owned.subtracting(shown) == [])
  #expect(shown.subtracting(owned) == [])
}

@Test(arguments: arithmeticOperatorExamples)
func `an example has types and work`(example: OperatorExample) throws {
  let definition = try #require(example.op.definition)
  let types = try definition.outputTypes(for: example.inputs, outputCount: example.outputCount)
  try #require(types.count == example.outputCount, "\(example.op.name)")
  #expect(types.allSatisfy { $0 != nil })
  let work = definition.work(inputs: example.inputs, outputs: types)
  if kindsOfUnknownWork.contains(definition.kind) {
    #expect(work == nil)
    return
  }
  let known = try #require(work, "\(example.op.name)")
  #expect(known.reads.count == example.inputs.count)
  #expect(known.writes.count == types.count)
  #expect(!known.isSaturated)
  // Only moving maxima back computes nothing.
  #expect((known.flops > .zero) == (definition.kind != .maxUnpool), "\(example.op.name)")
}

/// Every example with its inputs cut, emptied, enlarged and of other ranks: a file may say anything.
@Test(arguments: arithmeticOperatorExamples)
func `no inputs make a rule trap`(example: OperatorExample) throws {
  let definition = try #require(example.op.definition)
  var accepted = 0
  func attempt(_ inputs: [Operand?]) {
    guard let types = try? definition.outputTypes(for: inputs, outputCount: 2) else { return }
    accepted += 1
    let work = definition.work(inputs: inputs, outputs: types)
    #expect(work?.reads.count ?? inputs.count == inputs.count)
  }
  attempt([])
  for count in example.inputs.indices { attempt(Array(example.inputs.prefix(count))) }
  let odd: [[Int]] = [
    [], [0], [1], [.max], [2, 3], [0, 0, 0], [.max, .max, .max], [1, .max, 1, .max],
    [0, .max, .max, 2], [-1, -2, .min], [.min, 1, 1, 1], [2, 2, 2, 2, 2],
  ]
  for position in example.inputs.indices {
    var inputs = example.inputs
    inputs[position] = nil
    attempt(inputs)
    for dimensions in odd {
      let dtype = example.inputs[position]?.type.dtype ?? .float32
      inputs[position] = Operand(TensorType(dtype, dimensions))
      attempt(inputs)
    }
  }
  for dimensions in odd {
    attempt(example.inputs.map { $0.map { Operand(TensorType($0.type.dtype, dimensions)) } })
  }
  attempt(example.inputs)
  #expect(accepted > 0)
}
