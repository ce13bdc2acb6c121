import ModelIR
import TensorTypes

let tfliteIndexing: [String: TFLiteLower] = [
  "GATHER": { node, builder throws(LoweringError) in
    guard node.int(1) == 0 else { return try builder.batchedGather(node) }
    builder.emitStored(
      .indexing(.gather(axis: node.int(0))), [try node.required(0), try node.required(1)], node,
      to: try node.output())
  },
  "GATHER_ND": { node, builder throws(LoweringError) in
    builder.emitStored(
      .indexing(.gatherND(batchDimensions: 0)), [try node.required(0), try node.required(1)], node,
      to: try node.output())
  },
  "EMBEDDING_LOOKUP": { node, builder throws(LoweringError) in
    builder.emitStored(
      .indexing(.gather(axis: 0)), [try node.required(1), try node.required(0)], node,
      to: try node.output())
  },
  "SCATTER_ND": { node, builder throws(LoweringError) in
    let (indices, updates) = (try node.required(0), try node.required(1))
    guard let dtype = builder.type(updates)?.dtype else { return builder.addOpaque(node) }
    let zeros = builder.apply(
      .generator(.constantOfShape(dtype)), [try node.required(2)], node, "zeros")
    builder.append(
      .indexing(.scatterND(combining: .sum)), named: node.name, [zeros, indices, updates],
      [try node.output()])
  },
  "TOPK_V2": { node, builder throws(LoweringError) in
    guard node.outputs.count == 2 else { return builder.addOpaque(node) }
    let places = builder.addValue("\(node.name)/places", origin: .captured)
    builder.append(
      .indexing(.topK(axis: -1)), named: node.name,
      [try node.required(0), try node.required(1)], [node.outputs[0], places])
    builder.append(
      .movement(.cast(to: builder.type(node.outputs[1])?.dtype ?? .int32)),
      named: "\(node.name)/cast", [places], [node.outputs[1]])
  },
  "ONE_HOT": { node, builder throws(LoweringError) in
    let (indices, depth) = (try node.required(0), try node.required(1))
    let (on, off) = (try node.required(2), try node.required(3))
    let values = try [off, on].enumerated().map { position, value throws(LoweringError) in
      builder.apply(.view(.reshape(to: [1])), [value], node, "value_\(position)")
    }
    let pair = builder.apply(.movement(.concat(axis: 0)), values, node, "values")
    builder.append(
      .indexing(.oneHot(axis: node.int(0), wraps: false)), named: node.name,
      [indices, depth, pair],
      [try node.output()])
  },
  // A row for each place that is not zero.
  "WHERE": { node, builder throws(LoweringError) in
    guard node.inputs.count == 1 else { return builder.addOpaque(node) }
    let places = builder.apply(.indexing(.nonZero), [try node.required(0)], node, "places")
    builder.append(
      .movement(.transpose(permutation: [1, 0])), named: node.name, [places],
      [try node.output()])
  },
  "SHAPE": { node, builder throws(LoweringError) in
    builder.emitIndices(
      .generator(.shape()), [try node.required(0)], node, to: try node.output())
  },
  "RANK": { node, builder throws(LoweringError) in
    let shape = builder.apply(.generator(.shape()), [try node.required(0)], node, "shape")
    builder.emitIndices(.generator(.size), [shape], node, to: try node.output())
  },
  "RANGE": { node, builder throws(LoweringError) in
    builder.append(
      .generator(.range), named: node.name,
      [try node.required(0), try node.required(1), try node.required(2)], [try node.output()])
  },
  "ZEROS_LIKE": { node, builder throws(LoweringError) in
    let input = try node.required(0)
    guard let dtype = builder.type(input)?.dtype else { return builder.addOpaque(node) }
    let shape = builder.apply(.generator(.shape()), [input], node, "shape")
    builder.append(
      .generator(.constantOfShape(dtype)), named: node.name, [shape], [try node.output()])
  },
]

extension TFLiteBuilder {
  /// Places for each element of the first axes: those are gathered from tuples of one number, with the
  /// axis moved to where the batch ends, and back to where it stood.
  fileprivate mutating func batchedGather(_ node: TFLiteNode) throws(LoweringError) {
    let (data, places, output) = (try node.required(0), try node.required(1), try node.output())
    guard let rank = type(data)?.rank, let ofPlaces = type(places)?.rank, rank <= 64 else {
      return addOpaque(node)
    }
    let axis = node.int(0) < 0 ? node.int(0) + rank : node.int(0)
    let batch = node.int(1) < 0 ? node.int(1) + ofPlaces : node.int(1)
    guard batch >= 0, batch <= ofPlaces, batch <= axis, axis < rank,
      haveSameNumbers(data, output)
    else {
      throw node.error(
        .invalidAttribute("batch_dims", reason: "is \(node.int(1)) with the axis \(node.int(0))"))
    }
    let between = axis - batch
    let tuples = apply(.view(.unsqueeze(axes: [ofPlaces])), [places], node, "tuples")
    let gather = Operator.indexing(.gatherND(batchDimensions: batch))
    guard between > 0 else {
      return append(gather, named: node.name, [data, tuples], [output])
    }
    let forth = Array(0..<batch) + [axis] + Array(batch..<axis) + Array(axis + 1..<rank)
    let moved = apply(.movement(.transpose(permutation: forth)), [data], node, "moved")
    let rows = addValue("\(node.name)/result", origin: .captured)
    append(gather, named: node.name, [moved, tuples], [rows])
    // Batch, places, what stood between, the rest; what stood between goes in front of the places.
    let (gathered, end) = (batch..<ofPlaces, ofPlaces + between)
    let back =
      Array(0..<batch) + Array(ofPlaces..<end) + Array(gathered)
      + Array(end..<ofPlaces + rank - batch - 1)
    append(
      .movement(.transpose(permutation: back)), named: "\(node.name)/back", [rows], [output])
  }
}
