import Quantities
import TensorTypes

/// Sampling on a grid of other extents.
public struct Resize: Sendable, Hashable {
  public enum Mode: Sendable, Hashable { case nearest, linear, cubic }
  /// How sizes are bent so that all axes scale alike.
  public enum AspectRatioPolicy: Sendable, Hashable { case stretch, notLarger, notSmaller }

  public let mode: Mode
  /// Scales that the node states; otherwise they, or sizes, are inputs.
  public let scales: [Double]?
  public let scalesInput: Int?
  public let sizesInput: Int?
  /// The axes that scales and sizes are for; all when `nil`.
  public let axes: [Int]?
  public let policy: AspectRatioPolicy
  /// Whether downsampling widens the filter by the scale.
  public let antialiases: Bool
  /// The input that holds the region to sample: all starts, then all ends, as fractions.
  public let regionInput: Int?
  public let sampling: Sampling

  /// The place of the input that place `x` of the output is taken from, with `s` the scale.
  public enum Coordinates: Sendable, Hashable {
    /// `(x + ½) ÷ s − ½`.
    case centers
    /// The same about the middle, when `s` does not give a whole extent.
    case symmetricCenters
    /// The same, but −½ for a single place.
    case centersButSingle
    /// `(x + ½) ÷ s`.
    case centersUnshifted
    /// First on first, last on last.
    case alignedCorners
    /// `x ÷ s`.
    case corners
    /// First on the start of the region, last on its end.
    case region
  }

  /// To the nearest place.
  public enum Rounding: Sendable, Hashable { case halfDown, halfUp, down, up }

  /// Where elements are taken from, and with what weights.
  public struct Sampling: Sendable, Hashable {
    public let coordinates: Coordinates
    public let rounding: Rounding
    /// Of the cubic filter.
    public let cubicCoefficient: Double
    /// Whether places outside have no weight, instead of repeating the ends.
    public let excludesOutside: Bool
    /// What is sampled outside of the input by a region.
    public let extrapolation: Double
    public init(
      _ coordinates: Coordinates = .centers, rounding: Rounding = .halfDown,
      cubicCoefficient: Double = -0.75, excludesOutside: Bool = false, extrapolation: Double = 0
    ) {
      self.coordinates = coordinates
      self.rounding = rounding
      self.cubicCoefficient = cubicCoefficient
      self.excludesOutside = excludesOutside
      self.extrapolation = extrapolation
    }
    /// As before operator set 11.
    public static let corners = Sampling(.corners, rounding: .down)
  }

  public init(
    _ mode: Mode, scales: [Double]? = nil, scalesInput: Int? = nil, sizesInput: Int? = nil,
    axes: [Int]? = nil, policy: AspectRatioPolicy = .stretch, antialiases: Bool = false,
    regionInput: Int? = nil, sampling: Sampling = Sampling()
  ) {
    self.sampling = sampling
    self.mode = mode
    self.scales = scales
    self.scalesInput = scalesInput
    self.sizesInput = sizesInput
    self.axes = axes
    self.policy = policy
    self.antialiases = antialiases
    self.regionInput = regionInput
  }
}

extension Resize {
  /// Each extent is `⌊extent · scale⌋`, in single precision as the format's own rule has it, or the
  /// stated size.
  func outputType(_ input: TensorType, _ inputs: [Operand?]) throws(ShapeError) -> TensorType? {
    let axes =
      try axes.map { (axes) throws(ShapeError) in
        try resolvedAxes(axes, rank: input.rank)
      } ?? Array(0..<input.rank)
    if let sizesInput, let operand = inputs.optional(sizesInput),
      operand.type.elementCount > 0
    {
      guard let sizes = try inputs.extents(sizesInput) else { return nil }
      return try resized(input, axes, sizes: sizes)
    }
    let scales: [Double]
    if let stated = self.scales {
      scales = stated
    } else if let scalesInput, let operand = inputs.optional(scalesInput) {
      guard let literal = operand.literal else { return nil }
      scales = literal.reals
    } else {
      throw .invalidInput(index: scalesInput ?? 1, reason: "gives neither scales nor sizes")
    }
    guard scales.count == axes.count else {
      throw .extentMismatch(
        what: "the count of scales", expected: axes.count, actual: scales.count)
    }
    guard let spans = try regionSpans(inputs, axes) else { return nil }
    var extents = input.dimensions
    for (position, axis) in axes.enumerated() {
      let sampled = Float(extents[axis]) * spans[position]
      extents[axis] = try whole((sampled * Float(scales[position])).rounded(.down))
    }
    return TensorType(input.dtype, extents)
  }

  private func resized(
    _ input: TensorType, _ axes: [Int], sizes: [Int]
  ) throws(ShapeError) -> TensorType {
    guard sizes.count == axes.count else {
      throw .extentMismatch(what: "the count of sizes", expected: axes.count, actual: sizes.count)
    }
    var extents = input.dimensions
    let scales = zip(axes, sizes).map { axis, size in
      Float(size) / Float(input.dimensions[axis])
    }
    let common: Float? =
      switch policy {
      case .stretch: nil
      case .notLarger: scales.min()
      case .notSmaller: scales.max()
      }
    for (position, axis) in axes.enumerated() {
      if let common {
        extents[axis] = try whole((common * Float(extents[axis]) + 0.5).rounded(.down))
      } else {
        extents[axis] = sizes[position]
      }
    }
    return TensorType(input.dtype, extents)
  }

  /// The share of each axis that is sampled; `nil` when only a run tells.
  private func regionSpans(
    _ inputs: [Operand?], _ axes: [Int]
  ) throws(ShapeError) -> [Float]? {
    guard let regionInput, let operand = inputs.optional(regionInput),
      operand.type.elementCount > 0
    else { return [Float](repeating: 1, count: axes.count) }
    guard let bounds = operand.literal?.reals else { return nil }
    guard bounds.count == 2 * axes.count else {
      throw .extentMismatch(
        what: "the count of region bounds", expected: 2 * axes.count, actual: bounds.count)
    }
    return axes.indices.map { Float(bounds[axes.count + $0]) - Float(bounds[$0]) }
  }

  private func whole(_ value: Float) throws(ShapeError) -> Int {
    guard let extent = Int(exactly: value), extent >= 0 else {
      throw .invalidInput(index: scalesInput ?? 1, reason: "gives the extent \(value)")
    }
    return extent
  }

  /// Operations with precomputed weights: each axis whose extent changes is filtered in turn, from
  /// the first, with `taps` multiplies and `taps − 1` adds an element. A line has 2 taps, a cubic 4;
  /// an antialiasing filter that shrinks an axis is wider by the ratio. Nearest only copies.
  func operations(_ input: TensorType, _ output: TensorType) -> FLOPs {
    let taps =
      switch mode {
      case .nearest: 0
      case .linear: 2
      case .cubic: 4
      }
    guard taps > 0 else { return .zero }
    var total = FLOPs.zero
    var extents = input.dimensions
    for (axis, after) in output.dimensions.enumerated() where extents[axis] != after && after > 0 {
      let before = extents[axis]
      let widening = antialiases && before > after ? (before - 1) / after + 1 : 1
      let perElement = max(0, saturatingProduct(2 * taps, widening) - 1)
      extents[axis] = after
      total += .product(elementCount(extents), perElement)
    }
    return total
  }
}
