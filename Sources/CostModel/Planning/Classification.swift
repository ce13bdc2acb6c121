import HardwareModel
import ModelIR
import Quantities
import TensorTypes

/// What a step is to a cost model, read from its operator's name and the types it touches.
struct StepClass: Sendable, Hashable {
  var kernelClass: KernelClass
  var contraction: ExecutionPlan.Contraction?
}

/// Channels below which an image network's first convolution starves wide arithmetic units.
private let stemChannelLimit = 4

extension Workload {
  /// The class of a step; `nil` types leave it to its operator's name alone.
  func classify(_ step: Step) -> StepClass {
    guard let kind = step.kind else { return StepClass(kernelClass: .movement) }
    switch kind {
    case .conv, .convInteger, .qLinearConv, .fusedConv, .convTranspose, .deformConv,
      .causalConvWithState:
      return convolution(step, kind: kind)
    case .gemm, .matMul, .matMulInteger, .qLinearMatMul, .qGemm, .matMulNBits, .fusedMatMul,
      .dynamicQuantizeMatMul, .matMulIntegerToFloat, .fusedGemm, .einsum:
      return matrixProduct(step)
    case .attention, .multiHeadAttention, .groupQueryAttention, .qAttention, .linearAttention:
      return matrixProduct(step)
    case .lstm, .gru, .rnn, .dynamicQuantizeLSTM:
      return StepClass(kernelClass: .recurrent)
    default:
      return StepClass(kernelClass: Self.classOfOther(kind, op: step.op))
    }
  }

  private static func classOfOther(_ kind: OperatorKind, op: Operator) -> KernelClass {
    switch op {
    case .elementwise: transcendentalKinds.contains(kind) ? .transcendental : .elementwise
    case .softmax: .transcendental
    case .normalization, .reduction: .reduction
    case .pooling: .pooling
    case .quantization: .elementwise
    case .signal: .matrixProduct
    // Exponentials of scores and sides.
    case .geometry(.detection), .geometry(.detectionPostProcess): .transcendental
    case .view, .movement, .indexing, .generator, .geometry, .conditional, .loop, .scan, .opaque:
      .movement
    case .matrixProduct, .einsum, .convolution, .attention, .recurrent: .matrixProduct
    }
  }

  private func type(_ ids: [TensorID?], _ index: Int) -> TensorType? {
    guard index < ids.count, let id = ids[index] else { return nil }
    return tensors[id].type
  }

  private func convolution(_ step: Step, kind: OperatorKind) -> StepClass {
    let weightIndex = kind == .qLinearConv ? 3 : 1
    guard let input = type(step.inputs, 0), let weight = type(step.inputs, weightIndex),
      let output = type(step.outputs, 0), weight.rank >= 3, input.rank == weight.rank,
      output.rank == weight.rank
    else { return StepClass(kernelClass: .spatialConvolution) }
    guard case .convolution(let convolution) = step.op,
      let filters = try? convolution.filterExtents(weight.dimensions)
    else { return StepClass(kernelClass: .spatialConvolution) }
    let transposed = kind == .convTranspose
    let channelAxis = convolution.channelsLast ? input.rank - 1 : 1
    let inputChannels = input.dimensions[channelAxis]
    let channelsPerGroup = transposed ? inputChannels : filters[1]
    // A transposed convolution's weight is Cin × Cout/groups, a plain one's Cout × Cin/groups.
    let outputChannels = output.dimensions[channelAxis]
    let groups =
      transposed
      ? max(1, outputChannels / max(1, filters[1]))
      : max(1, inputChannels / max(1, channelsPerGroup))
    let window = filters.dropFirst(2).reduce(1, saturatingProduct)
    let positions = output.elementCount / max(1, outputChannels)
    let contraction = ExecutionPlan.Contraction(
      m: positions, n: max(1, outputChannels / groups),
      k: saturatingProduct(max(1, inputChannels / groups), window), groups: groups)
    let dense: KernelClass
    if inputChannels <= stemChannelLimit, groups == 1 {
      dense = .stemConvolution
    } else if window == 1 {
      dense = positions > 1 ? .pointwiseConvolution : .matrixVector
    } else if transposed
      || input.dimensions.spatial(channelsLast: convolution.channelsLast)
        != output.dimensions.spatial(channelsLast: convolution.channelsLast)
    {
      dense = .stridedConvolution
    } else {
      dense = .spatialConvolution
    }
    let depthwise = groups > 1 && groups == inputChannels
    return StepClass(
      kernelClass: groups == 1 ? dense : depthwise ? .depthwiseConvolution : .groupedConvolution,
      contraction: contraction)
  }

  private func matrixProduct(_ step: Step) -> StepClass {
    guard let output = type(step.outputs, 0), let macs = step.work?.macs.rawValue,
      let columns = output.dimensions.last, columns > 0, output.elementCount > 0
    else { return StepClass(kernelClass: .matrixProduct) }
    let rows = output.elementCount / columns
    // Batches share a right operand only when it is one matrix.
    let right = step.inputs.dropFirst().compactMap { $0 }.first.flatMap { tensors[$0].type }
    let batches = right.map { $0.rank > 2 ? $0.elementCount / max(1, lastTwo($0)) : 1 } ?? 1
    let groups = max(1, min(batches, rows))
    let contraction = ExecutionPlan.Contraction(
      m: max(1, rows / groups), n: columns, k: max(1, macs / output.elementCount), groups: groups)
    return StepClass(
      kernelClass: contraction.m == 1 ? .matrixVector : .matrixProduct, contraction: contraction)
  }

  private func lastTwo(_ type: TensorType) -> Int {
    type.dimensions.suffix(2).reduce(1, saturatingProduct)
  }
}

extension [Int] {
  /// The extents besides batch and channels.
  fileprivate func spatial(channelsLast: Bool) -> ArraySlice<Int> {
    channelsLast ? dropFirst().dropLast() : dropFirst(2)
  }
}

/// Elementwise operators that evaluate an elementary function.
private let transcendentalKinds: Set<OperatorKind> = [
  .acos, .acosh, .asin, .asinh, .atan, .atanh, .celu, .cos, .cosh, .elu, .erf, .exp, .gelu,
  .fastGelu, .quickGelu, .biasGelu, .log, .mish, .selu, .sigmoid, .sin, .sinh, .softplus, .swish,
  .tan, .tanh, .pow, .qLinearSigmoid,
]
