public import Quantities
public import TensorTypes

/// What the operators of one host cost, measured one by one: the ratios between operators that no
/// datasheet has.
public struct OperatorCosts: Sendable, Hashable {
  /// The file's name: the kind of host.
  public var id: String
  /// What was run, when and how.
  public var source: String
  public var host: Host
  public var rows: [OperatorCost]

  public init(id: String, source: String, host: Host, rows: [OperatorCost]) {
    self.id = id
    self.source = source
    self.host = host
    self.rows = rows
  }

  /// Under which conditions it was measured.
  public struct Host: Sendable, Hashable {
    public var processor: String
    /// Of the tuned kernels: "avx512-vnni".
    public var instructionSet: String
    public var threads: Int
    public var clock: Hertz
    /// Processors that other programs kept busy, on average.
    public var otherLoad: Double

    public init(
      processor: String, instructionSet: String, threads: Int, clock: Hertz, otherLoad: Double
    ) {
      self.processor = processor
      self.instructionSet = instructionSet
      self.threads = threads
      self.clock = clock
      self.otherLoad = otherLoad
    }
  }

  /// The rows of an operator, in the order of the file.
  public func rows(of kind: OperatorKind) -> [OperatorCost] { rows.filter { $0.kind == kind } }
}

/// The time of one operator over a range of shapes: `fixed + slope · size`.
public struct OperatorCost: Sendable, Hashable {
  /// What the time grows with.
  public enum Scale: String, Sendable, Hashable, CaseIterable {
    /// Multiply-accumulates of the plain algorithm.
    case mac
    /// Elements of the first input or of the results, whichever are more.
    case element
    /// Compulsory traffic: each input read once, each result written once.
    case byte
  }

  /// One shape and its median time.
  public struct Observation: Sendable, Hashable {
    /// The operands that have extents: "1×64×56×56, 64×64×3×3".
    public var shape: String
    public var macs: MACs
    public var elements: Int
    public var bytes: Bytes
    public var time: Seconds
    public var samples: Int

    public init(
      shape: String, macs: MACs, elements: Int, bytes: Bytes, time: Seconds, samples: Int
    ) {
      self.shape = shape
      self.macs = macs
      self.elements = elements
      self.bytes = bytes
      self.time = time
      self.samples = samples
    }

    public func size(_ scale: Scale) -> Double {
      switch scale {
      case .mac: Double(macs.rawValue)
      case .element: Double(elements)
      case .byte: Double(bytes.rawValue)
      }
    }
  }

  public var kind: OperatorKind
  /// What tells it from other rows of the kind: "3x3"; empty for the only one.
  public var variant: String
  /// Of the elements that it computes with or moves.
  public var dtype: DType
  /// What ran: "conv.winograd.f32", "reference.TopK"; several where the choice depends on the shape.
  public var kernels: [String]
  public var scale: Scale
  public var fixed: Seconds
  /// For one of ``scale``.
  public var slope: Seconds
  /// The root of the mean square of `fitted ÷ measured − 1` over the observations.
  public var residual: Double
  public var observations: [Observation]

  public init(
    kind: OperatorKind, variant: String, dtype: DType, kernels: [String], scale: Scale,
    fixed: Seconds, slope: Seconds, residual: Double, observations: [Observation]
  ) {
    self.kind = kind
    self.variant = variant
    self.dtype = dtype
    self.kernels = kernels
    self.scale = scale
    self.fixed = fixed
    self.slope = slope
    self.residual = residual
    self.observations = observations
  }

  /// Fits the time to the observations, of which there must be one at least.
  ///
  /// Least squares of the relative error, so that small shapes count as much as large ones, with
  /// neither number negative: of two unknowns, the least lies inside, or on an axis where the other
  /// is zero (Lawson, Hanson, Solving Least Squares Problems, 1974, chapter 23).
  public init(
    kind: OperatorKind, variant: String, dtype: DType, kernels: [String], scale: Scale,
    fitting observations: [Observation]
  ) {
    var (a, b, c, d, e) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for observation in observations where observation.time > .zero {
      let weight = 1 / observation.time.rawValue
      let size = observation.size(scale) * weight
      a += weight * weight
      b += weight * size
      c += size * size
      d += weight
      e += size
    }
    func squares(_ fixed: Double, _ slope: Double) -> Double {
      observations.reduce(0) { sum, observation in
        guard observation.time > .zero else { return sum }
        let fitted = fixed + slope * observation.size(scale)
        let error = fitted / observation.time.rawValue - 1
        return sum + error * error
      }
    }
    var candidates = [(0.0, c > 0 ? e / c : 0), (a > 0 ? d / a : 0, 0.0)]
    let determinant = a * c - b * b
    if determinant > 1e-12 * a * c {
      let (fixed, slope) = ((d * c - e * b) / determinant, (a * e - b * d) / determinant)
      if fixed >= 0, slope >= 0 { candidates.append((fixed, slope)) }
    }
    var best = candidates[0]
    for candidate in candidates where squares(candidate.0, candidate.1) < squares(best.0, best.1) {
      best = candidate
    }
    let count = Double(max(observations.count, 1))
    self.init(
      kind: kind, variant: variant, dtype: dtype, kernels: kernels, scale: scale,
      fixed: Seconds(best.0), slope: Seconds(best.1),
      residual: (squares(best.0, best.1) / count).squareRoot(), observations: observations)
  }
}
