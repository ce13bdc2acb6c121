import ModelIR
import TensorTypes

extension Grouping {
  /// A convolution or matrix product of float32 with what follows it and can happen as its results
  /// are stored.
  func epilogue(of node: Node) throws(ExecutionError) -> KernelGroup? {
    guard let anchor = Anchor(node, self), var value = node.outputs.first ?? nil else { return nil }
    var stages: [EpilogueStage] = []
    var members = [node.id]
    var (isLinear, hasResidual, isFinal) = (true, false, false)
    while !isFinal {
      if let found = try activation(of: value), anchor.takesActivations {
        guard isLinear || hasResidual else { break }
        stages.append(.activation(found.activation))
        members += found.nodes
        isFinal = hasResidual
        isLinear = false
        guard let result = graph[found.nodes[found.nodes.count - 1]].outputs[0] else { break }
        value = result
        continue
      }
      guard let id = uses.onlyConsumer(of: value), isFree(id), let result = graph[id].outputs.first,
        let result, graph[result].type == graph[value].type
      else { break }
      let stage = stage(graph[id], value, anchor)
      switch stage {
      case .batchNormalization, .addend, .factor:
        guard isLinear && !hasResidual else { return group(members, stages) }
      case .residual:
        guard anchor.takesResidual, !hasResidual else { return group(members, stages) }
        hasResidual = true
        isLinear = false
      case .activation, nil: return group(members, stages)
      }
      if let stage { stages.append(stage) }
      members.append(id)
      value = result
    }
    return group(members, stages)
  }

  private func group(_ members: [Node.ID], _ stages: [EpilogueStage]) -> KernelGroup {
    KernelGroup(nodes: members, form: .contraction(stages))
  }

  private func stage(_ node: Node, _ value: Value.ID, _ anchor: Anchor) -> EpilogueStage? {
    if case .normalization(let normalization) = node.op,
      case .batch(let batch) = normalization.function, !batch.isTraining, batch.isPerChannel,
      anchor.foldsWeights, anchor.channelAxis == 1, node.inputs.first == value,
      node.outputs.dropFirst().allSatisfy({ $0 == nil }),
      node.inputs.dropFirst().allSatisfy({
        $0.map { uses.isConstant[$0.index] && isFloat($0) } ?? false
      })
    {
      return .batchNormalization(node.id)
    }
    guard case .elementwise(let elementwise) = node.op, node.inputs.count == 2,
      let other = node.inputs.first(where: { $0 != value }), let other, isFloat(other)
    else { return nil }
    let isConstant = uses.isConstant[other.index]
    switch elementwise.function {
    case .add, .sum:
      if isConstant { return isPerChannel(other, value, anchor) ? .addend(other) : nil }
      return graph[other].type == graph[value].type ? .residual(other) : nil
    case .mul:
      return isConstant && anchor.foldsWeights && isPerChannel(other, value, anchor)
        ? .factor(other) : nil
    default:
      return nil
    }
  }

  /// Whether a constant has one number, or one for each channel.
  private func isPerChannel(_ constant: Value.ID, _ value: Value.ID, _ anchor: Anchor) -> Bool {
    guard let extents = graph[constant].type?.dimensions, let type = graph[value].type,
      extents.count <= type.rank
    else { return false }
    if extents.allSatisfy({ $0 == 1 }) { return true }
    let padded = Array(repeating: 1, count: type.rank - extents.count) + extents
    return padded.indices.allSatisfy {
      $0 == anchor.channelAxis ? padded[$0] == type.dimensions[$0] : padded[$0] == 1
    }
  }
}

/// A node that a contraction kernel computes, and what the kernel can do besides.
struct Anchor {
  let channelAxis: Int
  var takesActivations = true
  var takesResidual = true
  /// Whether the weights are constant, so that factors go into them.
  let foldsWeights: Bool

  init?(_ node: Node, _ grouping: Grouping) {
    let (graph, uses) = (grouping.graph, grouping.uses)
    guard let input = node.inputs.first ?? nil, let result = node.outputs.first ?? nil,
      node.inputs.count >= 2, let weights = node.inputs[1],
      let type = graph[result].type, type.dtype == .float32, type.elementCount > 0,
      let inputType = graph[input].type, inputType.dtype == .float32, inputType.elementCount > 0,
      let weightType = graph[weights].type, weightType.dtype == .float32
    else { return nil }
    let hasConstantWeights = uses.isConstant[weights.index]
    switch node.op {
    case .convolution(let convolution):
      guard hasConstantWeights, (3...4).contains(type.rank),
        node.inputs.dropFirst(2).allSatisfy({ $0.map { uses.isConstant[$0.index] } ?? true })
      else { return nil }
      switch convolution.function {
      case .conv, .convTranspose: break
      case .convInteger, .qLinearConv, .fusedConv, .deformConv, .causalConvWithState: return nil
      }
      channelAxis = convolution.channelsLast ? type.rank - 1 : 1
      foldsWeights = true
    case .matrixProduct(let product):
      switch product.function {
      case .gemm:
        let isBias = node.inputs.dropFirst(2).allSatisfy { bias in
          guard let bias, let extents = graph[bias].type?.dimensions else { return bias == nil }
          return uses.isConstant[bias.index] && extents.dropLast().allSatisfy { $0 == 1 }
            && [1, type.dimensions[1]].contains(extents.last ?? 1)
        }
        guard isBias else { return nil }
      case .matMul:
        guard inputType.rank >= 2, weightType.rank >= 2 else { return nil }
      case .fusedMatMul, .matMulInteger, .qLinearMatMul, .qGemm, .matMulNBits, .fusedGemm,
        .dynamicQuantizeMatMul, .matMulIntegerToFloat:
        return nil
      }
      channelAxis = type.rank - 1
      foldsWeights = hasConstantWeights && weightType.rank == 2
      takesResidual = foldsWeights
    default:
      return nil
    }
  }
}
