import ModelIR
import TensorTypes

/// What runs on bytes where the graph has real numbers between dequantization and quantization.
enum QuantizedPattern {
  /// A convolution or matrix product of integers and what happens to its sums.
  case product(QuantizedStages)
  /// The sum or the product of two values of one shape.
  case binary(multiplies: Bool, bounds: ClosedRange<Float>, output: ByteAffine)
  /// Functions of single elements, then a change of names.
  case table(source: Value.ID, output: ByteAffine)
  /// Means of windows or planes.
  case average(output: ByteAffine)
  case concatenation(output: ByteAffine)
}

/// What happens to integer sums, in order.
struct QuantizedStages {
  /// Numbers that a run tells, by which the sums are multiplied.
  var factor: Value.ID?
  /// A constant number for each channel.
  var addend: Value.ID?
  var activation = Activation.identity
  /// Real numbers that are bytes.
  var residual: Value.ID?
  var residualActivation = Activation.identity
  var output: ByteAffine?
}
