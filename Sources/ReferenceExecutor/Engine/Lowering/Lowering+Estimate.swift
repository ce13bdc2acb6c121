import CKernels
import ModelIR
import Quantities
import TensorTypes

extension Lowering {
  /// Refuses a model that cannot fit, before anything is packed: packed weights as the kernels that
  /// will be chosen hold them, and what the product that needs most reads, writes and uses besides.
  /// The least that the model takes, so that nothing is refused that fits.
  func checkMemory(available: Int?) throws(ExecutionError) {
    guard let available = available ?? MemoryEstimate.availableBytes else { return }
    var (packed, working) = (0, 0)
    for node in graph.nodes {
      guard let need = try need(of: node) else { continue }
      packed = saturatingSum(packed, need.packed)
      working = max(working, need.working)
    }
    let needed = saturatingSum(packed, working)
    guard needed > available else { return }
    throw .tooLarge(needed: needed, available: available)
  }

  /// `nil` for nodes that pack nothing.
  private func need(of node: Node) throws(ExecutionError) -> (packed: Int, working: Int)? {
    guard node.inputs.count >= 2, let source = node.inputs[0], let weights = node.inputs[1],
      let result = node.outputs.first ?? nil, !uses.isConstant[source.index],
      uses.isConstant[weights.index], !uses.isDynamic[result.index],
      let input = graph[source].type, let factor = graph[weights].type,
      let output = graph[result].type, input.dtype == .float32, factor.dtype == .float32,
      uses.isOutput[result.index] || !uses.consumers[result.index].isEmpty
    else { return nil }
    let moved = saturatingSum(input.storageSize.rawValue, output.storageSize.rawValue)
    switch node.op {
    case .matrixProduct(let product):
      guard factor.rank == 2 else { return nil }
      let (first, second) = (factor.dimensions[0], factor.dimensions[1])
      if case .gemm(let gemm) = product.function, gemm.transposesB {
        return (Int(clamping: bf_f32_packed_bytes(second, first)), moved)
      }
      return (Int(clamping: bf_f32_packed_bytes(first, second)), moved)
    case .convolution(let convolution):
      guard case .conv = convolution.function, factor.rank == input.rank else { return nil }
      let axes = convolution.filterAxes
      let extents = axes.isEmpty ? factor.dimensions : axes.map { factor.dimensions[$0] }
      let kernel = Array(extents.dropFirst(2))
      let (input, output) = (
        input.channelsFirst(from: convolution.channelsLast),
        output.channelsFirst(from: convolution.channelsLast)
      )
      current = [node]
      guard
        var shape = bf_conv_shape(
          input: input.dimensions, output: output.dimensions, kernel: kernel,
          window: convolution.window, begins: try begins(convolution, input.dimensions, kernel),
          groups: convolution.group)
      else { return nil }
      let algorithm = unsafe bf_f32_conv_choose(&shape, machine.threads)
      let scratch = unsafe bf_f32_conv_scratch(&shape, algorithm, machine.threads)
      return (
        unsafe Int(clamping: bf_f32_conv_packed_bytes(&shape, algorithm)),
        saturatingSum(moved, Int(clamping: scratch))
      )
    case .elementwise, .einsum, .pooling, .normalization, .softmax, .reduction, .quantization,
      .attention, .recurrent, .view, .movement, .indexing, .generator, .signal, .geometry,
      .conditional, .loop, .scan, .opaque:
      return nil
    }
  }
}
