import ModelIR
import TensorTypes

extension Attention.Recurrence {
  /// For each token: the state decays, takes in the key and the value (by the delta rule, what it
  /// does not recall of it), and answers the query.
  func reference<S: KernelScalar>(
    _ use: KernelUse<S>
  ) throws(ReferenceError) -> [ReferenceTensor<S>] {
    let query = try use.required(0)
    let (keys, values) = (try use.required(1), try use.required(2))
    let (batch, length) = (query.dimensions[0], query.dimensions[1])
    let keySize = query.dimensions[2] / queryHeads
    let valueSize = values.dimensions[2] / keyValueHeads
    let keyHeads = keys.dimensions[2] / keySize
    let heads = max(queryHeads, keyValueHeads)
    let scale = S(self.scale ?? 1 / Double(keySize).squareRoot())
    let stateSize = keySize * valueSize
    var states =
      use.optional(3)?.elements
      ?? Array(repeating: .zero, count: batch * keyValueHeads * stateSize)
    let decays = isGated ? try use.required(4).mapping { $0.applying(.exp) } : nil
    let betas = isDelta ? try use.required(5) : nil
    var results: [S] = []
    for token in 0..<batch * length {
      let stateBase = token / length * keyValueHeads * stateSize
      for head in 0..<keyValueHeads {
        let base = stateBase + head * stateSize
        let key = keys.elements.row(
          token, keyHeads, head * keyHeads / keyValueHeads, size: keySize)
        var value = values.elements.row(token, keyValueHeads, head, size: valueSize)
        if let decays {
          let perHead = (decays.dimensions.last ?? 0) / keyValueHeads
          let factors = decays.elements.row(token, keyValueHeads, head, size: perHead)
          for index in 0..<stateSize {
            let factor = factors[perHead == keySize ? index / valueSize : 0]
            states[base + index] = factor * states[base + index]
          }
        }
        if let betas {
          let count = betas.dimensions.last ?? 1
          let beta = betas.elements[token * count + (count == 1 ? 0 : head)]
          for column in 0..<valueSize {
            var recalled = S.zero
            for (row, element) in key.enumerated() {
              recalled += element * states[base + row * valueSize + column]
            }
            value[column] = beta * (value[column] - recalled)
          }
        }
        for (row, element) in key.enumerated() {
          for column in 0..<valueSize {
            states[base + row * valueSize + column] += element * value[column]
          }
        }
      }
      for head in 0..<heads {
        let base = stateBase + head * keyValueHeads / heads * stateSize
        let asked = query.elements.row(token, queryHeads, head * queryHeads / heads, size: keySize)
        for column in 0..<valueSize {
          var sum = S.zero
          for (row, element) in asked.enumerated() {
            sum += element * states[base + row * valueSize + column]
          }
          results.append(scale * sum)
        }
      }
    }
    return [
      try use.result([batch, length, heads * valueSize], results),
      try use.result([batch, keyValueHeads, keySize, valueSize], states, output: 1),
    ]
  }

  private var isGated: Bool { rule == .gated || rule == .gatedDelta }
  private var isDelta: Bool { rule == .delta || rule == .gatedDelta }
}

extension Array {
  /// The elements of one head of one token in `[tokens, heads · size]`.
  fileprivate func row(_ token: Int, _ heads: Int, _ head: Int, size: Int) -> [Element] {
    let start = (token * heads + head) * size
    return Array(self[start..<start + size])
  }
}

extension Attention {
  /// The sum of up to three embeddings, layer-normalized; also the length of each sequence and the
  /// sum.
  func embedded<S: KernelScalar>(
    _ use: KernelUse<S>, epsilon: Double
  ) throws(ReferenceError) -> [ReferenceTensor<S>] {
    let tokens = try use.required(0)
    let (batch, length) = (tokens.dimensions[0], tokens.dimensions[1])
    let table = try use.required(2)
    let width = table.dimensions[1]
    var places = Array(repeating: Array(0..<length), count: batch).flatMap { $0 }
    if let stated = use.integers(8), !stated.isEmpty {
      places = places.indices.map { stated[$0 % stated.count] }
    }
    func rows(_ index: Int, _ places: [Int]) throws(ReferenceError) -> [S] {
      let table = try use.required(index)
      let count = table.dimensions[0]
      var elements: [S] = []
      for place in places {
        guard place >= 0, place < count else {
          throw .invalidElement(input: index, reason: "has no row \(place)")
        }
        elements += table.elements[place * width..<(place + 1) * width]
      }
      return elements
    }
    var sum = zip(try rows(2, tokens.integers), try rows(3, places)).map { $0 + $1 }
    if use.optional(4) != nil {
      let segments = use.integers(1) ?? Array(repeating: 0, count: batch * length)
      sum = zip(sum, try rows(4, segments)).map { $0 + $1 }
    }
    let (scales, biases) = (try use.required(5).elements, try use.required(6).elements)
    let norm = Normalization(.layer(axis: -1, statistics: .float32), epsilon: epsilon)
    var elements: [S] = []
    for token in 0..<batch * length {
      let (row, _) = norm.standardize(Array(sum[token * width..<(token + 1) * width]))
      elements += row.enumerated().map { $1 * scales[$0] + biases[$0] }
    }
    let mask = use.integers(7)
    let lengths = (0..<batch).map { item in
      S(Double(mask.map { $0[item * length..<(item + 1) * length].count { $0 != 0 } } ?? 0))
    }
    let shape = [batch, length, width]
    return [
      try use.result(shape, elements), try use.result([batch], lengths, output: 1),
      try use.result(shape, sum, output: 2),
    ]
  }
}
