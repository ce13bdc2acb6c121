import CKernels
import ModelIR
import TensorTypes

/// Elementwise nodes as one program over registers.
struct ChainProgram {
  struct Step {
    var function: bf_function
    var activation = Activation.identity
    var result: Int
    var operands: [Int]
    var a: Float = 0
    var b: Float = 0
  }

  /// What is read, register 0 first.
  private(set) var inputs: [Value.ID] = []
  private(set) var steps: [Step] = []
  private(set) var result: Value.ID
  /// Virtual registers; each is written once.
  private var registers: [Value.ID: Int] = [:]
  private var registerCount = 0
  private let lowering: Lowering
  private var graph: Graph { lowering.graph }

  static let maximumInputs = 6

  init(_ lowering: Lowering, result: Value.ID) {
    self.lowering = lowering
    self.result = result
  }

  static func suits(_ dtype: DType?) -> Bool { dtype == .float32 || dtype == .bool }

  /// Adds a node; false, and no change that matters, when no kernel computes it.
  mutating func append(_ node: Node) throws(ExecutionError) -> Bool {
    guard node.outputs.count == 1, let output = node.outputs[0],
      Self.suits(graph[output].type?.dtype),
      node.inputs.allSatisfy({ $0 == nil || Self.suits($0.flatMap { graph[$0].type?.dtype }) })
    else { return false }
    let before = self
    guard let register = try register(of: node), inputs.count <= Self.maximumInputs,
      steps.count <= BF_CHAIN_STEPS
    else {
      self = before
      return false
    }
    registers[output] = register
    result = output
    guard allocated != nil else {
      self = before
      return false
    }
    return true
  }

  private mutating func operand(_ value: Value.ID?) -> Int? {
    guard let value else { return nil }
    if let register = registers[value] { return register }
    inputs.append(value)
    registers[value] = registerCount
    registerCount += 1
    return registerCount - 1
  }

  private mutating func add(
    _ function: bf_function, _ operands: [Int], a: Double = 0, b: Double = 0,
    activation: Activation = .identity
  ) -> Int {
    steps.append(
      Step(
        function: function, activation: activation, result: registerCount, operands: operands,
        a: Float(a), b: Float(b)))
    registerCount += 1
    return registerCount - 1
  }

  private mutating func unary(
    _ function: bf_function, _ node: Node, a: Double = 0, b: Double = 0
  ) -> Int? {
    operand(node.inputs.first ?? nil).map { add(function, [$0], a: a, b: b) }
  }

  private mutating func binary(_ function: bf_function, _ left: Value.ID?, _ right: Value.ID?)
    -> Int?
  {
    guard let left = operand(left), let right = operand(right) else { return nil }
    return add(function, [left, right])
  }

  private func real(_ value: Value.ID?) throws(ExecutionError) -> Double? {
    guard let value, graph[value].type?.dtype == .float32 else { return nil }
    return try lowering.scalar(value)
  }

  /// `a x + b` when the other operand is one constant number.
  private mutating func affine(
    _ node: Node, _ coefficients: (_ scalar: Double, _ isFirst: Bool) -> (a: Double, b: Double)?
  ) throws(ExecutionError) -> Int? {
    guard node.inputs.count == 2 else { return nil }
    for (position, input) in node.inputs.enumerated() {
      guard let scalar = try real(input), let (a, b) = coefficients(scalar, position == 0),
        let other = operand(node.inputs[1 - position])
      else { continue }
      return add(BF_AFFINE, [other], a: a, b: b)
    }
    return nil
  }

  private mutating func folded(_ function: bf_function, _ node: Node) -> Int? {
    guard var register = operand(node.inputs.first ?? nil) else { return nil }
    for input in node.inputs.dropFirst() {
      guard let next = operand(input) else { return nil }
      register = add(function, [register, next])
    }
    return register
  }

  private mutating func register(of node: Node) throws(ExecutionError) -> Int? {
    guard case .elementwise(let elementwise) = node.op else {
      guard case .movement(.cast(let dtype, _)) = node.op, let input = node.inputs.first ?? nil,
        let register = operand(input)
      else { return nil }
      guard dtype == .bool, graph[input].type?.dtype != .bool else { return register }
      return add(BF_NOT, [add(BF_NOT, [register])])
    }
    let (first, second) = (node.inputs.first ?? nil, node.inputs.dropFirst().first ?? nil)
    if let first, node.inputs.count <= 3,
      let activation = try Grouping.activation(node, of: first, lowering)
    {
      return operand(first).map { add(BF_UNARY_ACTIVATION, [$0], activation: activation) }
    }
    switch elementwise.function {
    case .add:
      return try affine(node) { scalar, _ in (1, scalar) } ?? binary(BF_ADD, first, second)
    case .sub:
      return try affine(node) { scalar, isFirst in isFirst ? (-1, scalar) : (1, -scalar) }
        ?? binary(BF_SUB, first, second)
    case .mul:
      return try affine(node) { scalar, _ in (scalar, 0) } ?? binary(BF_MUL, first, second)
    case .div:
      return try affine(node) { scalar, isFirst in isFirst || scalar == 0 ? nil : (1 / scalar, 0) }
        ?? binary(BF_DIV, first, second)
    case .pow:
      if let exponent = try real(second) {
        if exponent == 2 { return unary(BF_SQUARE, node) }
        return unary(BF_POW_CONSTANT, node, a: exponent)
      }
      return binary(BF_POW, first, second)
    case .min: return folded(BF_MIN, node)
    case .max: return folded(BF_MAX, node)
    case .sum: return folded(BF_ADD, node)
    case .mean:
      return folded(BF_ADD, node).map { add(BF_AFFINE, [$0], a: 1 / Double(node.inputs.count)) }
    case .pRelu: return binary(BF_PRELU, first, second)
    case .equal: return binary(BF_EQUAL, first, second)
    case .less: return binary(BF_LESS, first, second)
    case .lessOrEqual: return binary(BF_LESS_EQUAL, first, second)
    case .greater: return binary(BF_LESS, second, first)
    case .greaterOrEqual: return binary(BF_LESS_EQUAL, second, first)
    case .and: return binary(BF_AND, first, second)
    case .or: return binary(BF_OR, first, second)
    case .xor: return binary(BF_XOR, first, second)
    case .mod(truncates: true): return binary(BF_FMOD, first, second)
    case .where:
      guard node.inputs.count == 3, let condition = operand(first), let yes = operand(second),
        let no = operand(node.inputs[2])
      else { return nil }
      return add(BF_SELECT, [condition, yes, no])
    case .biasGelu:
      return binary(BF_ADD, first, second).map {
        add(BF_UNARY_ACTIVATION, [$0], activation: Activation(BF_GELU_ERF))
      }
    case .fastGelu:
      return binary(BF_ADD, first, second).map {
        add(BF_UNARY_ACTIVATION, [$0], activation: Activation(BF_GELU_TANH))
      }
    case .swiGLU(let alpha):
      guard let gate = operand(first), let value = operand(second) else { return nil }
      let activated = add(
        BF_UNARY_ACTIVATION, [gate], activation: Activation(BF_SILU, alpha))
      return add(BF_MUL, [activated, value])
    case .abs: return unary(BF_ABS, node)
    case .neg: return unary(BF_NEG, node)
    case .sqrt: return unary(BF_SQRT, node)
    case .reciprocal: return unary(BF_RECIPROCAL, node)
    case .exp: return unary(BF_EXP, node)
    case .log: return unary(BF_LOG, node)
    case .erf: return unary(BF_ERF, node)
    case .sin: return unary(BF_SIN, node)
    case .cos: return unary(BF_COS, node)
    case .floor: return unary(BF_FLOOR, node)
    case .ceil: return unary(BF_CEIL, node)
    case .round: return unary(BF_ROUND, node)
    case .sign: return unary(BF_SIGN, node)
    case .not: return unary(BF_NOT, node)
    case .clip, .relu, .leakyRelu, .sigmoid, .tanh, .swish, .quickGelu, .hardSigmoid, .hardSwish,
      .gelu, .elu, .softplus, .mish, .mod, .acos, .acosh, .asin, .asinh, .atan, .atanh, .bitwiseNot,
      .cosh, .isNaN, .sinh, .softsign, .tan, .celu, .isInf, .selu, .shrink, .thresholdedRelu,
      .bitwiseAnd, .bitwiseOr, .bitwiseXor, .bitShift, .qLinearAdd, .qLinearMul, .qLinearSigmoid,
      .qLinearLeakyRelu:
      return nil
    }
  }

  /// The steps in the registers that kernels have, and where each input and the result are; `nil`
  /// when there are too few.
  var allocated: (steps: [Step], result: Int)? {
    guard let last = registers[result] else { return nil }
    var lastUse = Array(repeating: -1, count: registerCount)
    for (position, step) in steps.enumerated() {
      for operand in step.operands { lastUse[operand] = position }
    }
    lastUse[last] = steps.count
    let limit = BF_CHAIN_REGISTERS
    guard inputs.count <= limit else { return nil }
    var places = Array(repeating: -1, count: registerCount)
    var free = Array((0..<limit).reversed())
    for input in inputs {
      guard let virtual = registers[input] else { return nil }
      places[virtual] = free.removeLast()
    }
    var placed: [Step] = []
    for (position, step) in steps.enumerated() {
      var step = step
      step.operands = step.operands.map { places[$0] }
      for virtual in places.indices
      where places[virtual] >= 0 && lastUse[virtual] <= position {
        free.append(places[virtual])
        places[virtual] = -1
      }
      guard let place = free.popLast() else { return nil }
      places[step.result] = place
      step.result = place
      placed.append(step)
    }
    return (placed, places[last])
  }
}
