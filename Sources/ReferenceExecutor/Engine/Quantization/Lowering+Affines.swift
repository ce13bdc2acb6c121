import ModelIR
import TensorTypes

extension Lowering {
  /// Finds the real values that exist as bytes: what is dequantized with one scale for the whole
  /// tensor, and what only moves such elements.
  func findQuantizedValues() throws(ExecutionError) {
    for node in graph.nodes {
      guard let result = node.outputs.first ?? nil, !uses.isConstant[result.index],
        (node.inputs + node.outputs).allSatisfy({ $0.map { !isDynamicValue($0) } ?? true }),
        let source = node.inputs.first ?? nil, graph[result].type?.elementCount ?? 0 > 0
      else { continue }
      if case .quantization(let quantization) = node.op,
        case .dequantizeLinear = quantization.function
      {
        affines[result.index] = try affine(of: node)
        continue
      }
      guard let known = affines[source.index], movesBytes(node, known) else { continue }
      for case let output? in node.outputs { affines[output.index] = known }
    }
  }

  /// Whether a node does to bytes what it does to the real numbers that they stand for.
  private func movesBytes(_ node: Node, _ affine: ByteAffine) -> Bool {
    switch node.op {
    case .view(let view):
      switch view {
      case .bitCast: return false
      default: return node.outputs.count == 1
      }
    case .movement(let movement):
      switch movement {
      case .transpose, .split: return true
      case .slice(let slice):
        guard let operands = graph.operandTypes(of: node), let type = operands.first??.type else {
          return false
        }
        return (try? slice.ranges(of: type, operands)) != nil
      case .concat:
        return node.inputs.allSatisfy { $0.map { affines[$0.index] == affine } ?? false }
      case .resize(let resize), .upsample(let resize): return repetitions(resize, node) != nil
      case .qLinearConcat, .pad, .expand, .tile, .depthToSpace, .spaceToDepth, .reverseSequence,
        .trilu, .cast, .castLike, .centerCropPad, .col2Im:
        return false
      }
    case .pooling(let pooling):
      guard case .max(let sliding, _) = pooling.function, node.outputs.count == 1,
        let source = node.inputs[0], (3...4).contains(graph[source].type?.rank ?? 0)
      else { return false }
      return sliding.window.kernel != nil
    case .elementwise, .matrixProduct, .einsum, .convolution, .normalization, .softmax,
      .reduction, .quantization, .attention, .recurrent, .indexing, .generator, .signal,
      .geometry, .conditional, .loop, .scan, .opaque:
      return false
    }
  }
}
