import ModelIR
import TensorTypes

// ncnn's integers are symmetric: `round(x · s)` within ±127, without a zero point. Here a scale is
// the reciprocal of ncnn's.
extension NCNNBuilder {
  /// A convolution or inner product whose `int8_scale_term` is set.
  struct IntegerTerm {
    /// The result is an integer too, with a scale of its own.
    let requantizes: Bool
    /// How many scales the weights have.
    let weightScales: Int
  }

  mutating func dequantized(
    _ value: Value.ID, by scale: Value.ID, axis: Int = 1, _ name: String
  ) -> Value.ID {
    let result = emit(
      .quantization(
        QuantizationOperator(
          .dequantizeLinear(QuantizationOperator.Granularity(axis: axis), output: nil))),
      name, [value, scale], extents: facts[value.index].extents)
    facts[result.index].dtype = .float32
    return result
  }

  mutating func quantized(_ value: Value.ID, by scale: Value.ID, _ name: String) -> Value.ID {
    let result = emit(
      .quantization(
        QuantizationOperator(
          .quantizeLinear(.init(), output: .int8, saturates: true, precision: nil))),
      name, [value, scale], extents: facts[value.index].extents)
    facts[result.index].dtype = .int8
    facts[result.index].scale = scale
    return result
  }

  /// The input of an integer product: quantized where the blob is real, then as real numbers.
  mutating func integerOperand(_ value: Value.ID, _ view: LayerView) -> Value.ID {
    var integers = value
    if facts[value.index].scale == nil {
      let scale = weight("\(view.name)/input_scale", [1])
      integers = quantized(value, by: scale, "\(view.name)/quantize")
    }
    return real(integers, view)
  }

  /// Integer weights, as real numbers.
  mutating func integerWeights(
    _ name: String, _ dimensions: [Int], scales: Int
  ) -> Value.ID {
    let stored = weight(name, dimensions, .int8)
    let scale = weight("\(name)_scale", [scales])
    return dequantized(stored, by: scale, axis: 0, "\(name)/dequantize")
  }
}
