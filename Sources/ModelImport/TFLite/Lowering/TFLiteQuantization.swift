import ModelIR
import TensorTypes

let tfliteQuantization: [String: TFLiteLower] = [
  // From real numbers, or from others of another scale.
  "QUANTIZE": { node, builder throws(LoweringError) in
    let (input, output) = (try node.required(0), try node.output())
    guard let affine = builder.affine(output), let parameters = builder.parameters(output) else {
      return builder.addOpaque(node)
    }
    builder.append(
      .quantization(
        QuantizationOperator(
          .quantizeLinear(
            .init(axis: affine.isPerTensor ? 0 : affine.axis), output: nil, saturates: true,
            precision: nil))), named: node.name,
      [builder.real(input, node), parameters.scale, parameters.zeroPoint], [output])
  },
  // From quantized numbers, or from 16-bit real ones.
  "DEQUANTIZE": { node, builder throws(LoweringError) in
    let (input, output) = (try node.required(0), try node.output())
    guard let affine = builder.affine(input), let parameters = builder.parameters(input) else {
      guard let dtype = builder.type(output)?.dtype,
        builder.type(input)?.dtype.isFloatingPoint == true
      else { return builder.addOpaque(node) }
      return builder.append(.movement(.cast(to: dtype)), named: node.name, [input], [output])
    }
    builder.append(
      .quantization(
        QuantizationOperator(
          .dequantizeLinear(.init(axis: affine.isPerTensor ? 0 : affine.axis), output: nil))),
      named: node.name, [input, parameters.scale, parameters.zeroPoint], [output])
  },
]
