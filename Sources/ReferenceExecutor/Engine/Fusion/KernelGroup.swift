import ModelIR

/// Nodes that run as one kernel.
struct KernelGroup {
  enum Form {
    case single
    /// A convolution or matrix product and what happens to its sums.
    case contraction([EpilogueStage])
    /// softmax(scale · Q · Kᵀ + mask) · V.
    case attention(AttentionPattern)
    /// Rows scaled by their own statistics.
    case normalization(NormalizationPattern)
    /// Functions of single elements, in one pass.
    case chain(ChainProgram)
    /// On bytes, where the graph has real numbers between dequantization and quantization.
    case quantized(QuantizedPattern)
  }

  /// The main node first; the others in the order of the graph.
  var nodes: [Node.ID]
  var form: Form = .single

  var last: Node.ID { nodes.max() ?? nodes[0] }
}

/// What happens to the sums of a contraction, in order.
enum EpilogueStage {
  /// By stored statistics.
  case batchNormalization(Node.ID)
  /// A constant number for each channel.
  case addend(Value.ID)
  case factor(Value.ID)
  case activation(Activation)
  /// A value of the same shape.
  case residual(Value.ID)
}
