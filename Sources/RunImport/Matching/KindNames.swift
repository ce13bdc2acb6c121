import TensorTypes

/// Operators as the tools call them.
enum KindNames {
  /// The kinds that a tool's name may stand for, the likeliest first; empty when unknown.
  static func kinds(of name: String) -> [OperatorKind] {
    if let kind = OperatorKind(rawValue: name) {
      return [kind] + (fused[name] ?? [])
    }
    return fused[name] ?? []
  }

  /// ONNX Runtime's fused operators; TFLite's, OpenVINO's, ncnn's and ST's names.
  private static let fused: [String: [OperatorKind]] = [
    "FusedConv": [.conv], "QLinearConv": [.qLinearConv, .conv], "FusedMatMul": [.matMul],
    "FusedGemm": [.gemm], "Gemm": [.matMul], "QGemm": [.gemm],
    "SkipLayerNormalization": [.layerNormalization],
    "EmbedLayerNormalization": [.layerNormalization], "Gelu": [.erf, .tanh],
    "BiasGelu": [.gelu, .erf], "FastGelu": [.gelu, .tanh], "QuickGelu": [.sigmoid],
    "HardSigmoid": [.hardSwish],
    "MatMulIntegerToFloat": [.matMulInteger], "QLinearMatMul": [.matMul],
    "CONV_2D": [.conv], "DEPTHWISE_CONV_2D": [.conv], "TRANSPOSE_CONV": [.convTranspose],
    "FULLY_CONNECTED": [.gemm, .matMul], "BATCH_MATMUL": [.matMul],
    "AVERAGE_POOL_2D": [.averagePool, .globalAveragePool],
    "MAX_POOL_2D": [.maxPool, .globalMaxPool],
    "MEAN": [.reduceMean, .globalAveragePool], "SOFTMAX": [.softmax], "ADD": [.add], "MUL": [.mul],
    "SUB": [.sub], "DIV": [.div], "RELU": [.relu], "RELU6": [.clip], "LOGISTIC": [.sigmoid],
    "TANH": [.tanh], "HARD_SWISH": [.hardSwish], "ELU": [.elu], "GELU": [.gelu],
    "CONCATENATION": [.concat], "RESHAPE": [.reshape, .flatten], "TRANSPOSE": [.transpose],
    "PAD": [.pad], "RESIZE_BILINEAR": [.resize], "RESIZE_NEAREST_NEIGHBOR": [.resize],
    "SPLIT": [.split], "STRIDED_SLICE": [.slice], "QUANTIZE": [.quantizeLinear],
    "DEQUANTIZE": [.dequantizeLinear],
    "Convolution": [.conv], "GroupConvolution": [.conv], "FullyConnected": [.gemm, .matMul],
    "Pooling": [.maxPool, .averagePool], "Deconvolution": [.convTranspose],
    "ConvolutionDepthWise": [.conv], "InnerProduct": [.gemm, .matMul], "Conv2D": [.conv],
    "Dense": [.gemm, .matMul],
  ]
}
