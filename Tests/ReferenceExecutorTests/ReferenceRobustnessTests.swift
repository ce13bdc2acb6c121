import ModelIR
import Platform
import ReferenceExecutor
import TensorTypes
import TestSupport
import Testing

/// Elements come from files and runs, and may be anything: a kernel gives a result or throws.
@Suite struct ReferenceRobustnessTests {
  private static let examples = arithmeticOperatorExamples + structureOperatorExamples

  @Test(arguments: examples)
  func `no elements make a kernel trap`(example: OperatorExample) throws {
    var generator = SeededGenerator(seed: 3)
    let inputs: [ReferenceTensor<Double>?] = sampleInputs(example, using: &generator)
    var evaluated = 0
    func attempt(_ inputs: [ReferenceTensor<Double>?]) {
      if (try? example.op.reference(inputs, outputCount: example.outputCount)) != nil {
        evaluated += 1
      }
    }
    attempt(inputs)
    let odd: [Double] = [
      0, -1, 1, 3, 50, -1e300, 1e300, 0x1p63, -0x1p63, .nan, .infinity, -.infinity,
    ]
    for (index, input) in inputs.enumerated() {
      guard let input else { continue }
      var changed = inputs
      for value in odd {
        changed[index] = ReferenceTensor(
          input.type, Array(repeating: value, count: input.elements.count))
        attempt(changed)
      }
      changed[index] = nil
      attempt(changed)
    }
    #expect(evaluated > 0)
  }

  @Test(arguments: examples)
  func `no shape makes a kernel trap`(example: OperatorExample) throws {
    var generator = SeededGenerator(seed: 4)
    let inputs: [ReferenceTensor<Double>?] = sampleInputs(example, using: &generator)
    var refused = 0
    func attempt(_ inputs: [ReferenceTensor<Double>?]) {
      do {
        _ = try example.op.reference(inputs, outputCount: 4)
      } catch {
        refused += 1
      }
    }
    let shapes: [[Int]] = [
      [], [0], [1], [2], [2, 3], [0, 3], [3, 0], [1, 1, 1], [0, 0, 0], [2, 2, 2], [1, 2, 3, 4],
      [0, 1, 2, 2], [1, 0, 2, 2], [1, 1, 0, 0], [2, 1, 2, 1, 2],
    ]
    func filled(_ dtype: DType, _ shape: [Int]) -> ReferenceTensor<Double>? {
      ReferenceTensor(
        TensorType(dtype, shape), Array(repeating: 1, count: shape.reduce(1, *)))
    }
    for shape in shapes {
      for (index, input) in inputs.enumerated() {
        var changed = inputs
        changed[index] = filled(input?.type.dtype ?? .float32, shape)
        attempt(changed)
      }
      attempt(inputs.map { $0.flatMap { filled($0.type.dtype, shape) } })
    }
    attempt([])
    #expect(refused > 0 || example.inputs.isEmpty)
  }

  /// Uses that almost suit: one extent of one input off by one, or an axis more or less.
  @Test(arguments: WorkConformanceTests.Family.allCases)
  func `no almost fitting shape makes a kernel trap`(
    family: WorkConformanceTests.Family
  ) throws {
    var refused = 0
    for seed in UInt64(1)...200 {
      let example = family.example(seed: seed)
      var maker = ExampleMaker(seed: seed)
      var inputs: [ReferenceTensor<Double>?] = sampleInputs(example, using: &maker.generator)
      let index = maker.integer(0...inputs.count - 1)
      guard let input = inputs[index] else { continue }
      var dimensions = input.dimensions
      switch maker.integer(0...3) {
      case 0: dimensions.append(maker.integer(0...2))
      case 1 where !dimensions.isEmpty: dimensions.removeLast()
      default:
        for axis in dimensions.indices where maker.flag() {
          dimensions[axis] = max(dimensions[axis] + maker.integer(-1...1), 0)
        }
      }
      let elements = (0..<dimensions.reduce(1, *)).map { _ in Double(maker.integer(-1...2)) }
      inputs[index] = ReferenceTensor(TensorType(input.type.dtype, dimensions), elements)
      do {
        _ = try example.op.reference(inputs, outputCount: example.outputCount)
      } catch {
        refused += 1
      }
    }
    #expect(refused > 0)
  }

  /// The first dense layer of VGG-16 has 103 million weights, which are read like any other.
  @Test func `a kernel makes much only of much`() throws {
    let wide = Operand(TensorType(.float32, [25_088, 4096]))
    let abs = Operator.elementwise(Elementwise(.abs))
    #expect(try abs.resultTypes([wide], outputCount: 1) == [wide.type])
    let (column, row) = (
      Operand(TensorType(.float32, [25_088, 1])), Operand(TensorType(.float32, [1, 4096]))
    )
    let add = Operator.elementwise(Elementwise(.add))
    #expect(throws: ReferenceError.tooLarge("\(wide.type)")) {
      try add.resultTypes([column, row], outputCount: 1)
    }
  }

  /// Single precision goes the same way as double.
  @Test(arguments: examples)
  func `a kernel makes the same in single precision`(example: OperatorExample) throws {
    guard let kind = example.op.kind, !Self.drawing.contains(kind) else { return }
    var (one, other) = (SeededGenerator(seed: 5), SeededGenerator(seed: 5))
    let exact: [ReferenceTensor<Double>?] = sampleInputs(example, using: &one)
    let single: [ReferenceTensor<Float>?] = sampleInputs(example, using: &other)
    let expected = try example.op.reference(exact, outputCount: example.outputCount)
    let actual = try example.op.reference(single, outputCount: example.outputCount)
    #expect(actual.map(\.type) == expected.map(\.type))
    for (result, reference) in zip(actual, expected) {
      for (one, other) in zip(result.elements, reference.elements) {
        let isClose = abs(Double(one) - other) <= 1e-3 * max(1, abs(other))
        #expect(isClose || Double(one) == other || one.isNaN && other.isNaN)
      }
    }
  }

  /// Kinds whose results differ from run to run.
  private static let drawing: Set<OperatorKind> = [
    .bernoulli, .multinomial, .randomNormal, .randomNormalLike, .randomUniform, .randomUniformLike,
  ]
}
