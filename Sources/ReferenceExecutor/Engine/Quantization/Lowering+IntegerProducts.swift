import CKernels
import MemoryPlanning
import ModelIR
import Quantities
import TensorTypes

/// What a product of bytes reads, as far as it does not depend on how it sums.
struct IntegerCall {
  let product: IntegerProduct
  let stages: QuantizedStages
  var view: TensorView
  /// Where a run tells the zero point.
  var zeroPointPlace: Address?
  var epilogue = IntegerEpilogue()
  var reads: [Int] = []

  var input: IntegerInput {
    var zero: Int32 = 0
    if case .constant(let number) = product.zeroPoint { zero = number }
    return IntegerInput(
      address: view.address, isSigned: product.isSigned, zeroPoint: zero,
      zeroPointPlace: zeroPointPlace)
  }

  mutating func setResidual(_ bytes: TensorView, _ affine: ByteAffine, stride: Int) {
    epilogue.residual = bytes.address
    epilogue.residualStride = stride
    epilogue.residualAffine = affine
    reads.append(bytes.storage)
  }
}

extension Lowering {
  /// A product of bytes and what follows it; `result` is the value after all stages.
  func lower(
    _ stages: QuantizedStages, _ node: Node, result: Value.ID
  ) throws(ExecutionError) {
    guard let product = try integerProduct(node), let own = node.outputs[0],
      let type = graph[own].type
    else { throw .unknownType(value: node.name) }
    var call = try call(product, stages)
    let wanted = TensorType(try setEpilogue(of: &call), type.dimensions)
    if case .convolution(let convolution) = node.op {
      call.view = try pixels(call.view.channelsFirst(from: convolution.channelsLast))
      call.reads.append(call.view.storage)
      try lower(convolution, &call, wanted, result)
    } else {
      if call.view.rowStride == nil { call.view = try rowMajor(call.view) }
      call.reads.append(call.view.storage)
      try lowerMatrix(&call, wanted, result)
    }
  }

  private func call(
    _ product: IntegerProduct, _ stages: QuantizedStages
  ) throws(ExecutionError) -> IntegerCall {
    var call: IntegerCall
    switch product.source {
    case .bytes(let id): call = IntegerCall(product: product, stages: stages, view: try view(id))
    case .dequantized(let id):
      call = IntegerCall(product: product, stages: stages, view: try quantizedView(id).bytes)
    case .real(let id):
      let parts = try dynamicallyQuantized(try view(id))
      call = IntegerCall(product: product, stages: stages, view: parts.bytes)
      call.zeroPointPlace = parts.zeroPoint.address
      call.epilogue.factors.append((parts.scale.address, 1))
      call.reads.append(parts.scale.storage)
    }
    if case .value(let id) = product.zeroPoint { call.zeroPointPlace = try view(id).address }
    if let place = call.zeroPointPlace { call.reads.append(place.storage) }
    return call
  }

  /// The numbers of the epilogue, without the residual; gives the dtype of the result.
  private func setEpilogue(of call: inout IntegerCall) throws(ExecutionError) -> DType {
    let (product, stages) = (call.product, call.stages)
    let channels = product.weights.channels
    var epilogue = call.epilogue
    epilogue.columns = channels
    var reads: [Int] = []
    func stored<Element: BitwiseCopyable>(_ numbers: [Element]) -> Address {
      let address = constant(numbers)
      reads.append(address.storage)
      return address
    }
    defer {
      call.epilogue = epilogue
      call.reads += reads
    }
    if !product.bias.isEmpty { epilogue.bias = stored(product.bias) }
    if !product.fixedPoint.isEmpty, case .bytes(let affine) = product.result {
      epilogue.fixedPoint = (
        stored(product.fixedPoint.map(\.multiplier)), stored(product.fixedPoint.map(\.shift))
      )
      epilogue.result = BF_SUM_FIXED
      epilogue.output = affine
      return affine.dtype
    }
    var multipliers = product.multipliers
    for id in [product.factor, stages.factor] {
      guard let id else { continue }
      if uses.isConstant[id.index] {
        let numbers = try perChannel(id, channels)
        multipliers = multipliers.isEmpty ? numbers : zip(multipliers, numbers).map { $0 * $1 }
      } else {
        let factor = try rowMajor(try view(id))
        epilogue.factors.append((factor.address, factor.elementCount))
        reads.append(factor.storage)
      }
    }
    var isReal = stages.factor != nil
    var output = stages.output
    switch product.result {
    case .sums: break
    case .real: isReal = true
    case .bytes(let affine): output = affine
    }
    guard isReal || output != nil else { return .int32 }
    if !multipliers.isEmpty { epilogue.multiplier = stored(multipliers) }
    var realBias = product.realBias
    if let addend = stages.addend {
      let numbers = try perChannel(addend, channels)
      realBias = realBias.isEmpty ? numbers : zip(realBias, numbers).map { $0 + $1 }
    }
    if !realBias.isEmpty { epilogue.realBias = stored(realBias) }
    epilogue.activation = stages.activation
    epilogue.residualActivation = stages.residualActivation
    epilogue.result = BF_SUM_REAL
    guard let output else { return .float32 }
    epilogue.result = BF_SUM_BYTE
    epilogue.output = output
    return output.dtype
  }

  private func lower(
    _ convolution: Convolution, _ call: inout IntegerCall, _ ownType: TensorType,
    _ result: Value.ID
  ) throws(ExecutionError) {
    let (product, view) = (call.product, call.view)
    let type = ownType.channelsFirst(from: convolution.channelsLast)
    let kernel = Array(product.weights.bytes.extents.dropFirst(2))
    let geometry: WindowGeometry
    do throws(ReferenceError) {
      geometry = try WindowGeometry(
        convolution.window, kernel: kernel, input: Array(view.extents.dropFirst(2)))
    } catch { throw nodeError(error) }
    guard
      var shape = bf_conv_shape(
        input: view.extents, output: type.dimensions, kernel: kernel, window: convolution.window,
        begins: geometry.begins, groups: convolution.group)
    else { throw nodeError(.notEvaluated("a convolution of rank \(type.rank)")) }
    shape.in_stride = view.pixelStride ?? shape.in_stride
    if let residual = call.stages.residual {
      let other = try quantizedView(residual)
      let bytes = try pixels(other.bytes.channelsFirst(from: convolution.channelsLast))
      call.setResidual(bytes, other.affine, stride: bytes.pixelStride ?? bytes.extents[1])
    }
    let output = allocatePixels(
      for: result, ownType, channelsLast: convolution.channelsLast)
    shape.out_stride = output.pixelStride ?? shape.out_stride
    let weights = try rowMajor(product.weights.bytes)
    let packed = unsafe constant(bytes: bf_q8_conv_packed_bytes(&shape)) { destination in
      unsafe bf_q8_conv_pack(
        &shape, machine.pointer(weights.address), product.weights.isSigned ? BF_S8 : BF_U8,
        product.weights.zeroPoints, product.weights.zeroPoints.count, destination)
    }
    let room = Bytes(unsafe bf_q8_conv_scratch(&shape, machine.threads))
      .roundedUp(to: Self.alignment).rawValue
    try emit(
      IntegerConvolutionInstruction(
        shape: shape, input: call.input, packed: packed, output: output.address,
        epilogue: call.epilogue, room: room),
      kernel: "conv.q8", reads: call.reads + [packed.storage], writes: [output.storage],
      scratch: room + 4 * call.epilogue.columns)
    views[result.index] = output.channelsLast(convolution.channelsLast)
  }

  private func lowerMatrix(
    _ call: inout IntegerCall, _ type: TensorType, _ result: Value.ID
  ) throws(ExecutionError) {
    let (product, left) = (call.product, call.view)
    let weights = product.weights.bytes
    let (depth, columns) = (weights.extents[0], weights.extents[1])
    let rows = left.elementCount / max(depth, 1)
    if let residual = call.stages.residual {
      let other = try quantizedView(residual)
      let bytes = other.bytes.rowStride == nil ? try rowMajor(other.bytes) : other.bytes
      call.setResidual(bytes, other.affine, stride: bytes.rowStride ?? columns)
    }
    let output = allocate(for: result, type) { $0.rowStride != nil }
    let packed = unsafe constant(bytes: bf_q8_packed_bytes(depth, columns)) { destination in
      unsafe bf_q8_pack(
        machine.pointer(weights.address), product.weights.isSigned ? BF_S8 : BF_U8,
        weights.strides[0], weights.strides[1], depth, columns, product.weights.zeroPoints,
        product.weights.zeroPoints.count, destination)
    }
    let room = Bytes(bf_q8_gemm_scratch(rows, columns, depth, machine.threads))
      .roundedUp(to: Self.alignment).rawValue
    try emit(
      IntegerMatrixInstruction(
        rows: rows, columns: columns, depth: depth, input: call.input,
        inputStride: left.rowStride ?? depth, packed: packed, output: output.address,
        outputStride: output.rowStride ?? columns, epilogue: call.epilogue, room: room),
      kernel: rows == 1 ? "gemv.q8" : "gemm.q8", reads: call.reads + [packed.storage],
      writes: [output.storage], scratch: room + 4 * columns)
    views[result.index] = output
  }
}
