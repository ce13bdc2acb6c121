import ModelIR
import TensorTypes

let productLayers: [String: LowerLayer] = [
  "Convolution": { builder, view, inputs throws(LayerError) in
    try builder.convolution(view, inputs, spatialRank: 2, grouped: false)
  },
  "ConvolutionDepthWise": { builder, view, inputs throws(LayerError) in
    try builder.convolution(view, inputs, spatialRank: 2, grouped: true)
  },
  "Convolution1D": { builder, view, inputs throws(LayerError) in
    try builder.convolution(view, inputs, spatialRank: 1, grouped: false)
  },
  "ConvolutionDepthWise1D": { builder, view, inputs throws(LayerError) in
    try builder.convolution(view, inputs, spatialRank: 1, grouped: true)
  },
  "Deconvolution": { builder, view, inputs throws(LayerError) in
    try builder.deconvolution(view, inputs, grouped: false)
  },
  "DeconvolutionDepthWise": { builder, view, inputs throws(LayerError) in
    try builder.deconvolution(view, inputs, grouped: true)
  },
  "InnerProduct": { builder, view, inputs throws(LayerError) in
    guard inputs.count == 1 else { throw .invalid("has \(inputs.count) inputs, expected 1") }
    let outputs = try view.positive(0, "num_output")
    let weights = try view.positive(2, "weight_data_size")
    return [
      try builder.innerProduct(
        view, inputs[0], inputs: try view.quotient(weights, outputs, "weight_data_size"),
        outputs: outputs, hasBias: try view.flag(1))
    ]
  },
  "Gemm": { builder, view, inputs throws(LayerError) in try builder.gemm(view, inputs) },
  "MatMul": { builder, view, inputs throws(LayerError) in
    let operands = try builder.several(inputs, view, 2...2)
    let left = try builder.extents(operands[0])
    let right = try builder.extents(operands[1])
    guard left.count >= 2, right.count >= 2 else { throw .notModelled }
    let transposes = try view.flag(0)
    let b =
      transposes ? builder.transposed(operands[1], "\(view.name)/transpose") : operands[1]
    let columns = transposes ? right[right.count - 2] : right[right.count - 1]
    var result = left.count >= right.count ? left : right
    result[result.count - 2] = left[left.count - 2]
    result[result.count - 1] = columns
    return [
      builder.emit(
        .matrixProduct(MatrixProduct(.matMul)), view.name, [operands[0], b], extents: result)
    ]
  },
  "Embed": { builder, view, inputs throws(LayerError) in
    guard inputs.count == 1 else { throw .invalid("has \(inputs.count) inputs, expected 1") }
    guard try view.int(18) == 0 else { throw .notModelled }
    builder.settle(inputs[0], [.named("sequence_length")], dtype: .int32)
    let width = try view.positive(0, "num_output")
    let rows = try view.positive(1, "input_dim")
    let table = builder.weight("\(view.name)/weight", [rows, width])
    var value = builder.emit(
      .indexing(.gather(axis: 0)), view.name, [table, inputs[0]],
      extents: try builder.extents(inputs[0]) + [width])
    if try view.flag(2) {
      let bias = builder.weight("\(view.name)/bias", [width])
      value = builder.emit(
        .elementwise(Elementwise(.add)), "\(view.name)/bias", [value, bias],
        extents: builder.facts[value.index].extents)
    }
    return [value]
  },
]

extension NCNNBuilder {
  /// Where a layer's spatial parameters stand: those for the width, and those for the height, which
  /// default to them.
  private func spatial(
    _ view: LayerView, _ width: Int, _ height: Int, rank: Int, default value: Int, _ what: String
  ) throws(LayerError) -> [Int] {
    let horizontal = try view.positive(width, what, default: value)
    guard rank > 1 else { return [horizontal] }
    return [try view.positive(height, what, default: horizontal), horizontal]
  }

  /// Beginnings, then ends, outermost first; a special value asks for as much as keeps
  /// `⌈input / stride⌉`.
  private func padding(
    _ view: LayerView, rank: Int
  ) throws(LayerError) -> SpatialWindow.Padding {
    let left = try view.int(4)
    let right = try view.int(15, default: left)
    let top = try view.int(14, default: left)
    let bottom = try view.int(16, default: top)
    let pads = rank > 1 ? [top, left, bottom, right] : [left, right]
    if pads.allSatisfy({ $0 == -233 }) { return .sameUpper }
    if pads.allSatisfy({ $0 == -234 }) { return .sameLower }
    guard pads.allSatisfy({ $0 >= 0 }) else { throw .invalid("has the padding \(pads)") }
    return .explicit(pads)
  }

  fileprivate mutating func convolution(
    _ view: LayerView, _ inputs: [Value.ID], spatialRank: Int, grouped: Bool
  ) throws(LayerError) -> [Value.ID] {
    // With dynamic weights, they are inputs.
    guard try view.int(19) == 0 else { throw .notModelled }
    guard inputs.count == 1 else { throw .invalid("has \(inputs.count) inputs, expected 1") }
    let outputs = try view.positive(0, "num_output")
    let kernel = try spatial(view, 1, 11, rank: spatialRank, default: 0, "the kernel")
    let group = grouped ? try view.positive(7, "group", default: 1) : 1
    _ = try view.quotient(outputs, group, "num_output over group")
    let filter = try view.product(
      outputs, kernel.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue },
      of: "the weights")
    let channels = try view.quotient(
      try view.positive(6, "weight_data_size"), filter, "weight_data_size")
    let hasBias = try view.flag(5)
    let allChannels = try view.product(channels, group, of: "the input channels")

    settle(
      inputs[0],
      [.fixed(allChannels)]
        + (spatialRank > 1 ? [.named("height"), .named("width")] : [.named("width")]))
    var source = inputs[0]
    let extents = try self.extents(source)
    if extents.count == 1, kernel.allSatisfy({ $0 == 1 }), group == 1 {
      // A vector is multiplied as by an inner product.
      return [
        try innerProduct(view, source, inputs: channels, outputs: outputs, hasBias: hasBias)
      ]
    }
    let term = try integerTerm(view, scales: grouped ? group : outputs, outputs: outputs)
    source = term == nil ? real(source, view) : integerOperand(source, view)
    if extents.count == spatialRank {
      source = emit(
        .view(.unsqueeze(axes: [1])), "\(view.name)/channel", [source], extents: [1] + extents)
    } else if extents.count != spatialRank + 1 {
      throw .invalid("has an input of \(extents.count) axes, expected \(spatialRank + 1)")
    }
    let shape = [outputs, channels] + kernel
    var operands = [source, productWeights(view, shape, term)]
    if hasBias { operands.append(weight("\(view.name)/bias", [outputs])) }
    let strides = try spatial(view, 3, 13, rank: spatialRank, default: 1, "the stride")
    let dilations = try spatial(view, 2, 12, rank: spatialRank, default: 1, "the dilation")
    let value = emit(
      .convolution(
        Convolution(
          .conv,
          window: SpatialWindow(
            kernel: kernel, strides: strides, dilations: dilations,
            padding: try padding(view, rank: spatialRank)),
          group: group)),
      view.name, operands,
      extents: [outputs] + [Int?](repeating: nil, count: spatialRank))
    return [try finished(value, view, term)]
  }

  fileprivate mutating func deconvolution(
    _ view: LayerView, _ inputs: [Value.ID], grouped: Bool
  ) throws(LayerError) -> [Value.ID] {
    let source = try only(inputs, view)
    guard try view.int(28) == 0 else { throw .notModelled }
    let outputs = try view.positive(0, "num_output")
    let kernel = try spatial(view, 1, 11, rank: 2, default: 0, "the kernel")
    let group = grouped ? try view.positive(7, "group", default: 1) : 1
    let outputsOfGroup = try view.quotient(outputs, group, "num_output over group")
    let weights = try view.positive(6, "weight_data_size")
    let channels = try view.quotient(
      weights,
      try view.product(outputsOfGroup, kernel[0], kernel[1], of: "the weights"),
      "weight_data_size")
    settle(source, [.fixed(channels), .named("height"), .named("width")])
    guard try extents(source).count == 3 else { throw .notModelled }
    let right = try view.int(18)
    let extra = [try view.int(19, default: right), right]
    let width = try view.int(20)
    let height = try view.int(21, default: width)
    var operands = [
      source, weight("\(view.name)/weight", [channels, outputsOfGroup] + kernel),
    ]
    if try view.flag(5) { operands.append(weight("\(view.name)/bias", [outputs])) }
    let value = emit(
      .convolution(
        Convolution(
          .convTranspose(
            outputPadding: extra, outputShape: width > 0 && height > 0 ? [height, width] : nil),
          window: SpatialWindow(
            kernel: kernel, strides: try spatial(view, 3, 13, rank: 2, default: 1, "the stride"),
            dilations: try spatial(view, 2, 12, rank: 2, default: 1, "the dilation"),
            padding: try padding(view, rank: 2)),
          group: group)),
      view.name, operands, extents: [outputs, nil, nil])
    return [try finished(value, view, nil)]
  }

  /// A vector, or each row of a matrix of as many columns as the weights have inputs, times the
  /// weights; other blobs are flattened.
  fileprivate mutating func innerProduct(
    _ view: LayerView, _ input: Value.ID, inputs: Int, outputs: Int, hasBias: Bool
  ) throws(LayerError) -> Value.ID {
    settle(input, [.fixed(inputs)])
    let term = try integerTerm(view, scales: outputs, outputs: outputs)
    let extents = try self.extents(input)
    let isMatrix = extents.count == 2 && (extents[1] == nil || extents[1] == inputs)
    var source = input
    if extents.count > 1, !isMatrix {
      source = emit(
        .view(.flatten(axis: 1)), "\(view.name)/flatten", [input], extents: [inputs])
      facts[source.index].scale = facts[input.index].scale
    }
    source = term == nil ? real(source, view) : integerOperand(source, view)
    let bias = hasBias ? weight("\(view.name)/bias", [outputs]) : nil
    if isMatrix {
      // Row by row, as the last axis of a batched product.
      guard term == nil else { throw .notModelled }
      let weights = weight("\(view.name)/weight", [inputs, outputs])
      var value = emit(
        .matrixProduct(MatrixProduct(.matMul)), view.name, [source, weights],
        extents: [extents[0], outputs])
      if let bias {
        value = emit(
          .elementwise(Elementwise(.add)), "\(view.name)/bias", [value, bias],
          extents: [extents[0], outputs])
      }
      return try finished(value, view, nil)
    }
    let weights = productWeights(view, [outputs, inputs], term)
    let value = emit(
      .matrixProduct(MatrixProduct(.gemm(MatrixProduct.Gemm(transposesB: true)))), view.name,
      [source, weights] + (bias.map { [$0] } ?? []), extents: [outputs])
    return try finished(value, view, term)
  }

  fileprivate mutating func gemm(
    _ view: LayerView, _ inputs: [Value.ID]
  ) throws(LayerError) -> [Value.ID] {
    for id in [11, 12, 13, 18] {
      // Other memory layouts of the result, and weights in blocks.
      guard try view.int(id) == 0 else { throw .notModelled }
    }
    let isConstant = [try view.flag(4), try view.flag(5), try view.flag(6)]
    let broadcast = try view.int(10)
    let hasStoredC = isConstant[2] && broadcast != -1
    let operandCount = (isConstant[0] ? 0 : 1) + (isConstant[1] ? 0 : 1)
    var rest = try several(inputs, view, operandCount...operandCount + (isConstant[2] ? 0 : 1))
    func extent(_ id: Int, _ what: String) throws(LayerError) -> Int {
      try view.positive(id, what)
    }
    let transposesA = try view.flag(2)
    let transposesB = try view.flag(3)
    var a: Value.ID
    if isConstant[0] {
      a = weight("\(view.name)/a", [try extent(7, "M"), try extent(9, "K")])
    } else {
      a = rest.removeFirst()
      if isConstant[1] { settle(a, [.named("sequence_length"), .fixed(try extent(9, "K"))]) }
      guard try extents(a).count == 2 else { throw .notModelled }
      if transposesA { a = transposed(a, "\(view.name)/a") }
    }
    var b: Value.ID
    if isConstant[1] {
      b = weight("\(view.name)/weight", [try extent(9, "K"), try extent(8, "N")])
    } else {
      b = rest.removeFirst()
      guard try extents(b).count == 2 else { throw .notModelled }
      if transposesB { b = transposed(b, "\(view.name)/b") }
    }
    let rows = isConstant[0] ? try extent(7, "M") : try extents(a)[0]
    let columns = isConstant[1] ? try extent(8, "N") : try extents(b)[1]
    let result = [rows, columns]
    var value = emit(
      .matrixProduct(MatrixProduct(.matMul)), view.name, [a, b], extents: result)
    if isConstant[0], isConstant[1] {
      value = emit(.view(.unsqueeze(axes: [0])), "\(view.name)/batch", [value], extents: result)
    }
    var addend: Value.ID?
    if hasStoredC {
      let shape: [Int] =
        switch broadcast {
        case 0: [1]
        case 1, 2: [try extent(7, "M"), 1]
        case 3: [try extent(7, "M"), try extent(8, "N")]
        case 4: [try extent(8, "N")]
        default: throw .invalid("constant_broadcast_type_C is \(broadcast)")
        }
      addend = weight("\(view.name)/bias", shape)
    } else if !rest.isEmpty {
      addend = rest[0]
      guard try extents(rest[0]).count <= 2 else { throw .notModelled }
    }
    if var addend {
      let beta = try view.real(1, default: 1)
      if beta != 1 { addend = scaled(addend, by: beta, view, "beta") }
      value = emit(
        .elementwise(Elementwise(.add)), "\(view.name)/bias", [value, addend], extents: result)
    }
    let alpha = try view.real(0, default: 1)
    if alpha != 1 { value = scaled(value, by: alpha, view, "alpha") }
    if try view.flag(14) { value = transposed(value, "\(view.name)/transpose") }
    return [value]
  }

  // MARK: Parts

  private func integerTerm(
    _ view: LayerView, scales: Int, outputs: Int
  ) throws(LayerError) -> IntegerTerm? {
    let term = try view.int(8)
    guard term != 0 else { return nil }
    // Above 100, the result is requantized; 2 gives grouped weights one scale for all.
    let isSingle = scales != outputs || term % 100 == 2 && view.layer.type.contains("DepthWise")
    return IntegerTerm(requantizes: term > 100, weightScales: isSingle ? 1 : scales)
  }

  private mutating func productWeights(
    _ view: LayerView, _ shape: [Int], _ term: IntegerTerm?
  ) -> Value.ID {
    guard let term else { return weight("\(view.name)/weight", shape) }
    return integerWeights("\(view.name)/weight", shape, scales: term.weightScales)
  }

  /// With the activation of the layer, and requantized where it asks for it.
  private mutating func finished(
    _ value: Value.ID, _ view: LayerView, _ term: IntegerTerm?
  ) throws(LayerError) -> Value.ID {
    let activated = try activated(value, view)
    guard term?.requantizes == true else { return activated }
    let scale = weight("\(view.name)/output_scale", [1])
    return quantized(activated, by: scale, "\(view.name)/requantize")
  }

  mutating func transposed(_ value: Value.ID, _ name: String) -> Value.ID {
    var extents = facts[value.index].extents
    let rank = (extents?.count ?? 2) + 1
    var order = Array(0..<rank)
    order.swapAt(rank - 1, rank - 2)
    extents?.swapAt(rank - 2, rank - 3)
    return emit(.movement(.transpose(permutation: order)), name, [value], extents: extents)
  }
}
