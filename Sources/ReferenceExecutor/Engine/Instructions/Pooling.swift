import CKernels
import ModelIR
import TensorTypes

/// Maxima or means of windows.
struct PoolingInstruction: Instruction {
  let kind: bf_pooling
  let shape: bf_conv_shape
  let padBottom: Int
  let padRight: Int
  let input: Address
  let output: Address

  func run(_ machine: Machine) {
    unsafe withUnsafePointer(to: shape) { shape in
      unsafe bf_f32_pool(
        machine.pool, kind, shape, padBottom, padRight, machine.floats(input),
        machine.floats(output))
    }
  }
}

/// Means of whole planes.
struct GlobalAverageInstruction: Instruction {
  let batch: Int
  let pixels: Int
  let channels: Int
  let stride: Int
  let input: Address
  let output: Address

  func run(_ machine: Machine) {
    unsafe bf_f32_global_average(
      machine.pool, batch, pixels, channels, stride, machine.floats(input),
      machine.floats(output))
  }
}

extension Lowering {
  func lower(_ pooling: Pooling, _ node: Node) throws(ExecutionError) {
    guard let operands = floatOperands(node), node.outputs.dropFirst().allSatisfy({ $0 == nil }),
      let result = node.outputs[0], let type = graph[result].type
    else { return try lowerByReference(node) }
    switch pooling.function {
    case .max(let sliding, _):
      try lower(sliding, BF_POOL_MAX, node, operands[0], result, type)
    case .average(let sliding, let includesPadding):
      try lower(
        sliding, includesPadding ? BF_POOL_AVERAGE_WITH_PADDING : BF_POOL_AVERAGE, node,
        operands[0], result, type)
    case .globalAverage:
      let input = try view(operands[0])
      guard input.rank >= 3, let stride = input.pixelStride else {
        return try lowerReduction(
          BF_REDUCE_MEAN, operands[0], axes: Set(2..<max(input.rank, 2)), result, type, node)
      }
      try lowerGlobalAverage(input, stride, result, type)
    case .globalMax:
      try lowerReduction(
        BF_REDUCE_MAX, operands[0], axes: Set(2..<max(type.rank, 2)), result, type, node)
    case .lp, .globalLp, .maxRegion, .maxUnpool, .regionAlign, .qLinearAverage,
      .qLinearGlobalAverage:
      try lowerByReference(node)
    }
  }

  /// Means over all axes but batch and channels.
  func lowerGlobalAverage(
    _ input: TensorView, _ stride: Int, _ result: Value.ID, _ type: TensorType
  ) throws(ExecutionError) {
    let output = allocate(type)
    try emit(
      GlobalAverageInstruction(
        batch: input.extents[0], pixels: input.extents.dropFirst(2).reduce(1, *),
        channels: input.extents[1], stride: stride, input: input.address, output: output.address),
      kernel: "global-average.f32", reads: [input.storage], writes: [output.storage])
    views[result.index] = output
  }

  private func lower(
    _ sliding: Pooling.Sliding, _ kind: bf_pooling, _ node: Node, _ source: Value.ID,
    _ result: Value.ID, _ type: TensorType
  ) throws(ExecutionError) {
    let channelsLast = sliding.channelsLast
    let input = try pixels(try view(source).channelsFirst(from: channelsLast))
    guard
      let windows = try windows(
        of: sliding, input, type.channelsFirst(from: channelsLast).dimensions)
    else { return try lowerByReference(node) }
    var shape = windows.shape
    let output = allocatePixels(for: result, type, channelsLast: channelsLast)
    shape.out_stride = output.pixelStride ?? shape.out_stride
    try emit(
      PoolingInstruction(
        kind: kind, shape: shape, padBottom: windows.padBottom, padRight: windows.padRight,
        input: input.address, output: output.address),
      kernel: kind == BF_POOL_MAX ? "max-pool.f32" : "average-pool.f32", reads: [input.storage],
      writes: [output.storage])
    views[result.index] = output.channelsLast(channelsLast)
  }

  /// Where windows stand on pixels, and the padding behind them; `nil` where no kernel goes.
  func windows(
    of sliding: Pooling.Sliding, _ input: TensorView, _ output: [Int]
  ) throws(ExecutionError) -> (shape: bf_conv_shape, padBottom: Int, padRight: Int)? {
    guard let kernel = sliding.window.kernel, (3...4).contains(output.count) else { return nil }
    let extents = Array(input.extents.dropFirst(2))
    let geometry: WindowGeometry
    do throws(ReferenceError) {
      geometry = try WindowGeometry(
        sliding.window, kernel: kernel, input: extents, roundsUp: sliding.roundsUp)
    } catch { throw nodeError(error) }
    guard
      var shape = bf_conv_shape(
        input: input.extents, output: output, kernel: kernel, window: sliding.window,
        begins: geometry.begins, groups: 1), geometry.counts == Array(output.dropFirst(2))
    else { return nil }
    shape.in_stride = input.pixelStride ?? shape.in_stride
    let ends = geometry.ends(input: extents, sliding.window)
    return (shape, ends.count > 1 ? ends[0] : 0, ends.last ?? 0)
  }

  /// The operands of a node all of whose inputs are elements of float32, none of them empty.
  func floatOperands(_ node: Node) -> [Value.ID]? {
    var operands: [Value.ID] = []
    for case let input? in node.inputs {
      guard let type = graph[input].type, type.dtype == .float32, type.elementCount > 0 else {
        return nil
      }
      operands.append(input)
    }
    guard !operands.isEmpty,
      node.outputs.allSatisfy({ $0.map { graph[$0].type?.elementCount ?? 0 > 0 } ?? true })
    else { return nil }
    return operands
  }
}

extension WindowGeometry {
  /// The padding behind the input on each axis: as stated, or what the windows reach.
  func ends(input: [Int], _ window: SpatialWindow) -> [Int] {
    input.indices.map { axis in
      switch window.padding {
      case .explicit(let pads): pads.isEmpty ? 0 : pads[input.count + axis]
      case .valid: 0
      case .sameUpper, .sameLower:
        max(
          (counts[axis] - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1
            - begins[axis] - input[axis], 0)
      }
    }
  }
}
