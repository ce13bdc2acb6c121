import ModelIR
import TensorTypes

let tfliteContractions: [String: TFLiteLower] = [
  "CONV_2D": { node, builder throws(LoweringError) in
    // Filters are outputs, rows, columns, inputs.
    let strides = [node.int(2, default: 1), node.int(1, default: 1)]
    let dilations = [node.int(5, default: 1), node.int(4, default: 1)]
    let filter = builder.type(try node.required(1))?.dimensions ?? []
    let channels = builder.type(try node.required(0))?.dimensions.last ?? 1
    let depth = max(filter.last ?? 1, 1)
    try builder.convolution(
      node, window: try node.window(strides: strides, dilations: dilations),
      group: channels % depth == 0 ? max(channels / depth, 1) : 1, filterAxes: [0, 3, 1, 2],
      activation: try node.activation(3))
  },
  "DEPTHWISE_CONV_2D": { node, builder throws(LoweringError) in
    // Filters are 1, rows, columns, outputs.
    let strides = [node.int(2, default: 1), node.int(1, default: 1)]
    let dilations = [node.int(6, default: 1), node.int(5, default: 1)]
    try builder.convolution(
      node, window: try node.window(strides: strides, dilations: dilations),
      group: max(builder.type(try node.required(0))?.dimensions.last ?? 1, 1),
      filterAxes: [3, 0, 1, 2], activation: try node.activation(4))
  },
  "CONV_3D": { node, builder throws(LoweringError) in
    // Filters are planes, rows, columns, inputs, outputs.
    let strides = [1, 3, 2].map { node.int($0, default: 1) }
    let dilations = [5, 7, 6].map { node.int($0, default: 1) }
    try builder.convolution(
      node, window: try node.window(strides: strides, dilations: dilations), group: 1,
      filterAxes: [4, 3, 0, 1, 2], activation: try node.activation(4))
  },
  "TRANSPOSE_CONV": { node, builder throws(LoweringError) in try builder.transposedConvolution(node)
  },
  "FULLY_CONNECTED": { node, builder throws(LoweringError) in try builder.fullyConnected(node) },
  "BATCH_MATMUL": { node, builder throws(LoweringError) in
    let product =
      node.flag(0) || node.flag(1)
      ? MatrixProduct(
        .fusedMatMul(.init(transposesA: node.flag(0), transposesB: node.flag(1))))
      : MatrixProduct(.matMul)
    builder.emitReal(
      .matrixProduct(product), [try node.required(0), try node.required(1)], node,
      to: try node.output())
  },
]

extension TFLiteNode {
  /// A window with the padding that field 0 names; `nil` kernels are those of the filters.
  func window(
    kernel: [Int]? = nil, strides: [Int], dilations: [Int] = []
  ) throws(LoweringError) -> SpatialWindow {
    let padding: SpatialWindow.Padding
    switch byte(0) {
    case 0: padding = .sameUpper
    case 1: padding = .valid
    case let other: throw error(.invalidAttribute("padding", reason: "is \(other), not 0 or 1"))
    }
    return SpatialWindow(
      kernel: kernel, strides: strides, dilations: dilations, padding: padding)
  }
}

extension TFLiteBuilder {
  /// A convolution with channels last: on quantized numbers where data and result are bytes.
  fileprivate mutating func convolution(
    _ node: TFLiteNode, window: SpatialWindow, group: Int, filterAxes: [Int],
    activation: Elementwise.Function?
  ) throws(LoweringError) {
    let (input, weights) = (try node.required(0), try node.required(1))
    let output = try node.output()
    func convolution(_ function: Convolution.Function) -> Operator {
      .convolution(
        Convolution(
          function, window: window, group: group, channelsLast: true, filterAxes: filterAxes,
          requantization: .fixedPoint))
    }
    if let operands = quantizedOperands(
      input, weights, output, channelAxis: filterAxes.first ?? 0, activation: activation)
    {
      return emitQuantized(
        convolution(.qLinearConv), operands.inputs + operands.result + bias(node, 2), node,
        to: output, bounds: operands.bounds)
    }
    emitReal(
      convolution(.conv), [input, weights] + bias(node, 2), node, to: output,
      activation: activation)
  }

  private func bias(_ node: TFLiteNode, _ position: Int) -> [Value.ID?] {
    node.input(position).map { [$0] } ?? []
  }

  private struct QuantizedOperands {
    /// Data, its scale and zero point, then the same of the weights.
    let inputs: [Value.ID?]
    /// Scale and zero point of the result.
    let result: [Value.ID?]
    let bounds: ClosedRange<Int>?
  }

  /// The operands of a product of bytes; `nil` where data or result are real numbers, or scales are
  /// for another axis than the outputs.
  private mutating func quantizedOperands(
    _ input: Value.ID, _ weights: Value.ID, _ output: Value.ID, channelAxis: Int,
    activation: Elementwise.Function?
  ) -> QuantizedOperands? {
    let bounds = bounds(of: activation, on: output)
    guard let data = affine(input), let factor = affine(weights), let result = affine(output),
      data.isPerTensor, result.isPerTensor, factor.isPerTensor || factor.axis == channelAxis,
      bounds.isSupported, let x = parameters(input), let w = parameters(weights),
      let y = parameters(output)
    else { return nil }
    return QuantizedOperands(
      inputs: [input, x.scale, x.zeroPoint, weights, w.scale, w.zeroPoint],
      result: [y.scale, y.zeroPoint], bounds: bounds.range)
  }

  /// Inputs are the result's shape, the filters (outputs, rows, columns, inputs), the data and a bias.
  /// The shape decides the padding.
  fileprivate mutating func transposedConvolution(_ node: TFLiteNode) throws(LoweringError) {
    let (weights, input) = (try node.required(1), try node.required(2))
    let output = try node.output()
    let strides = [node.int(2, default: 1), node.int(1, default: 1)]
    let shape = ints(node.input(0)) ?? type(output)?.dimensions ?? []
    let kernel = type(weights)?.dimensions.dropFirst().prefix(2).map { $0 } ?? []
    let data = type(input)?.dimensions.dropFirst().prefix(2).map { $0 } ?? []
    guard shape.count == 4, shape.allSatisfy({ (0...Int(Int32.max)).contains($0) }),
      kernel.count == 2, data.count == 2
    else {
      throw node.error(.invalidAttribute("output_shape", reason: "is \(shape)"))
    }
    _ = try node.window(strides: strides)
    // What is cut off in front, and behind; what the shape has more is added behind.
    var (begins, ends, added): ([Int], [Int], [Int]) = ([], [], [])
    for axis in 0..<2 {
      let (steps, overflow) = strides[axis].multipliedReportingOverflow(by: max(data[axis] - 1, 0))
      let (full, overflowsToo) = steps.addingReportingOverflow(kernel[axis])
      guard !overflow, !overflowsToo else {
        throw node.error(.invalidAttribute("stride", reason: "is \(strides[axis])"))
      }
      let padding = max(full - shape[axis + 1], 0)
      begins.append(node.byte(0) == 0 ? padding / 2 : 0)
      ends.append(padding - (begins.last ?? 0))
      added.append(max(shape[axis + 1] - full, 0))
    }
    emitReal(
      .convolution(
        Convolution(
          .convTranspose(outputPadding: added, outputShape: nil),
          window: SpatialWindow(strides: strides, padding: .explicit(begins + ends)),
          channelsLast: true, filterAxes: [3, 0, 1, 2])),
      [input, weights] + bias(node, 3), node, to: output, activation: try node.activation(3))
  }

  /// Rows times the transposed weights (outputs × inputs), whatever the rank of the data.
  fileprivate mutating func fullyConnected(_ node: TFLiteNode) throws(LoweringError) {
    // Field 1 is an order of the weights for one processor, which no other tool reads.
    guard node.byte(1) == 0 else { return addOpaque(node) }
    let (input, weights) = (try node.required(0), try node.required(1))
    let output = try node.output()
    let activation = try node.activation(0)
    let gemm = MatrixProduct.Gemm(transposesB: true)
    let depth = type(weights)?.dimensions.last ?? -1
    let isMatrix = type(input)?.rank == 2 && type(output)?.rank == 2
    func matrix(_ id: Value.ID, _ builder: inout Self) -> Value.ID {
      if builder.type(input)?.rank == 2, builder.type(input)?.dimensions.last == depth { return id }
      return builder.apply(
        .view(.reshape(to: [-1, depth], allowsZero: true)), [id], node, "rows")
    }
    // The result with the shape that the file states: another name for the same bytes.
    let dimensions = facts(output)?.shape.dimensions ?? []
    let shape = dimensions.map { dimension in
      if case .fixed(let extent) = dimension { extent } else { -1 }
    }
    guard shape.count(where: { $0 < 0 }) <= 1 else {
      return batchedProduct(node, input, weights, output, activation)
    }
    func reshape(_ rows: Value.ID, _ builder: inout Self) {
      builder.append(
        .view(.reshape(to: shape, allowsZero: true)), named: "\(node.name)/shape", [rows], [output])
    }
    if let operands = quantizedOperands(
      input, weights, output, channelAxis: 0, activation: activation)
    {
      var inputs = operands.inputs
      inputs[0] = matrix(input, &self)
      inputs += (node.input(2).map { [$0] } ?? [nil]) + operands.result
      // The interpreter rounds the product with the scales once here, as nowhere else.
      let op = Operator.matrixProduct(MatrixProduct(.qGemm(gemm)))
      if isMatrix {
        return emitQuantized(op, inputs, node, to: output, bounds: operands.bounds)
      }
      let rows = addValue("\(node.name)/matrix", origin: .captured)
      emitQuantized(op, inputs, node, to: rows, bounds: operands.bounds)
      return reshape(rows, &self)
    }
    var inputs: [Value.ID?] = [matrix(real(input, node), &self), real(weights, node)]
    if let bias = node.input(2) { inputs.append(real(bias, node)) }
    let op = Operator.matrixProduct(MatrixProduct(.gemm(gemm)))
    if isMatrix { return emit(op, inputs, node, to: output, activation: activation) }
    let rows = addValue("\(node.name)/matrix", origin: .captured)
    emit(op, inputs, node, to: rows, activation: activation, numbers: output)
    reshape(rows, &self)
  }

  /// The same of data with several free extents, which no reshape can state.
  private mutating func batchedProduct(
    _ node: TFLiteNode, _ input: Value.ID, _ weights: Value.ID, _ output: Value.ID,
    _ activation: Elementwise.Function?
  ) {
    let op = Operator.matrixProduct(MatrixProduct(.fusedMatMul(.init(transposesB: true))))
    guard let bias = node.input(2) else {
      return emitReal(op, [input, weights], node, to: output, activation: activation)
    }
    let product = apply(op, [real(input, node), real(weights, node)], node, "product")
    emit(
      .elementwise(Elementwise(.add)), [product, real(bias, node)], node, to: output,
      activation: activation)
  }
}
