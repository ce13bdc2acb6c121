/// How the sums of an affine-quantized operator become stored numbers of the result's scale.
public enum Requantization: Sendable, Hashable {
  /// By one real factor, rounded to the nearest, halves to even: ONNX.
  case real
  /// By a 32-bit multiplier and a shift, rounding after each, halves away from zero or upward: the
  /// reference kernels of TFLite (`tensorflow/lite/kernels/internal/common.h`,
  /// `MultiplyByQuantizedMultiplier` with two roundings).
  case fixedPoint
}
