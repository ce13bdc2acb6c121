import Quantities
import TensorTypes

extension Attention.Rotation {
  /// `(x, y) → (x · cos − y · sin, x · sin + y · cos)`: six operations a pair.
  static let operationsPerElement = 3

  private var inputCount: ClosedRange<Int> { positionsSecond ? 4...4 : 3...4 }

  /// The input's type, and how many of its elements are rotated.
  func rotated(_ inputs: [Operand?]) throws(ShapeError) -> (type: TensorType, elements: Int) {
    try inputs.requireCount(inputCount)
    let type = try inputs.required(0, count: inputCount, ranks: 3...4).type
    for cache in caches { _ = try inputs.required(cache, count: inputCount) }
    guard width != 0 else { return (type, type.elementCount) }
    let headSize: Int
    if type.rank == 4 {
      headSize = type.dimensions[3]
    } else {
      headSize = try extentQuotient(type.dimensions[2], by: heads, of: "num_heads")
    }
    guard width > 0, width <= headSize else {
      throw .invalidAttribute(
        name: "rotary_embedding_dim", reason: "is \(width) for heads of \(headSize)")
    }
    return (type, type.elementCount / headSize * width)
  }

  /// With positions, one row of the tables of angles is read for each token at most.
  func work(_ inputs: [Operand?], _ outputs: [TensorType?]) -> Work? {
    guard let (type, elements) = try? rotated(inputs) else { return nil }
    var work = Work(
      otherOperations: .product(Self.operationsPerElement, elements), inputs: inputs,
      outputs: outputs)
    guard inputs.optional(positions) != nil else { return work }
    let tokens = saturatingProduct(
      type.dimensions[0], type.rank == 4 ? type.dimensions[2] : type.dimensions[1])
    for cache in caches {
      guard let table = inputs.optional(cache)?.type, let width = table.dimensions.last else {
        continue
      }
      work.reads[cache] = min(
        work.reads[cache], table.dtype.storageSize(of: saturatingProduct(tokens, width)))
    }
    return work
  }
}

extension Attention.Recurrence {
  struct Problem {
    let batch: Int
    let length: Int
    let keySize: Int
    let valueSize: Int
    let outputHeads: Int
    let output: [Int]
    let state: [Int]
  }

  func problem(of inputs: [Operand?]) throws(ShapeError) -> Problem {
    let count = 3...6
    try inputs.requireCount(count)
    let query = try inputs.required(0, count: count, ranks: 3...3).type.dimensions
    let key = try inputs.required(1, count: count, ranks: 3...3).type.dimensions
    let value = try inputs.required(2, count: count, ranks: 3...3).type.dimensions
    let keySize = try extentQuotient(query[2], by: queryHeads, of: "q_num_heads")
    let valueSize = try extentQuotient(value[2], by: keyValueHeads, of: "kv_num_heads")
    try requireEqual("the count of keys", key[1], query[1])
    try requireEqual("the count of values", value[1], query[1])
    // Heads of queries share a head of keys and values, or the other way round.
    let outputHeads = max(queryHeads, keyValueHeads)
    _ = try extentQuotient(
      outputHeads, by: min(queryHeads, keyValueHeads), of: "the count of heads")
    let width = try extentProduct(outputHeads, valueSize, of: "the result's width")
    return Problem(
      batch: query[0], length: query[1], keySize: keySize, valueSize: valueSize,
      outputHeads: outputHeads, output: [query[0], query[1], width],
      state: [query[0], keyValueHeads, keySize, valueSize])
  }

  /// For each token, with a state of `key size × value size`: a multiply-accumulate for each state
  /// element to update it, one to recall a value by the delta rule, one for each head of the result.
  /// Other operations: the decay's exponential and a multiply for each state element, a subtract and
  /// a multiply for each value by the delta rule, and the scale.
  func work(_ inputs: [Operand?], _ outputs: [TensorType?]) -> Work? {
    guard let problem = try? problem(of: inputs) else { return nil }
    let tokens = saturatingProduct(problem.batch, problem.length)
    let state = saturatingProduct(problem.keySize, problem.valueSize)
    let perHead = MACs.product(tokens, keyValueHeads, state)
    var operations = FLOPs.product(tokens, problem.outputHeads, problem.valueSize)
    if isGated {
      operations += FLOPs(inputs.elementCount(4)) + .product(tokens, keyValueHeads, state)
    }
    if isDelta { operations += .product(2, tokens, keyValueHeads, problem.valueSize) }
    return Work(
      macs: (isDelta ? 2 : 1) * perHead + .product(tokens, problem.outputHeads, state),
      otherOperations: operations, inputs: inputs, outputs: outputs)
  }
}
