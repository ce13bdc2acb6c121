/// What a model's time is made of: amounts of work whose rates a deployment's runs can tell apart.
///
/// A predicted time is `Σ_j exp(θ_j) x_j`, with `x_j` the amount of term `j` in the model and
/// `exp(θ_j)` the seconds that one unit of it takes. Amounts come from the kernels of an
/// ``ExecutionPlan`` and count elements, not bytes, so that one definition serves every precision:
/// the rate absorbs the size of an element.
///
/// The split follows what cross-validation over whole devices, families of networks and operators of the
/// ncnn benchmark table showed to matter; Documentation/Calibration.md has the figures.
public enum CostTerm: String, Sendable, Hashable, Codable, CaseIterable {
  // In the order in which a kernel's foremost term is looked for.

  /// Multiply-accumulates of 1×1 convolutions with stride 1 and of matrix products of several rows.
  case pointwise
  /// Multiply-accumulates of dense 3×3 convolutions with stride 1, before any Winograd transform.
  case spatial
  /// Multiply-accumulates of dense 3×3 convolutions with stride 2.
  case strided
  /// Multiply-accumulates of all other convolutions that are not depthwise.
  case otherConvolution = "other_convolution"
  /// Multiply-accumulates of depthwise convolutions.
  case depthwise
  /// As ``pointwise`` to ``depthwise``, multiplied in 8 bits.
  case pointwiseInt8 = "pointwise_int8"
  case spatialInt8 = "spatial_int8"
  case otherConvolutionInt8 = "other_convolution_int8"
  case depthwiseInt8 = "depthwise_int8"
  /// Weight elements read by matrix times vector: dense layers at batch 1, recurrent steps.
  case matrixVector = "matrix_vector"
  /// Activation elements in and out of elementwise kernels.
  case elementwise
  /// Elements in and out of kernels that only move them, and ``ShapeCost/pooledShare`` of those that
  /// pooling windows read.
  case movement
  /// Elements in and out of kernels of elementary functions, normalizations and reductions.
  case function
  /// Candidate boxes of detectors' last layers and of suppressions; operators that nobody models count
  /// as one for 25 elements that they read.
  case detection
  /// Activation elements in and out of convolutions.
  case convolutionActivations = "convolution_activations"
  /// The same, of convolutions in 8 bits.
  case convolutionActivationsInt8 = "convolution_activations_int8"
  /// Weight elements of convolutions.
  case convolutionWeights = "convolution_weights"
  /// Elements that convolutions which are neither 1×1 nor 3×3 with stride 1 copy into columns, to be
  /// matrix products.
  case columns
  /// Elements of large activations that kernels of any kind read or write
  /// (``ShapeCost/cachedElements``): they come from memory where smaller ones stay in a cache, and take
  /// that much more than their own term says.
  case spilled
  /// Kernels started.
  case dispatch
  /// Convolutions started: on a graphics unit each costs more to start than other kernels, and counts
  /// beside ``dispatch``.
  case convolutionDispatch = "convolution_dispatch"
  /// Weight elements beyond ``AcceleratorType/residentWeights``, which a neural unit reads from its host
  /// at every run. A property of the network on that unit: ``Network`` has it, no kernel.
  case streamedWeights = "streamed_weights"

  /// Terms of every kind of unit.
  public static let ofEveryUnit = allCases.filter {
    $0 != .convolutionDispatch && $0 != .streamedWeights
  }

  /// Terms that kernels are sorted by: what the datasheet's cost model tells apart. All others count
  /// beside one of these.
  static let kinds = allCases.filter { term in
    switch term {
    case .pointwise, .spatial, .strided, .otherConvolution, .depthwise, .pointwiseInt8,
      .spatialInt8, .otherConvolutionInt8, .depthwiseInt8, .matrixVector, .elementwise, .movement,
      .function, .detection, .dispatch:
      true
    case .convolutionActivations, .convolutionActivationsInt8, .convolutionWeights, .columns,
      .spilled, .convolutionDispatch, .streamedWeights:
      false
    }
  }

  /// What one unit of it is.
  public var unit: String {
    switch self {
    case .pointwise, .spatial, .strided, .otherConvolution, .depthwise, .pointwiseInt8,
      .spatialInt8, .otherConvolutionInt8, .depthwiseInt8:
      "MAC"
    case .matrixVector, .elementwise, .movement, .function, .convolutionActivations,
      .convolutionActivationsInt8, .convolutionWeights, .columns, .spilled,
      .streamedWeights:
      "element"
    case .detection: "box"
    case .dispatch, .convolutionDispatch: "kernel"
    }
  }

  /// Its place in ``TermAmounts``: that of its declaration.
  var index: Int { Self.places[self] ?? 0 }
  private static let places = Dictionary(
    uniqueKeysWithValues: allCases.enumerated().map { ($0.element, $0.offset) })

  /// What one unit costs over one multiply-accumulate of a pointwise convolution, before any run:
  /// estimated for a core of four multiply-accumulates and some 2.5 bytes a cycle. A prior learned
  /// from runs departs from it where several networks say so.
  var expectedRatio: Double {
    switch self {
    case .pointwise: 1
    // Winograd saves multiplications (Lavin, Gray, CVPR 2016).
    case .spatial: 0.5
    case .strided: 0.8
    case .otherConvolution: 0.6
    case .depthwise: 3
    case .pointwiseInt8: 0.6
    case .spatialInt8: 0.5
    case .otherConvolutionInt8: 0.6
    case .depthwiseInt8: 2.5
    // Four bytes, read once from end to end at that rate.
    case .matrixVector: 6.4
    case .columns: 8
    case .convolutionActivations, .convolutionWeights, .spilled: 10
    case .convolutionActivationsInt8: 4.8
    case .elementwise: 12
    case .movement: 16
    case .function: 48
    // 500 MB/s, the line rate of USB 3 and of a PCIe 2 lane, against half an Edge TPU's peak, of which a
    // multiply-accumulate is worth 0.6.
    case .streamedWeights: 1200
    case .dispatch, .convolutionDispatch: 6e4
    case .detection: 2e4
    }
  }

  /// Terms whose ratios are wrong together: arithmetic, bytes, calls, what nobody models.
  enum Level: Hashable { case arithmetic, integerArithmetic, bytes, calls, functions }
  var level: Level {
    switch self {
    case .pointwise, .spatial, .strided, .otherConvolution, .depthwise: .arithmetic
    case .pointwiseInt8, .spatialInt8, .otherConvolutionInt8, .depthwiseInt8: .integerArithmetic
    case .matrixVector, .elementwise, .movement, .convolutionActivations,
      .convolutionActivationsInt8, .convolutionWeights, .columns, .spilled,
      .streamedWeights:
      .bytes
    case .dispatch, .convolutionDispatch: .calls
    case .function, .detection: .functions
    }
  }

  /// The same work multiplied in 8 bits, where it has a rate of its own.
  var inInt8: CostTerm {
    switch self {
    case .pointwise: .pointwiseInt8
    case .spatial: .spatialInt8
    case .otherConvolution, .strided: .otherConvolutionInt8
    case .depthwise: .depthwiseInt8
    case .convolutionActivations: .convolutionActivationsInt8
    case .pointwiseInt8, .spatialInt8, .otherConvolutionInt8, .depthwiseInt8, .matrixVector,
      .elementwise, .movement, .function, .detection, .convolutionActivationsInt8,
      .convolutionWeights, .columns, .spilled, .dispatch, .convolutionDispatch,
      .streamedWeights:
      self
    }
  }
}

/// Amounts of every term, in the terms' units.
public struct TermAmounts: Sendable, Hashable {
  private var values = Array(repeating: 0.0, count: CostTerm.allCases.count)
  public init() {}

  public subscript(term: CostTerm) -> Double {
    get { values[term.index] }
    set { values[term.index] = newValue }
  }

  /// The amounts of some terms, in their order.
  public func values(of terms: [CostTerm]) -> [Double] { terms.map { self[$0] } }

  public static func += (lhs: inout TermAmounts, rhs: TermAmounts) {
    for index in lhs.values.indices { lhs.values[index] += rhs.values[index] }
  }

  public static func * (lhs: Double, rhs: TermAmounts) -> TermAmounts {
    var result = rhs
    for index in result.values.indices { result.values[index] *= lhs }
    return result
  }
}
