import ModelIR
import TensorTypes

/// What lowerings are made of: nodes between hidden values, and the way between quantized numbers
/// and real ones.
extension TFLiteBuilder {
  func facts(_ id: Value.ID) -> TFLiteFacts? { frame.facts[id.index] }

  /// The type that the file states.
  func type(_ id: Value.ID) -> TensorType? { frame.facts[id.index]?.type ?? frame.graph[id].type }

  func affine(_ id: Value.ID) -> TFLiteAffine? { frame.facts[id.index]?.affine }

  func ints(_ id: Value.ID?) -> [Int]? {
    id.flatMap { frame.graph[$0].literal?.integers }
  }

  /// Whether both are stored with the same meaning, so that elements may move between them.
  func haveSameNumbers(_ first: Value.ID, _ second: Value.ID) -> Bool {
    switch (affine(first), affine(second)) {
    case (nil, nil): true
    case (let first?, let second?):
      first.scales == second.scales && first.scales != nil && first.zeroPoint == second.zeroPoint
    case (nil, _), (_, nil): false
    }
  }

  /// The scale and the zero point of a quantized value, as values.
  mutating func parameters(_ id: Value.ID) -> AffineParameters? {
    if let known = frame.parameters[id] { return known }
    guard let affine = affine(id) else { return nil }
    let name = frame.graph[id].name
    let parameters = AffineParameters(
      scale: addValue(
        "\(name)/scale", origin: .weight(affine.scaleStorage), type: affine.scaleType,
        literal: affine.scales),
      zeroPoint: stated(affine.zeroPoint, "\(name)/zero_point"))
    frame.parameters[id] = parameters
    return parameters
  }

  /// Appends a node with one hidden result.
  mutating func apply(
    _ op: Operator, _ inputs: [Value.ID?], _ node: TFLiteNode, _ label: String
  ) -> Value.ID {
    let name = "\(node.name)/\(label)"
    let result = addValue(name, origin: .captured)
    append(op, named: name, inputs, [result])
    return result
  }

  /// The real numbers that a value stands for: those of a quantized one, or itself.
  mutating func real(_ id: Value.ID, _ node: TFLiteNode) -> Value.ID {
    guard let affine = affine(id), let parameters = parameters(id) else { return id }
    return apply(
      .quantization(
        QuantizationOperator(
          .dequantizeLinear(.init(axis: affine.isPerTensor ? 0 : affine.axis), output: nil))),
      [id, parameters.scale, parameters.zeroPoint], node, "real_\(id.index)")
  }

  /// Appends the operator's main node, on values as they are, and what follows it: an activation, and
  /// the way back to quantized numbers where the result has such, or `numbers`, whose name it then is.
  mutating func emit(
    _ op: Operator, _ inputs: [Value.ID?], _ node: TFLiteNode, to output: Value.ID,
    activation: Elementwise.Function? = nil, numbers: Value.ID? = nil
  ) {
    var stages = [(op: op, name: node.name)]
    if let activation {
      stages.append((.elementwise(Elementwise(activation)), "\(node.name)/activation"))
    }
    var quantizer: (affine: TFLiteAffine, parameters: AffineParameters)?
    if let affine = affine(numbers ?? output), let parameters = parameters(numbers ?? output) {
      quantizer = (affine, parameters)
    }
    var inputs = inputs
    for (position, stage) in stages.enumerated() {
      let isLast = position == stages.count - 1 && quantizer == nil
      let result =
        isLast ? output : addValue("\(stage.name)/result", origin: .captured)
      append(stage.op, named: stage.name, inputs, [result])
      inputs = [result]
    }
    if let (affine, parameters) = quantizer {
      append(
        .quantization(
          QuantizationOperator(
            .quantizeLinear(
              .init(axis: affine.isPerTensor ? 0 : affine.axis), output: nil, saturates: true,
              precision: nil))), named: "\(node.name)/quantize",
        inputs + [parameters.scale, parameters.zeroPoint], [output])
    }
  }

  /// Appends an operator on real numbers, whatever the file stores.
  mutating func emitReal(
    _ op: Operator, _ inputs: [Value.ID?], _ node: TFLiteNode, to output: Value.ID,
    activation: Elementwise.Function? = nil
  ) {
    var reals: [Value.ID?] = []
    for input in inputs { reals.append(input.map { real($0, node) }) }
    emit(op, reals, node, to: output, activation: activation)
  }

  /// Appends an operator on elements as they are stored, where both sides store them alike;
  /// otherwise on real numbers.
  mutating func emitStored(
    _ op: Operator, _ inputs: [Value.ID?], _ node: TFLiteNode, to output: Value.ID
  ) {
    let data = inputs.compactMap { $0 }.filter { affine($0) != nil }
    if data.allSatisfy({ haveSameNumbers($0, output) }) {
      append(op, named: node.name, inputs, [output])
    } else {
      emitReal(op, inputs, node, to: output)
    }
  }

  /// Appends an operator that itself computes on quantized numbers; the activation becomes bounds on
  /// the stored numbers, unless the dtype's range lies within.
  mutating func emitQuantized(
    _ op: Operator, _ inputs: [Value.ID?], _ node: TFLiteNode, to output: Value.ID,
    bounds: ClosedRange<Int>?
  ) {
    guard let bounds else { return append(op, named: node.name, inputs, [output]) }
    let sums = addValue("\(node.name)/result", origin: .captured)
    append(op, named: node.name, inputs, [sums])
    append(
      .elementwise(
        Elementwise(.clip(min: Double(bounds.lowerBound), max: Double(bounds.upperBound)))),
      named: "\(node.name)/activation", [sums], [output])
  }

  /// The stored numbers of a quantized result between which an activation leaves it; `nil` when the
  /// dtype has no others. Unknown to the file's integers (`isSupported` false) are functions that
  /// bend.
  func bounds(
    of activation: Elementwise.Function?, on output: Value.ID
  ) -> (isSupported: Bool, range: ClosedRange<Int>?) {
    guard let activation else { return (true, nil) }
    let reals: (Double, Double)
    switch activation {
    case .relu: reals = (0, .infinity)
    case .clip(let min?, let max?): reals = (min, max)
    default: return (false, nil)
    }
    guard let (scale, zero) = affine(output)?.whole,
      let range = type(output)?.dtype.storedIntegers
    else { return (false, nil) }
    // In float32, as the interpreter divides: 6 / 0.047 may lie between two numbers.
    func stored(_ real: Double) -> Int {
      let quotient = Float(real) / Float(scale)
      let number = Double(quotient.rounded(.toNearestOrAwayFromZero)) + Double(zero)
      return number <= Double(range.lowerBound)
        ? range.lowerBound : number >= Double(range.upperBound) ? range.upperBound : Int(number)
    }
    let bounds = stored(reals.0)...max(stored(reals.0), stored(reals.1))
    return (true, bounds == range ? nil : bounds)
  }

  /// Whether a value is of bytes with one scale, as integer kernels take them.
  func isByteTensor(_ id: Value.ID) -> Bool {
    guard let dtype = type(id)?.dtype, dtype == .int8 || dtype == .uint8 else { return false }
    return affine(id)?.whole != nil
  }
}
