import ModelIR
import TensorTypes

/// A convolution or matrix product of bytes with constant weights, whatever operator states it.
struct IntegerProduct {
  enum Source {
    case bytes(Value.ID)
    /// Real numbers that are bytes.
    case dequantized(Value.ID)
    /// Real numbers that become bytes by their own range.
    case real(Value.ID)
  }

  enum ZeroPoint {
    case constant(Int32)
    /// One byte that a run tells.
    case value(Value.ID)
  }

  enum Result {
    /// int32.
    case sums
    case real
    case bytes(ByteAffine)
  }

  let source: Source
  let isSigned: Bool
  var zeroPoint: ZeroPoint
  let isConvolution: Bool
  let weights: ByteWeights
  /// What a sum is multiplied by, for each channel; empty for sums.
  var multipliers: [Float]
  /// The same in fixed point, where the operator asks for it.
  var fixedPoint: [FixedPointScale] = []
  /// A number that a run tells, by which sums are multiplied too.
  var factor: Value.ID?
  /// Empty is 0.
  var bias: [Int32] = []
  var realBias: [Float] = []
  let result: Result
}

/// Constant bytes with what they stand for.
struct ByteWeights {
  /// As convolutions store them, or inputs × outputs.
  var bytes: TensorView
  /// One for each output; empty where the node has none.
  var scales: [Float]
  /// One for all, or one for each output.
  var zeroPoints: [Int32]
  var channels: Int

  var isSigned: Bool { bytes.dtype == .int8 }
}

extension Lowering {
  /// The constant bytes `id` with the scales and zero points `scale` and `zeroPoint`; `nil` when
  /// these are not one for all or one for each output.
  func byteWeights(
    _ id: Value.ID?, scale: Value.ID?, zeroPoint: Value.ID?, channelAxis: Int
  ) throws(ExecutionError) -> ByteWeights? {
    guard let id, uses.isConstant[id.index], let type = graph[id].type, type.dtype.isByte,
      type.elementCount > 0, channelAxis < type.rank
    else { return nil }
    let channels = type.dimensions[channelAxis]
    var scales: [Float] = []
    if let scale {
      guard uses.isConstant[scale.index], graph[scale].type?.dtype == .float32 else { return nil }
      scales = try floats(try view(scale))
      if scales.count == 1 { scales = Array(repeating: scales[0], count: channels) }
      guard scales.count == channels else { return nil }
    }
    var zeros: [Int32] = [0]
    if let zeroPoint {
      guard graph[zeroPoint].type?.dtype == type.dtype else { return nil }
      zeros = try integers(zeroPoint)
      guard zeros.count == 1 || zeros.count == channels else { return nil }
    }
    let bytes = try view(id)
    guard storages[bytes.storage].isConstant else { return nil }
    return ByteWeights(bytes: bytes, scales: scales, zeroPoints: zeros, channels: channels)
  }

  /// The bytes of weights that the graph dequantizes, and perhaps transposes.
  func dequantizedWeights(
    _ id: Value.ID, channelAxis: Int
  ) throws(ExecutionError) -> ByteWeights? {
    guard uses.isConstant[id.index], let producer = uses.producers[id.index],
      let source = graph[producer].inputs.first ?? nil, let rank = graph[id].type?.rank
    else { return nil }
    let node = graph[producer]
    if case .movement(.transpose(let permutation)) = node.op, rank == 2,
      permutation == nil || permutation == [1, 0]
    {
      guard var weights = try dequantizedWeights(source, channelAxis: 1 - channelAxis) else {
        return nil
      }
      weights.bytes = weights.bytes.transposed([1, 0])
      return weights
    }
    guard case .quantization(let quantization) = node.op,
      case .dequantizeLinear(let granularity, let output) = quantization.function,
      granularity.blockSize == 0, output == nil || output == .float32, node.inputs.count >= 2,
      let scale = node.inputs[1], let count = graph[scale].type?.elementCount
    else { return nil }
    let axis = granularity.axis < 0 ? granularity.axis + rank : granularity.axis
    guard count == 1 || axis == channelAxis else { return nil }
    return try byteWeights(
      source, scale: scale, zeroPoint: node.inputs.count > 2 ? node.inputs[2] : nil,
      channelAxis: channelAxis)
  }

  /// Adds the bias of a node with real operands: as whole numbers where the graph has them with the
  /// sums' scale, otherwise as real ones; `false` when it is not one number a channel.
  func setBias(
    _ id: Value.ID?, factor: Float, of product: inout IntegerProduct
  ) throws(ExecutionError) -> Bool {
    guard let id else { return true }
    let channels = product.weights.channels
    guard uses.isConstant[id.index], let extents = graph[id].type?.dimensions,
      graph[id].type?.dtype == .float32, extents.dropLast().allSatisfy({ $0 == 1 }),
      [1, channels].contains(extents.last ?? 1)
    else { return false }
    if factor == 1, let producer = uses.producers[id.index],
      case .quantization(let quantization) = graph[producer].op,
      case .dequantizeLinear = quantization.function, graph[producer].inputs.count >= 2,
      let whole = graph[producer].inputs[0], graph[whole].type?.dtype == .int32,
      graph[whole].type?.elementCount == channels, let scale = graph[producer].inputs[1]
    {
      let zero = try graph[producer].inputs.dropFirst(2).first.flatMap { $0 }.map(integers) ?? []
      let scales = try perChannel(scale, channels)
      let isCommon = zip(scales, product.multipliers).allSatisfy { abs($0 - $1) <= 1e-5 * abs($1) }
      if isCommon, zero.allSatisfy({ $0 == 0 }) {
        product.bias = try integers(whole)
        return true
      }
    }
    product.realBias = try perChannel(id, channels).map { $0 * factor }
    return true
  }

  /// Whole numbers added to the sums.
  func setSumBias(
    _ id: Value.ID?, of product: inout IntegerProduct
  ) throws(ExecutionError) -> Bool {
    guard let id else { return true }
    guard graph[id].type?.dtype == .int32 else { return false }
    let numbers = try integers(id)
    let channels = product.weights.channels
    if numbers.count == 1 {
      product.bias = Array(repeating: numbers[0], count: channels)
    } else {
      guard numbers.count == channels, graph[id].type?.dimensions.last == channels else {
        return false
      }
      product.bias = numbers
    }
    return true
  }
}
