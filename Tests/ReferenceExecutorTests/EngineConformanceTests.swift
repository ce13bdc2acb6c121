import ModelIR
import Platform
import ReferenceExecutor
import TensorTypes
import TestSupport
import Testing

/// Every operator gives the same through the engine as by its reference kernel, whether a tuned
/// kernel runs it or not, and whether its inputs are fed or constant.
@Suite struct EngineConformanceTests {
  private static let examples = arithmeticOperatorExamples + structureOperatorExamples

  @Test(arguments: examples)
  func `an operator gives the same through the engine`(example: OperatorExample) throws {
    var generator = SeededGenerator(seed: 11)
    #expect(try compare(example, using: &generator) || example.op.drawsAtRandom)
  }

  @Test(arguments: WorkConformanceTests.Family.allCases)
  func `random uses of an operator give the same through the engine`(
    family: WorkConformanceTests.Family
  ) throws {
    var compared = 0
    for seed in UInt64(1)...60 {
      var generator = SeededGenerator(seed: seed)
      if try compare(family.example(seed: seed), using: &generator) { compared += 1 }
    }
    #expect(compared > 30)
  }

  /// Whether there was something to compare: the reference kernel took the inputs.
  private func compare(
    _ example: OperatorExample, using generator: inout SeededGenerator
  ) throws -> Bool {
    guard !example.op.drawsAtRandom else { return false }
    let inputs: [ReferenceTensor<Double>?] = sampleInputs(example, using: &generator)
    let tensors = inputs.map { $0.flatMap { Tensor($0) } }
    for (input, tensor) in zip(inputs, tensors) where input != nil && tensor == nil { return false }
    let expected: [Tensor]
    do {
      expected = try example.op.evaluate(tensors, outputCount: example.outputCount)
    } catch {
      return false
    }
    for isConstant in [false, true] {
      var sketch = EngineSketch()
      var given: [Tensor] = []
      var ids: [Value.ID?] = []
      for (operand, tensor) in zip(example.inputs, tensors) {
        guard let tensor else {
          ids.append(nil)
          continue
        }
        if let literal = operand?.literal {
          ids.append(sketch.literal(literal))
        } else if isConstant {
          ids.append(sketch.weight(tensor))
        } else {
          ids.append(sketch.input(tensor.type.dimensions, tensor.type.dtype))
          given.append(tensor)
        }
      }
      for output in sketch.nodes(example.op, ids, outputs: example.outputCount) {
        sketch.output(output)
      }
      let inferred = try sketch.graph.inferred()
      let engine = try Engine(inferred, weights: sketch)
      var times: StepTimes? = StepTimes()
      for _ in 0..<2 {
        let results = try engine.run(given, times: &times)
        #expect(results.map(\.type) == expected.map(\.type))
        for (result, reference) in zip(results, expected) {
          let difference = greatestDifference(result, reference)
          #expect(difference <= example.op.tolerance, "\(example.op) \(engine.steps.map(\.kernel))")
        }
      }
    }
    return true
  }
}

extension Operator {
  fileprivate var drawsAtRandom: Bool {
    if case .generator(.random) = self { true } else { false }
  }

  /// Where a result is rounded to integers, sums in another order may end one further.
  fileprivate var tolerance: Double {
    if case .quantization = self { 1 } else { 2e-5 }
  }
}
