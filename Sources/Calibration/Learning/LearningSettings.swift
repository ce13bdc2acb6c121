import HardwareModel
import Platform

/// Every tunable of learning a prior and of fitting a device with it, in one place.
///
/// They were chosen by cross-validation over whole devices of the ncnn benchmark table;
/// Documentation/Calibration.md says what each is worth.
public struct LearningSettings: Sendable, Hashable {
  public var fit = FitSettings()
  /// Rounds of expectation and maximization.
  public var rounds = 8
  /// Reweightings of a group's fit in each of them.
  public var reweightingsPerRound = 5
  /// Prior deviations of the fixed effects: of the level that all terms share, of a term's ratio to
  /// it, of the ratios of one level of terms together, and of ratios that are guesses (dispatch,
  /// operators that nobody models).
  public var levelDeviation = 3.0
  public var ratioDeviation = 0.25
  public var termLevelDeviation = 0.4
  public var guessedRatioDeviation = 1.0
  /// Prior deviations of a covariate's effect: on all terms, and on one beyond that.
  public var covariateDeviation = 1.0
  public var covariateTermDeviation = 0.2
  /// The covariance with which learning starts: own and shared variance of the rates.
  public var startVariance = 0.3
  public var startSharedVariance = 0.5
  /// Groups of prior weight that pull the covariance towards `covarianceTarget` times the identity.
  public var covarianceWeight = 4.0
  public var covarianceTarget = 0.25
  /// Least deviation of a run's logarithm.
  public var noiseFloor = 0.03
  /// The deviation with which learning starts.
  public var noiseStart = 0.12
  /// Runs of prior weight that pull a group's noise towards the common one.
  public var groupNoiseWeight = 6.0
  /// How much larger the variance of a run is that its source calls noisy.
  public var noisyFactor = 4.0
  /// Prior deviation of a network's own offset.
  public var offsetDeviation = 0.1
  /// Deviation that a network which the prior has not seen adds to its prediction.
  public var strangeNetworkDeviation = 0.2
  /// Groups of fewer runs say too little about fourteen rates.
  public var fewestRuns = 8
  public var similarity = Similarity()
  public init() {}

  /// For a prior of one kind of unit under any runtime, learned from the few networks that each
  /// device of published tables has run.
  public static var anyRuntime: LearningSettings {
    var settings = LearningSettings()
    settings.fewestRuns = 1
    return settings
  }

  /// For processors under one runtime, of which a table has many, each with many networks: what one
  /// knows before buying may move the terms apart, and what a network's terms leave out of it has to be
  /// little, so that the terms hold for networks that nobody measured. Chosen by leaving out devices,
  /// families of networks and operators of the ncnn benchmark table.
  public static var manyProcessors: LearningSettings {
    var settings = LearningSettings()
    settings.ratioDeviation = 0.2
    // Starting a kernel is so small a part of a run on a processor that runs hardly tell it from
    // nothing: with more freedom its rate drifts there, and its variance without bound.
    settings.guessedRatioDeviation = 0.3
    settings.covariateTermDeviation = 0.4
    settings.covarianceTarget = 0.1
    settings.offsetDeviation = 0.03
    settings.strangeNetworkDeviation = 0.15
    return settings
  }
}

/// How alike two deployments' departures from the regression are: a covariance that is high for the
/// same core, lower for the same architecture, and falls with the distance in threads.
public struct Similarity: Sendable, Hashable {
  public var architecture = 0.15
  public var core = 0.5
  public var order = 0.05
  public var device = 0.2
  /// Deviation in log₂ threads at which alikeness has fallen to `e^(−½)`.
  public var threadScale = 2.0
  /// Variance that no other group shares.
  public var nugget = 0.2
  /// The least share of the prior's covariance that stays however many similar devices are known.
  public var leastRemaining = 0.1
  public init() {}

  private var shared: Double { architecture + core + order }

  func covariance(_ lhs: DeviceTraits, _ rhs: DeviceTraits, sameDevice: Bool) -> Double {
    func log2Threads(_ traits: DeviceTraits) -> Double { traits.log2Threads }
    let distance = (log2Threads(lhs) - log2Threads(rhs)) / threadScale
    let near = exp(-0.5 * distance * distance)
    var sum = 0.0
    if let mine = lhs.kernelFamily, mine == rhs.kernelFamily {
      sum += architecture
      if lhs.order == rhs.order, lhs.graphics?.isDiscrete == rhs.graphics?.isDiscrete {
        sum += order
      }
    }
    if let mine = lhs.core, mine == rhs.core { sum += core }
    return sum * near + (sameDevice ? device : 0)
  }

  /// What a group has for itself alone.
  var own: Double { max(1 - shared - device, 0.02) + nugget }
}

extension DeviceTraits {
  var log2Threads: Double { log2(Double(max(1, threads))) }

  /// Cores for which a runtime has the same kernels: the architecture, and on 64-bit Arm whether
  /// kernels in float16 serve it; of graphics units, those of one maker.
  var kernelFamily: String? {
    if let graphics { return graphics.vendor?.rawValue }
    return architecture.map { $0 == .armv8 && hasFloat16 ? "armv8.2" : $0.rawValue }
  }
}
