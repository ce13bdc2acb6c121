import ModelIR
import TensorTypes

extension InterpreterRun {
  /// Turns after which a loop without an end of its own is given up.
  static let maximumTurns = 1 << 24

  mutating func results(
    of conditional: Conditional, _ bodies: [GraphPlan], _ inputs: [Tensor?]
  ) throws(Failure) -> [Tensor] {
    guard bodies.count == 2, let condition = inputs.first ?? nil else {
      throw .kernel(.shape(.wrongInputCount(expected: 1...1, actual: 0)))
    }
    let isTrue = try truth(condition, input: 0)
    let start = 1 + (isTrue ? 0 : conditional.thenBranch.captures.count)
    let branch = isTrue ? conditional.thenBranch : conditional.elseBranch
    let captured = inputs.dropFirst(start).prefix(branch.captures.count)
    return try run(bodies[isTrue ? 0 : 1], branch, [], captured)
  }

  mutating func results(
    of loop: Loop, _ bodies: [GraphPlan], _ inputs: [Tensor?]
  ) throws(Failure) -> [Tensor] {
    let formals = loop.body.body.inputs
    let carriedCount = formals.count - 2
    guard let body = bodies.first, carriedCount >= 0, inputs.count >= formals.count,
      loop.body.body.outputs.count > carriedCount
    else { throw .kernel(.inconsistent("a loop whose body has other inputs")) }
    var bound = Int.max
    if let count = inputs[0] {
      guard let stated = count.wholeNumbers?.integers.first else {
        throw .kernel(.invalidElement(input: 0, reason: "holds no trip count"))
      }
      bound = stated
    }
    var continues = true
    if let condition = inputs[1] { continues = try truth(condition, input: 1) }
    var carried = Array(inputs[2..<formals.count])
    let captured = inputs[formals.count...]
    var slices: [[Tensor]] = Array(
      repeating: [], count: loop.body.body.outputs.count - 1 - carriedCount)
    let countType = formals[0].scalarType(.int64)
    let conditionType = formals[1].scalarType(.bool)
    var turn = 0
    while turn < bound, continues {
      guard turn < Self.maximumTurns else {
        throw .kernel(.tooLarge("a loop of more than \(Self.maximumTurns) turns"))
      }
      let outputs = try run(
        body, loop.body,
        [Tensor(countType, bits: [turn]) { Int128($0) }, Tensor(conditionType, bits: [1]) { $0 }]
          + carried,
        captured)
      continues = try truth(outputs[0], input: 1)
      carried = Array(outputs[1..<1 + carriedCount])
      for (index, slice) in outputs.dropFirst(1 + carriedCount).enumerated() {
        slices[index].append(slice)
      }
      turn += 1
    }
    var results: [Tensor] = []
    for tensor in carried {
      guard let tensor else { throw .kernel(.inconsistent("a loop without a carried value")) }
      results.append(tensor)
    }
    for (slices, output) in zip(slices, loop.body.body.outputs.dropFirst(1 + carriedCount)) {
      results.append(try stacked(slices, axis: 0, loop.body.body[output].type))
    }
    return results
  }

  mutating func results(
    of scan: Scan, _ bodies: [GraphPlan], _ inputs: [Tensor?]
  ) throws(Failure) -> [Tensor] {
    let formals = scan.body.body.inputs
    let stateCount = formals.count - scan.scanInputCount
    guard let body = bodies.first, stateCount >= 0, inputs.count >= formals.count,
      scan.body.body.outputs.count >= stateCount
    else { throw .kernel(.inconsistent("a scan whose body has other inputs")) }
    var states = Array(inputs[..<stateCount])
    var slices: [[Tensor]] = []
    for (index, input) in inputs[stateCount..<formals.count].enumerated() {
      guard let input else { throw .kernel(.inconsistent("a scan without its input")) }
      let parts = try parts(of: input, axis: scan.scanInputAxes.element(index) ?? 0)
      slices.append(scan.reversedInputs.contains(index) ? parts.reversed() : parts)
    }
    let turns = slices.first?.count ?? 0
    guard slices.allSatisfy({ $0.count == turns }) else {
      throw .kernel(.inconsistent("scanned inputs of different extents"))
    }
    let outputs = scan.body.body.outputs.dropFirst(stateCount)
    var stacks: [[Tensor]] = Array(repeating: [], count: outputs.count)
    for turn in 0..<turns {
      let results = try run(
        body, scan.body, states + slices.map { $0[turn] }, inputs[formals.count...])
      states = Array(results[..<stateCount])
      for (index, slice) in results.dropFirst(stateCount).enumerated() {
        stacks[index].append(slice)
      }
    }
    var results = states.compactMap { $0 }
    for (index, (stack, output)) in zip(stacks, outputs).enumerated() {
      let ordered = scan.reversedOutputs.contains(index) ? stack.reversed() : stack
      results.append(
        try stacked(
          ordered, axis: scan.scanOutputAxes.element(index) ?? 0, scan.body.body[output].type))
    }
    return results
  }

  private func truth(_ tensor: Tensor, input: Int) throws(Failure) -> Bool {
    guard tensor.type.dtype == .bool, tensor.type.elementCount == 1,
      let value = tensor.wholeNumbers?.elements.first
    else {
      throw .kernel(.invalidElement(input: input, reason: "is \(tensor.type), not one Boolean"))
    }
    return value.isTrue
  }

  /// Tensors laid along a new axis; `type` is theirs where there are none.
  private func stacked(
    _ slices: [Tensor], axis: Int, _ type: TensorType?
  ) throws(Failure) -> Tensor {
    do throws(ReferenceError) {
      guard let first = slices.first?.type ?? type else {
        throw .inconsistent("a stack of nothing, whose type is unknown")
      }
      let axis = try resolved(axis, rank: first.rank + 1)
      var dimensions = first.dimensions
      dimensions.insert(slices.isEmpty ? 0 : 1, at: axis)
      let extended = TensorType(first.dtype, dimensions)
      guard !slices.isEmpty else { return Tensor(extended, bits: []) { (bits: Int128) in bits } }
      guard slices.allSatisfy({ $0.type == first }) else {
        throw .inconsistent("slices of different types")
      }
      return try Operator.movement(.concat(axis: axis))
        .evaluate(slices.map { Tensor(extended, sharing: $0.storage) })[0]
    } catch {
      throw .kernel(error)
    }
  }

  /// The slices of a tensor along an axis, without it.
  private func parts(of tensor: Tensor, axis: Int) throws(Failure) -> [Tensor] {
    do throws(ReferenceError) {
      let axis = try resolved(axis, rank: tensor.type.rank)
      let count = tensor.type.dimensions[axis]
      guard count > 0 else { return [] }
      var dimensions = tensor.type.dimensions
      dimensions.remove(at: axis)
      let type = TensorType(tensor.type.dtype, dimensions)
      return try Operator.movement(.split(Movement.Split(axis: axis, partCount: count)))
        .evaluate([tensor], outputCount: count).map { Tensor(type, sharing: $0.storage) }
    } catch {
      throw .kernel(error)
    }
  }
}

extension Array {
  /// The element at `index`, or `nil` behind the end.
  func element(_ index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}

extension GraphInput {
  /// A scalar, or the vector of one element that some exporters declare.
  fileprivate func scalarType(_ dtype: DType) -> TensorType {
    TensorType(dtype, shape?.dimensions == [.fixed(1)] ? [1] : [])
  }
}
