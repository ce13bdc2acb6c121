import ModelIR
import TensorTypes

let tfliteMovement: [String: TFLiteLower] = [
  "CONCATENATION": { node, builder throws(LoweringError) in try builder.concatenation(node) },
  "TRANSPOSE": { node, builder throws(LoweringError) in
    guard let permutation = builder.ints(node.input(1)) else { return builder.addOpaque(node) }
    builder.emitStored(
      .movement(.transpose(permutation: permutation)), [try node.required(0)], node,
      to: try node.output())
  },
  "PAD": pad,
  "PADV2": pad,
  "MIRROR_PAD": { node, builder throws(LoweringError) in
    // A mirror that repeats the ends has no case in the IR.
    guard let pads = builder.pads(node), node.byte(0) == 0 else { return builder.addOpaque(node) }
    builder.emitStored(
      .movement(.pad(pads: pads, filling: .reflection)), [try node.required(0)], node,
      to: try node.output())
  },
  "TILE": { node, builder throws(LoweringError) in
    builder.emitStored(
      .movement(.tile), [try node.required(0), try node.required(1)], node, to: try node.output())
  },
  "BROADCAST_TO": { node, builder throws(LoweringError) in
    builder.emitStored(
      .movement(.expand), [try node.required(0), try node.required(1)], node,
      to: try node.output())
  },
  "FILL": { node, builder throws(LoweringError) in
    builder.emitStored(
      .movement(.expand), [try node.required(1), try node.required(0)], node,
      to: try node.output())
  },
  "SPLIT": { node, builder throws(LoweringError) in
    guard let axis = builder.ints(node.input(0))?.first else { return builder.addOpaque(node) }
    builder.append(
      .movement(.split(.init(axis: axis))), named: node.name, [try node.required(1)], node.outputs)
  },
  "SPLIT_V": { node, builder throws(LoweringError) in
    guard let axis = builder.ints(node.input(2))?.first else { return builder.addOpaque(node) }
    builder.append(
      .movement(.split(.init(axis: axis))), named: node.name,
      [try node.required(0), try node.required(1)], node.outputs)
  },
  "UNPACK": { node, builder throws(LoweringError) in
    let axis = node.int(1)
    var parts: [Value.ID] = []
    for index in node.outputs.indices {
      parts.append(builder.addValue("\(node.name)/part_\(index)", origin: .captured))
    }
    builder.append(
      .movement(.split(.init(axis: axis))), named: node.name, [try node.required(0)], parts)
    for (index, (part, output)) in zip(parts, node.outputs).enumerated() {
      builder.append(
        .view(.squeeze(axes: [axis])), named: "\(node.name)/shape_\(index)", [part], [output])
    }
  },
  "PACK": { node, builder throws(LoweringError) in
    let axis = node.int(1)
    var parts: [Value.ID?] = []
    for (index, input) in node.inputs.enumerated() {
      guard let input else { throw node.error(.missingInput(index)) }
      parts.append(
        builder.apply(.view(.unsqueeze(axes: [axis])), [input], node, "part_\(index)"))
    }
    builder.append(
      .movement(.concat(axis: axis)), named: node.name, parts, [try node.output()])
  },
  "SLICE": { node, builder throws(LoweringError) in
    guard let starts = builder.ints(node.input(1)), let sizes = builder.ints(node.input(2)),
      starts.count == sizes.count
    else { return builder.addOpaque(node) }
    // −1 takes what is left.
    let ends = zip(starts, sizes).map { $1 < 0 ? Int(Int32.max) : $0.saturatingSum($1) }
    builder.emitStored(
      .movement(.slice(.init(starts: starts, ends: ends))), [try node.required(0)], node,
      to: try node.output())
  },
  "STRIDED_SLICE": { node, builder throws(LoweringError) in try builder.stridedSlice(node) },
  "REVERSE_V2": { node, builder throws(LoweringError) in
    guard let axes = builder.ints(node.input(1)) else { return builder.addOpaque(node) }
    let steps = builder.stated(
      TensorLiteral(vector: axes.map { _ in -1 }), "\(node.name)/steps")
    builder.emitStored(
      .movement(
        .slice(
          .init(
            starts: axes.map { _ in -1 }, ends: axes.map { _ in Int(Int32.min) }, axes: axes))),
      [try node.required(0), nil, nil, nil, steps], node, to: try node.output())
  },
  "REVERSE_SEQUENCE": { node, builder throws(LoweringError) in
    builder.emitStored(
      .movement(.reverseSequence(timeAxis: node.int(0), batchAxis: node.int(1))),
      [try node.required(0), try node.required(1)], node, to: try node.output())
  },
  "DEPTH_TO_SPACE": { node, builder throws(LoweringError) in
    builder.emitStored(
      .movement(.depthToSpace(blockSize: node.int(0), channelsLast: true)),
      [try node.required(0)], node, to: try node.output())
  },
  "SPACE_TO_DEPTH": { node, builder throws(LoweringError) in
    builder.emitStored(
      .movement(.spaceToDepth(blockSize: node.int(0), channelsLast: true)),
      [try node.required(0)], node, to: try node.output())
  },
  "SPACE_TO_BATCH_ND": { node, builder throws(LoweringError) in try builder.spaceToBatch(node) },
  "BATCH_TO_SPACE_ND": { node, builder throws(LoweringError) in try builder.batchToSpace(node) },
  "RESIZE_BILINEAR": { node, builder throws(LoweringError) in
    let coordinates: Resize.Coordinates =
      node.flag(2) ? .alignedCorners : node.flag(3) ? .centers : .corners
    builder.emitReal(
      .movement(.resize(.toSize(.linear, Resize.Sampling(coordinates)))),
      [try node.required(0), try node.required(1)], node, to: try node.output())
  },
  "RESIZE_NEAREST_NEIGHBOR": { node, builder throws(LoweringError) in
    let sampling =
      node.flag(0)
      ? Resize.Sampling(.alignedCorners, rounding: .halfUp)
      : Resize.Sampling(node.flag(1) ? .centersUnshifted : .corners, rounding: .down)
    builder.emitStored(
      .movement(.resize(.toSize(.nearest, sampling))),
      [try node.required(0), try node.required(1)], node, to: try node.output())
  },
  "CAST": { node, builder throws(LoweringError) in
    let (input, output) = (try node.required(0), try node.output())
    guard let dtype = builder.type(output)?.dtype else { return builder.addOpaque(node) }
    builder.append(.movement(.cast(to: dtype)), named: node.name, [input], [output])
  },
]

/// Input 2 is what is added; in a quantized tensor it is zero, which is the zero point.
private let pad: TFLiteLower = { node, builder throws(LoweringError) in
  let (input, output) = (try node.required(0), try node.output())
  guard let pads = builder.pads(node) else { return builder.addOpaque(node) }
  var filling = 0.0
  if let constant = node.input(2) {
    guard let value = builder.frame.graph[constant].literal?.reals.first else {
      return builder.addOpaque(node)
    }
    filling = value
  } else if let affine = builder.affine(input) {
    guard let whole = affine.whole else { return builder.addOpaque(node) }
    filling = Double(whole.zeroPoint)
  }
  builder.append(
    .movement(.pad(pads: pads, filling: .value(filling))), named: node.name, [input], [output])
}

extension Resize {
  /// To rows and columns that input 1 holds, of data with channels last.
  fileprivate static func toSize(_ mode: Mode, _ sampling: Sampling) -> Resize {
    Resize(mode, sizesInput: 1, axes: [1, 2], sampling: sampling)
  }
}

extension Int {
  func saturatingSum(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}

extension TFLiteBuilder {
  /// All starts, then all ends, from the pairs of input 1; `nil` when only a run tells.
  fileprivate func pads(_ node: TFLiteNode) -> [Int]? {
    guard let pairs = ints(node.input(1)), pairs.count % 2 == 0 else { return nil }
    return stride(from: 0, to: pairs.count, by: 2).map { pairs[$0] }
      + stride(from: 1, to: pairs.count, by: 2).map { pairs[$0] }
  }

  fileprivate mutating func concatenation(_ node: TFLiteNode) throws(LoweringError) {
    var inputs: [Value.ID] = []
    for position in node.inputs.indices { inputs.append(try node.required(position)) }
    let output = try node.output()
    let activation = try node.activation(1)
    let axis = node.int(0)
    let areAlike = inputs.allSatisfy { haveSameNumbers($0, output) }
    if areAlike, activation == nil {
      return append(.movement(.concat(axis: axis)), named: node.name, inputs, [output])
    }
    let bounds = bounds(of: activation, on: output)
    if bounds.isSupported, isByteTensor(output), inputs.allSatisfy({ isByteTensor($0) }),
      let result = parameters(output)
    {
      var operands: [Value.ID?] = [result.scale, result.zeroPoint]
      for input in inputs {
        guard let part = parameters(input) else { return addOpaque(node) }
        operands += [input, part.scale, part.zeroPoint]
      }
      return emitQuantized(
        .movement(.qLinearConcat(axis: axis)), operands, node, to: output, bounds: bounds.range)
    }
    emitReal(
      .movement(.concat(axis: axis)), inputs, node, to: output, activation: activation)
  }

  /// Blocks of the spatial axes into the batch: padded, split, and the places in a block moved to the
  /// front. Inputs are the data, the block's extents and the padding.
  fileprivate mutating func spaceToBatch(_ node: TFLiteNode) throws(LoweringError) {
    let (input, output) = (try node.required(0), try node.output())
    guard let block = ints(node.input(1)), let pads = ints(node.input(2)), block.count == 2,
      pads.count == 4, block.allSatisfy({ $0 > 0 }),
      pads.allSatisfy({ (0...1 << 24).contains($0) }),
      let shape = type(input)?.dimensions, shape.count == 4, facts(input)?.isStatic == true,
      affine(input) == nil || affine(input)?.whole != nil
    else { return addOpaque(node) }
    let zero = affine(input)?.whole?.zeroPoint ?? 0
    var value = input
    var (rows, columns) = (shape[1], shape[2])
    if pads != [0, 0, 0, 0] {
      let (top, bottom, left, right) = (pads[0], pads[1], pads[2], pads[3])
      value = apply(
        .movement(
          .pad(
            pads: [0, top, left, 0, 0, bottom, right, 0], filling: .value(Double(zero)))),
        [value], node, "padded")
      (rows, columns) = (rows + top + bottom, columns + left + right)
    }
    value = apply(
      .view(
        .reshape(
          to: [shape[0], rows / block[0], block[0], columns / block[1], block[1], shape[3]],
          allowsZero: true)), [value], node, "blocks")
    value = apply(
      .movement(.transpose(permutation: [2, 4, 0, 1, 3, 5])), [value], node, "moved")
    append(
      .view(.reshape(to: [-1, rows / block[0], columns / block[1], shape[3]], allowsZero: true)),
      named: node.name, [value], [output])
  }

  /// The way back, with what was padded cut off. Inputs are the data, the block's extents and the
  /// cuts.
  fileprivate mutating func batchToSpace(_ node: TFLiteNode) throws(LoweringError) {
    let (input, output) = (try node.required(0), try node.output())
    guard let block = ints(node.input(1)), let cuts = ints(node.input(2)), block.count == 2,
      cuts.count == 4, block.allSatisfy({ (1...1 << 15).contains($0) }),
      cuts.allSatisfy({ (0...1 << 24).contains($0) }),
      let shape = type(input)?.dimensions, shape.count == 4, facts(input)?.isStatic == true
    else { return addOpaque(node) }
    var value = apply(
      .view(
        .reshape(
          to: [block[0], block[1], -1, shape[1], shape[2], shape[3]], allowsZero: true)),
      [input], node, "blocks")
    value = apply(
      .movement(.transpose(permutation: [2, 3, 0, 4, 1, 5])), [value], node, "moved")
    let whole = View.reshape(
      to: [-1, shape[1] * block[0], shape[2] * block[1], shape[3]], allowsZero: true)
    guard cuts != [0, 0, 0, 0] else {
      return append(.view(whole), named: node.name, [value], [output])
    }
    value = apply(.view(whole), [value], node, "whole")
    append(
      .movement(
        .slice(
          .init(
            starts: [cuts[0], cuts[2]],
            ends: [shape[1] * block[0] - cuts[1], shape[2] * block[1] - cuts[3]], axes: [1, 2]))),
      named: "\(node.name)/cut", [value], [output])
  }
}
