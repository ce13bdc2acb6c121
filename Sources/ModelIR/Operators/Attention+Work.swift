import Quantities
public import TensorTypes

extension Attention {
  /// Multiply-accumulates of scaled dot products: batch × query heads × queries × keys × (key size +
  /// value size), masked scores counted like others but for a window, and those of the projection.
  /// Other operations on a score: the scale, a mask, the cap (divide, tanh, multiply), and
  /// ``Softmax/operationsPerElement``.
  public func work(inputs: [Operand?], outputs: [TensorType?]) -> Work? {
    switch function {
    case .scaledDotProduct(_, _, let scoring):
      return scored(inputs, outputs, scoring, masks: [3])
    case .multiHead(_, let scoring):
      return scored(inputs, outputs, scoring, masks: [4, 5])
    case .projected(let projection, let scoring):
      guard var work = scored(inputs, outputs, scoring, masks: [3, 5]) else { return nil }
      if projection.rotates { work.otherOperations += rotations(inputs) }
      return work
    case .quantizedProjected(let projection, let scoring):
      guard var work = scored(inputs, outputs, scoring, masks: [5]),
        let scores = try? scores(of: inputs)
      else { return nil }
      if projection.rotates { work.otherOperations += rotations(inputs) }
      // Zero points off the operands, then one factor on each projected element.
      for (operand, zeroPoint) in [(0, 6), (1, 7)] where inputs.optional(zeroPoint) != nil {
        work.otherOperations += FLOPs(inputs.elementCount(operand))
      }
      work.otherOperations += .product(
        scores.batch, scores.queryLength, scores.projection?.width ?? 0)
      return work
    case .groupQuery(_, _, let rotates, let scoring):
      guard var work = scored(inputs, outputs, scoring, masks: [10]) else { return nil }
      if rotates { work.otherOperations += rotations(inputs, angles: 7) }
      shareBuffer(&work, inputs, outputs)
      return work
    case .rotaryEmbedding(let rotation): return rotation.work(inputs, outputs)
    case .linear(let recurrence): return recurrence.work(inputs, outputs)
    case .embedLayerNormalization: return embedded(inputs, outputs)
    }
  }

  private func scored(
    _ inputs: [Operand?], _ outputs: [TensorType?], _ scoring: Scoring, masks: [Int]
  ) -> Work? {
    guard let scores = try? scores(of: inputs) else { return nil }
    let seen = scoring.window.map { min(max($0, 0), scores.keyLength) } ?? scores.keyLength
    let count = elementCount([scores.batch, scores.queryHeads, scores.queryLength, seen])
    var macs = MACs.product(count, scores.keySize) + .product(count, scores.valueSize)
    if let projection = scores.projection {
      macs += .product(scores.batch, scores.queryLength, projection.depth, projection.width)
    }
    let perScore =
      1 + masks.count { inputs.optional($0) != nil } + (scoring.softcap > 0 ? 3 : 0)
      + Softmax.operationsPerElement
    return Work(
      macs: macs, otherOperations: .product(perScore, count) + FLOPs(scores.biased),
      inputs: inputs, outputs: outputs)
  }

  /// Rotating the queries and the new keys: all of a head, or as much as a table of angles has pairs
  /// for.
  private func rotations(_ inputs: [Operand?], angles: Int? = nil) -> FLOPs {
    guard let scores = try? scores(of: inputs) else { return .zero }
    let table = angles.flatMap { inputs.optional($0)?.type.dimensions.last }
    let width = table.map { min(saturatingProduct(2, $0), scores.keySize) } ?? scores.keySize
    let queries = elementCount([scores.batch, scores.queryHeads, scores.queryLength, width])
    let keys = elementCount([scores.batch, scores.keyValueHeads, scores.newLength, width])
    return .product(Rotation.operationsPerElement, queries)
      + .product(Rotation.operationsPerElement, keys)
  }

  /// Present keys and values of the past ones' extents stay where they are: only the new ones are
  /// written. Of the tables of angles, a row for each new token is read.
  private func shareBuffer(_ work: inout Work, _ inputs: [Operand?], _ outputs: [TensorType?]) {
    guard let scores = try? scores(of: inputs) else { return }
    for (past, present) in [(3, 1), (4, 2)] {
      guard let type = outputs.optional(present), let past = inputs.optional(past)?.type,
        past.dimensions == type.dimensions
      else { continue }
      work.writes[present] = type.dtype.storageSize(
        of: elementCount(
          [scores.batch, scores.keyValueHeads, scores.newLength, scores.keySize]))
    }
    for table in 7...8 {
      guard let type = inputs.optional(table)?.type, let width = type.dimensions.last else {
        continue
      }
      let rows = type.dtype.storageSize(
        of: elementCount([scores.batch, scores.newLength, width]))
      work.reads[table] = min(work.reads[table], rows)
    }
  }

  /// An add for each table after the first, then layer normalization (7 an element and 5 a row).
  /// Of the tables, a row for each token is read at most.
  private func embedded(_ inputs: [Operand?], _ outputs: [TensorType?]) -> Work? {
    guard let tokens = inputs.optional(0)?.type, let table = inputs.optional(2)?.type,
      let width = table.dimensions.last
    else { return nil }
    let elements = saturatingProduct(tokens.elementCount, width)
    let adds = inputs.optional(4) == nil ? 1 : 2
    var work = Work(
      otherOperations: .product(adds + 7, elements) + .product(5, tokens.elementCount),
      inputs: inputs, outputs: outputs)
    for index in 2...4 {
      guard let type = inputs.optional(index)?.type else { continue }
      work.reads[index] = min(work.reads[index], type.dtype.storageSize(of: elements))
    }
    return work
  }
}
