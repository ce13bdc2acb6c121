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

  /// A dtype by its number; 0 and absent are `nil`.
  fileprivate func optionalDType(_ name: String) throws(LoweringError) -> DType? {
    let number = try int(name, default: 0)
    if number == 0 { return nil }
    guard let type = dtype(ofDataType: number) else {
      throw error(.invalidAttribute(name, reason: "is \(number)"))
    }
    return type
  }
}
