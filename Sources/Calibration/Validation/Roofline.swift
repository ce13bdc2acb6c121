import Platform
import Quantities

extension TermAmounts {
  /// Multiply-accumulates of every kind of contraction.
  var macs: Double {
    let terms: [CostTerm] = [
      .pointwise, .spatial, .strided, .otherConvolution, .depthwise, .matrixVector, .pointwiseInt8,
      .spatialInt8, .otherConvolutionInt8, .depthwiseInt8,
    ]
    return terms.reduce(0) { $0 + self[$1] }
  }

  /// The logarithm of the seconds that arithmetic alone takes at the peak rate: the plain datasheet
  /// roofline where the memory's bandwidth is not known, as in tables of devices' names.
  func logRoofline(_ peak: FLOPsPerSecond) -> Double { log(max(2 * macs, 1) / peak.rawValue) }
}
