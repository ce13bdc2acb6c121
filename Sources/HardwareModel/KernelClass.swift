/// Kernels that reach similar shares of a unit's peak; the key of a runtime's efficiencies.
///
/// The split follows what decides the error of a per-operator model: kernel size, channels and
/// whether weights or activations dominate (nn-Meter, MobiSys 2021, section 4).
public enum KernelClass: String, Sendable, Hashable, Codable, CaseIterable {
  /// 1×1 convolution over more than one position.
  case pointwiseConvolution = "pointwise_convolution"
  /// Dense k×k convolution with stride 1 and no dilation, 3×3 above all.
  case spatialConvolution = "spatial_convolution"
  /// Dense convolution that is strided, dilated or transposed.
  case stridedConvolution = "strided_convolution"
  /// Convolution from at most 4 channels: the first layer of an image network.
  case stemConvolution = "stem_convolution"
  /// More than one group, but not depthwise.
  case groupedConvolution = "grouped_convolution"
  case depthwiseConvolution = "depthwise_convolution"
  /// Matrix product with more than one row, attention included.
  case matrixProduct = "matrix_product"
  /// Matrix times vector: fully connected layers at batch 1, a decoder's step.
  case matrixVector = "matrix_vector"
  case recurrent
  case pooling
  /// One or two operations an element: add, multiply, ReLU, comparison.
  case elementwise
  /// Elementary functions an element: exp, erf, tanh, sigmoid, softmax.
  case transcendental
  /// Normalization and reduction: several passes over their input.
  case reduction
  /// Bytes moved without arithmetic: concatenate, transpose, pad, gather, resize.
  case movement
}
