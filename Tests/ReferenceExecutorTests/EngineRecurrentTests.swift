import ModelIR
import ReferenceExecutor
import TensorTypes
import TestSupport
import Testing

/// Recurrent cells have kernels of their own, which give what the reference kernels give.
@Suite struct EngineRecurrentTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let cell: Recurrent.Cell
    let direction: Recurrent.Direction
    let batchFirst: Bool

    var gates: Int {
      switch cell {
      case .lstm, .dynamicQuantizeLSTM: 4
      case .gru: 3
      case .rnn: 1
      }
    }
    var kernel: String {
      switch cell {
      case .lstm, .dynamicQuantizeLSTM: "lstm.f32"
      case .gru: "gru.f32"
      case .rnn: "rnn.f32"
      }
    }
    var testDescription: String { "\(cell), \(direction)\(batchFirst ? ", batch first" : "")" }
  }

  static let cases: [Case] = [
    Recurrent.Cell.lstm(couplesInputAndForget: false), .gru(linearBeforeReset: true),
    .gru(linearBeforeReset: false), .rnn,
  ].flatMap { cell in
    [Recurrent.Direction.forward, .reverse, .bidirectional].flatMap { direction in
      [false, true].map { Case(cell: cell, direction: direction, batchFirst: $0) }
    }
  }

  private struct Extents {
    var length = 7
    var batch = 3
    var size = 5
    var hidden = 19
  }

  private enum Lengths {
    case given([Int])
    case constant([Int])
  }

  /// A graph of one node on random numbers, and the numbers for its inputs.
  private func sketch(
    _ subject: Case, _ extents: Extents, hasBias: Bool = true, hasState: Bool = true,
    lengths: Lengths? = nil, activations: [Recurrent.Activation] = []
  ) -> (EngineSketch, inputs: [Tensor]) {
    var sketch = EngineSketch(seed: 71)
    let (gates, directions) = (subject.gates, subject.direction.count)
    let (length, batch, hidden) = (extents.length, extents.batch, extents.hidden)
    let shape = subject.batchFirst ? [batch, length, extents.size] : [length, batch, extents.size]
    let state = subject.batchFirst ? [batch, directions, hidden] : [directions, batch, hidden]
    // Larger weights let the least difference grow from step to step.
    let reach = 1 / Double(hidden).squareRoot()
    var given = [sketch.random(TensorType(.float32, shape), in: -2...2)]
    var inputs: [Value.ID?] = [
      sketch.input(shape), sketch.weight([directions, gates * hidden, extents.size]),
      sketch.weight([directions, gates * hidden, hidden], in: -reach...reach),
      hasBias ? sketch.weight([directions, 2 * gates * hidden]) : nil,
    ]
    switch lengths {
    case nil: inputs.append(nil)
    case .given(let numbers):
      inputs.append(sketch.input([numbers.count], .int32))
      given.append(sketch.tensor(TensorType(.int32, [numbers.count]), numbers.map(Double.init)))
    case .constant(let numbers):
      inputs.append(
        sketch.weight(
          sketch.tensor(TensorType(.int32, [numbers.count]), numbers.map(Double.init))))
    }
    if hasState {
      for _ in 0..<(gates == 4 ? 2 : 1) {
        inputs.append(sketch.input(state))
        given.append(sketch.random(TensorType(.float32, state)))
      }
    }
    let op = Recurrent(
      subject.cell, direction: subject.direction, batchFirst: subject.batchFirst,
      activations: activations)
    for output in sketch.nodes(.recurrent(op), inputs, outputs: gates == 4 ? 3 : 2) {
      sketch.output(output)
    }
    return (sketch, given)
  }

  private func expectAgreement(
    _ subject: Case, _ made: (EngineSketch, inputs: [Tensor]), threads: Int = 1,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let comparison = try EngineComparison(made.0, inputs: made.inputs, threads: threads)
    #expect(comparison.kernels == [subject.kernel], sourceLocation: sourceLocation)
    #expect(comparison.difference < 2e-5, sourceLocation: sourceLocation)
  }

  @Test(arguments: cases)
  func `a cell runs along sequences of one length`(subject: Case) throws {
    try expectAgreement(subject, sketch(subject, Extents()))
    try expectAgreement(subject, sketch(subject, Extents(), hasBias: false, hasState: false))
    try expectAgreement(subject, sketch(subject, Extents(length: 1, batch: 1, size: 1, hidden: 1)))
    let wide = Extents(length: 20, batch: 1, size: 64, hidden: 160)
    try expectAgreement(subject, sketch(subject, wide, hasState: false), threads: 2)
  }

  @Test(arguments: cases)
  func `a cell stops where each sequence ends`(subject: Case) throws {
    for lengths in [[7, 7, 7], [7, 2, 5], [0, 7, 1], [0, 0, 0], [3, 3, 3]] {
      try expectAgreement(subject, sketch(subject, Extents(), lengths: .given(lengths)))
      try expectAgreement(subject, sketch(subject, Extents(), lengths: .constant(lengths)))
    }
  }

  @Test(arguments: cases)
  func `a length beyond the sequence is an error`(subject: Case) throws {
    for lengths in [[7, 8, 7], [7, 7, -1]] {
      #expect(throws: ExecutionError.self) {
        let made = sketch(subject, Extents(), lengths: .given(lengths))
        _ = try EngineComparison(made.0, inputs: made.inputs)
      }
    }
  }

  @Test(arguments: cases)
  func `a cell's own activations may be stated, others take the reference kernel`(
    subject: Case
  ) throws {
    let sigmoid = Recurrent.Activation.elementwise(.sigmoid)
    let tanh = Recurrent.Activation.elementwise(.tanh)
    let own =
      subject.gates == 4 ? [sigmoid, tanh, tanh] : subject.gates == 3 ? [sigmoid, tanh] : [tanh]
    let stated = Array(repeating: own, count: subject.direction.count).flatMap { $0 }
    try expectAgreement(subject, sketch(subject, Extents(), activations: stated))
    let other = stated.map { $0 == tanh ? .elementwise(.relu) : $0 }
    let made = sketch(subject, Extents(), activations: other)
    let comparison = try EngineComparison(made.0, inputs: made.inputs)
    #expect(comparison.kernels.allSatisfy { $0.hasPrefix("reference.") })
    #expect(comparison.difference < 2e-5)
  }

  /// Biases, states and peepholes that are too few are refused, not read beyond their end.
  @Test(arguments: cases.filter { !$0.batchFirst && $0.direction == .forward })
  func `operands of wrong extents are an error`(subject: Case) throws {
    let (hidden, gates) = (3, subject.gates)
    func operands(_ sketch: inout EngineSketch, wrong: Int) -> [Value.ID?] {
      let extents: [[Int]] = [
        [2, 2, 3], [1, gates * hidden, 3], [1, gates * hidden, hidden], [1, 2 * gates * hidden],
        [2], [1, 2, hidden], [1, 2, hidden], [1, 3 * hidden],
      ]
      return extents.prefix(gates == 4 ? 8 : 6).enumerated().map { place, extents in
        let type = TensorType(
          place == 4 ? .int32 : .float32,
          place == wrong ? Array(repeating: 1, count: extents.count) : extents)
        return sketch.weight(
          place == 4
            ? sketch.tensor(type, Array(repeating: 2, count: type.elementCount))
            : sketch.random(type))
      }
    }
    for wrong in 3..<(gates == 4 ? 8 : 6) {
      var sketch = EngineSketch(seed: 72)
      let inputs = operands(&sketch, wrong: wrong)
      sketch.output(sketch.nodes(.recurrent(Recurrent(subject.cell)), inputs)[0])
      #expect(throws: ExecutionError.self, "operand \(wrong)") {
        let engine = try Engine(try sketch.graph.inferred(), weights: sketch)
        var times: StepTimes?
        _ = try engine.run([], times: &times)
      }
    }
  }
}
