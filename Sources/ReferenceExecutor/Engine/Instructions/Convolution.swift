import CKernels
import ModelIR
import TensorTypes

/// A convolution with packed weights.
struct ConvolutionInstruction: Instruction {
  let shape: bf_conv_shape
  /// `nil` for a transposed convolution.
  let algorithm: bf_conv_algorithm?
  let input: Address
  let packed: Address
  let output: Address
  let epilogue: Epilogue

  func run(_ machine: Machine) {
    unsafe epilogue.with(machine) { epilogue in
      unsafe withUnsafePointer(to: shape) { shape in
        if let algorithm {
          unsafe bf_f32_conv(
            machine.pool, shape, algorithm, machine.floats(input), machine.floats(packed),
            machine.floats(output), epilogue, machine.scratch)
        } else {
          unsafe bf_f32_deconv(
            machine.pool, shape, machine.floats(input), machine.floats(packed),
            machine.floats(output), epilogue, machine.scratch)
        }
      }
    }
  }
}

extension bf_conv_shape {
  /// A window over `[batch, channels, height?, width]`; what does not fit the kernels is `nil`.
  init?(
    input: [Int], output: [Int], kernel: [Int], window: SpatialWindow, begins: [Int], groups: Int
  ) {
    guard (3...4).contains(input.count), kernel.count == input.count - 2 else { return nil }
    let rank = kernel.count
    func pair(_ values: [Int], _ missing: Int) -> (Int, Int) {
      if values.isEmpty { return (missing, missing) }
      return rank == 1 ? (missing, values[0]) : (values[0], values[1])
    }
    self.init()
    batch = input[0]
    in_channels = input[1]
    out_channels = output[1]
    (in_height, in_width) = pair(Array(input.dropFirst(2)), 1)
    (out_height, out_width) = pair(Array(output.dropFirst(2)), 1)
    (kernel_height, kernel_width) = pair(kernel, 1)
    (stride_height, stride_width) = pair(window.strides, 1)
    (dilation_height, dilation_width) = pair(window.dilations, 1)
    (pad_top, pad_left) = pair(begins, 0)
    self.groups = groups
    in_stride = in_channels
    out_stride = out_channels
  }
}

extension bf_conv_algorithm {
  var name: String {
    switch self {
    case BF_CONV_POINTWISE: "pointwise"
    case BF_CONV_INDIRECT: "indirect"
    case BF_CONV_DEPTHWISE: "depthwise"
    case BF_CONV_FEW_CHANNELS: "stem"
    case BF_CONV_WINOGRAD: "winograd"
    case BF_CONV_GROUPED: "grouped"
    default: "other"
    }
  }
}

extension Lowering {
  /// A convolution of constant weights and what follows it; `result` is the value after all stages.
  func lower(
    _ convolution: Convolution, _ node: Node, _ stages: [EpilogueStage], result: Value.ID
  ) throws(ExecutionError) {
    guard let source = node.inputs[0], let filters = node.inputs[1], let own = node.outputs[0],
      let ownType = graph[own].type
    else { throw .unknownType(value: node.name) }
    let channelsLast = convolution.channelsLast
    let type = ownType.channelsFirst(from: channelsLast)
    var input = try view(source).channelsFirst(from: channelsLast)
    let filterView = try view(filters).ordered(convolution.filterAxes)
    let kernel = Array(filterView.extents.dropFirst(2))
    var isTransposed = false
    if case .convTranspose = convolution.function { isTransposed = true }
    let begins = try begins(convolution, input.extents, kernel)
    guard
      var shape = bf_conv_shape(
        input: input.extents, output: type.dimensions, kernel: kernel,
        window: convolution.window, begins: begins, groups: convolution.group)
    else { throw nodeError(.notEvaluated("a convolution of rank \(type.rank)")) }
    let channels = type.dimensions[1]
    var bias: [Float] = []
    if node.inputs.count > 2, let id = node.inputs[2] { bias = try perChannel(id, channels) }
    let numbers = try numbers(of: stages, channels: channels, bias: bias)
    let weights =
      numbers.factors.isEmpty
      ? try rowMajor(filterView).address
      : try scaled(
        filterView, by: numbers.factors, groups: convolution.group,
        isTransposed: isTransposed)

    var algorithm: bf_conv_algorithm?
    if !isTransposed { algorithm = unsafe bf_f32_conv_choose(&shape, machine.threads) }
    if let algorithm, input.isRowMajor, input.pixelStride == nil,
      unsafe bf_f32_conv_takes_planar(&shape, algorithm)
    {
      shape.in_planar = true
    } else {
      input = try pixels(input)
      shape.in_stride = input.pixelStride ?? shape.in_stride
    }
    let output = allocatePixels(for: result, ownType, channelsLast: channelsLast)
    shape.out_stride = output.pixelStride ?? shape.out_stride
    let epilogue = try epilogue(numbers, channels: channels, channelsLast: channelsLast)
    let size =
      if let algorithm {
        unsafe bf_f32_conv_packed_bytes(&shape, algorithm)
      } else {
        unsafe bf_f32_deconv_packed_bytes(&shape)
      }
    let packed = unsafe constant(bytes: size) { destination in
      let destination = unsafe destination.assumingMemoryBound(to: Float.self)
      if let algorithm {
        unsafe bf_f32_conv_pack(&shape, algorithm, machine.floats(weights), destination)
      } else {
        unsafe bf_f32_deconv_pack(&shape, machine.floats(weights), destination)
      }
    }
    let scratch =
      if let algorithm {
        unsafe bf_f32_conv_scratch(&shape, algorithm, machine.threads)
      } else {
        unsafe bf_f32_deconv_scratch(&shape, machine.threads)
      }
    try emit(
      ConvolutionInstruction(
        shape: shape, algorithm: algorithm, input: input.address, packed: packed,
        output: output.address, epilogue: epilogue.epilogue),
      kernel: algorithm.map { "conv.\($0.name).f32" } ?? "deconv.f32",
      reads: [input.storage, packed.storage] + epilogue.reads, writes: [output.storage],
      scratch: scratch)
    views[result.index] = output.channelsLast(channelsLast)
  }

  /// Where the window starts on each axis, before the first element.
  func begins(
    _ convolution: Convolution, _ input: [Int], _ kernel: [Int]
  ) throws(ExecutionError) -> [Int] {
    do throws(ReferenceError) {
      if case .convTranspose(let outputPadding, let outputShape) = convolution.function {
        return try convolution.extents(
          Array(input.dropFirst(2)), kernel, outputPadding, outputShape?.suffix(kernel.count)
        ).begins
      }
      return try WindowGeometry(
        convolution.window, kernel: kernel, input: Array(input.dropFirst(2))
      ).begins
    } catch { throw nodeError(error) }
  }

  /// A copy in which what makes an output channel is multiplied by its factor.
  private func scaled(
    _ view: TensorView, by factors: [Float], groups: Int, isTransposed: Bool
  ) throws(ExecutionError) -> Address {
    let copy = try scratchCopy(view)
    let weights = unsafe machine.floats(copy)
    let extents = view.extents
    let window = extents.dropFirst(2).reduce(1, *)
    let inputsPerGroup = max(extents[0] / groups, 1)
    for filter in 0..<extents[0] * extents[1] {
      let (row, column) = (filter / extents[1], filter % extents[1])
      let channel = isTransposed ? row / inputsPerGroup * extents[1] + column : row
      let factor = factors[channel]
      for index in filter * window..<(filter + 1) * window { unsafe weights[index] *= factor }
    }
    return copy
  }

  /// The epilogue with its numbers in memory, for results of `[batch, channels, spatial…]`, or with
  /// the channels last.
  func epilogue(
    _ numbers: EpilogueNumbers, channels: Int, channelsLast: Bool = false
  ) throws(ExecutionError) -> (epilogue: Epilogue, reads: [Int]) {
    var epilogue = Epilogue(
      activation: numbers.activation, residualActivation: numbers.residualActivation)
    var reads: [Int] = []
    if !numbers.addends.isEmpty {
      let bias = constant(numbers.addends)
      epilogue.bias = bias
      reads.append(bias.storage)
    }
    if let value = numbers.residual {
      let residual = try pixels(try view(value).channelsFirst(from: channelsLast))
      epilogue.residual = residual.address
      epilogue.residualStride = residual.pixelStride ?? channels
      reads.append(residual.storage)
    }
    return (epilogue, reads)
  }
}
