import ModelIR
import TensorTypes

let quantizationLowerings: [String: Lower] = [
  "QuantizeLinear": { node throws(LoweringError) in
    .quantization(
      QuantizationOperator(
        .quantizeLinear(
          try node.granularity(), output: try node.optionalDType("output_dtype"),
          saturates: try node.flag("saturate", default: true),
          precision: try node.optionalDType("precision"))))
  },
  "DequantizeLinear": { node throws(LoweringError) in
    .quantization(
      QuantizationOperator(
        .dequantizeLinear(
          try node.granularity(), output: try node.optionalDType("output_dtype"))))
  },
  "DynamicQuantizeLinear": { _ in .quantization(QuantizationOperator(.dynamicQuantizeLinear)) },
]

extension NodeView {
  fileprivate func granularity() throws(LoweringError) -> QuantizationOperator.Granularity {
    QuantizationOperator.Granularity(
      axis: try int("axis", default: 1), blockSize: try int("block_size", default: 0))
  }
}
