import CostModel
import Platform

/// What other devices' runs say about one runtime on one kind of unit: which rates to expect of a
/// device that nobody has measured, and how rates hang together, so that a few runs fix them all.
public struct Prior: Sendable, Hashable {
  /// A group that it was learned from: what similar devices do beyond the regression.
  public struct Member: Sendable, Hashable {
    public var device: String
    public var traits: DeviceTraits
    /// The group's rates less the regression's, one a term.
    public var departure: [Double]
    public init(device: String, traits: DeviceTraits, departure: [Double]) {
      self.device = device
      self.traits = traits
      self.departure = departure
    }
  }

  public var terms: [CostTerm]
  /// The mean amount of each term over the networks; rates are per mean amount.
  public var scales: [Double]
  public var covariates: [Covariate]
  /// What is subtracted from each covariate; 0 for the intercept.
  public var centres: [Double]
  /// One row a term, one column a covariate.
  public var coefficients: Matrix
  /// Covariance of the coefficients, row after row of ``coefficients``: what the networks at hand
  /// leave open, above all of terms that few of them have.
  public var coefficientCovariance: Matrix
  /// Of a device's rates around the regression.
  public var covariance: Matrix
  /// Of one run's logarithm.
  public var noiseVariance: Double
  /// Networks and their offsets: the logarithm by which each takes longer than its terms say.
  public var offsets: [NetworkOffset]
  public var members: [Member]
  public var settings: LearningSettings
  /// Half widths of the 90 % interval in deviations, by runs used: 0, 1, 2, …; the last holds for more.
  public var intervalFactors: [Double]
  private let similarities: Cholesky?

  /// A network by its amounts of work, whatever it is called: two graphs of the same amounts are the
  /// same graph to the terms, and what they leave out of one they leave out of the other.
  public struct NetworkOffset: Sendable, Hashable {
    /// For people.
    public var name: String
    /// ``TermAmounts/fingerprint`` of the graph.
    public var fingerprint: Double
    public var offset: Double
    /// Variance of the offset.
    public var variance: Double
    public init(name: String, fingerprint: Double, offset: Double, variance: Double) {
      self.name = name
      self.fingerprint = fingerprint
      self.offset = offset
      self.variance = variance
    }
  }

  public init(
    terms: [CostTerm], scales: [Double], covariates: [Covariate], centres: [Double],
    coefficients: Matrix, coefficientCovariance: Matrix, covariance: Matrix,
    noiseVariance: Double, offsets: [NetworkOffset],
    members: [Member], settings: LearningSettings, intervalFactors: [Double]
  ) {
    self.terms = terms
    self.scales = scales
    self.covariates = covariates
    self.centres = centres
    self.coefficients = coefficients
    self.coefficientCovariance = coefficientCovariance
    self.covariance = covariance
    self.noiseVariance = noiseVariance
    self.offsets = offsets
    self.members = members
    self.settings = settings
    self.intervalFactors = intervalFactors
    similarities = Self.similarities(members, settings.similarity)
  }

  private static func similarities(_ members: [Member], _ similarity: Similarity) -> Cholesky? {
    guard !members.isEmpty else { return nil }
    var matrix = Matrix(rows: members.count, columns: members.count)
    for (row, mine) in members.enumerated() {
      for (column, other) in members.enumerated() {
        matrix[row, column] = similarity.covariance(
          mine.traits, other.traits, sameDevice: mine.device == other.device)
      }
      matrix[row, row] += similarity.own
    }
    return Cholesky(matrix)
  }

  /// Whether it has rates for work in 8 bits.
  public var servesInt8: Bool { terms.contains { $0.level == .integerArithmetic } }

  /// Amounts per mean amount, as rates are.
  public func scaled(_ amounts: TermAmounts) -> [Double] {
    zip(amounts.values(of: terms), scales).map { $1 > 0 ? $0 / $1 : 0 }
  }

  /// The offset of a network that the prior has seen, and its variance; a stranger's is anybody's.
  public func offset(of amounts: TermAmounts) -> (value: Double, variance: Double) {
    let strange = settings.strangeNetworkDeviation
    return offsets.offset(of: amounts).map { ($0.offset, $0.variance) } ?? (0, strange * strange)
  }

  /// What the coefficients' own uncertainty adds to the covariance of a device's rates.
  private func coefficientSpread(_ values: [Double]) -> Matrix {
    let count = values.count
    var spread = Matrix(rows: terms.count, columns: terms.count)
    for row in terms.indices {
      for column in terms.indices {
        var sum = 0.0
        for mine in 0..<count {
          for other in 0..<count {
            sum +=
              values[mine] * values[other]
              * coefficientCovariance[row * count + mine, column * count + other]
          }
        }
        spread[row, column] = sum
      }
    }
    return spread
  }

  /// What to expect of a device before any run: the regression, moved by what similar devices do
  /// beyond it, with the covariance that their likeness leaves.
  public func expected(of traits: DeviceTraits, device: String? = nil) -> LogRatePrior? {
    let values = zip(covariates, centres).map { $0.value(of: traits) - $1 }
    var mean = coefficients * values
    var remaining = 1.0
    if let similarities {
      let likeness = members.map {
        settings.similarity.covariance(traits, $0.traits, sameDevice: device == $0.device)
      }
      let weights = similarities.solve(likeness)
      for (weight, member) in zip(weights, members) {
        for index in mean.indices { mean[index] += weight * member.departure[index] }
      }
      remaining = max(1 - likeness.dot(weights), settings.similarity.leastRemaining)
    }
    var spread = remaining * covariance + coefficientSpread(values)
    if traits.doubt > 0 {
      spread.addOuterProduct(
        Array(repeating: 1, count: mean.count), weight: traits.doubt)
    }
    return LogRatePrior(mean: mean, covariance: spread)
  }

  /// Half the width of the 90 % interval in deviations, after some runs.
  public func intervalFactor(runs: Int) -> Double {
    guard let last = intervalFactors.last else { return ninetyPercentHalfWidth }
    return intervalFactors.indices.contains(runs) ? intervalFactors[runs] : last
  }
}

extension [Prior.NetworkOffset] {
  /// The offset of the graph that has these amounts. Files hold twelve digits of a fingerprint.
  func offset(of amounts: TermAmounts) -> Prior.NetworkOffset? {
    let fingerprint = amounts.fingerprint
    return first { abs($0.fingerprint - fingerprint) <= 1e-10 * Swift.max(1, fingerprint) }
  }
}

extension TermAmounts {
  /// A sum that two different graphs hardly share.
  public var fingerprint: Double {
    CostTerm.allCases.enumerated().reduce(0) { $0 + Double($1.offset + 1) * self[$1.element] }
  }
}

/// A device's rates after some runs, ready to predict.
public struct DeviceRates: Sendable, Hashable {
  public let prior: Prior
  public let fit: RateFit
  /// The runs that went into it.
  public let runCount: Int

  /// One measured run of a model.
  public struct Run: Sendable, Hashable {
    public var amounts: TermAmounts
    public var logSeconds: Double
    public var isNoisy: Bool
    public init(amounts: TermAmounts, logSeconds: Double, isNoisy: Bool = false) {
      self.amounts = amounts
      self.logSeconds = logSeconds
      self.isNoisy = isNoisy
    }
  }

  /// A predicted logarithm of seconds.
  public struct Prediction: Sendable, Hashable {
    public var logSeconds: Double
    /// Half the width of the 90 % interval, in logarithms.
    public var halfWidth: Double
    /// Standard deviation before the factor that cross-validation gave.
    public var deviation: Double
  }

  /// `nil` when the prior's covariance is no covariance.
  public init?(_ runs: [Run], on traits: DeviceTraits, device: String? = nil, prior: Prior) {
    guard let expected = prior.expected(of: traits, device: device) else { return nil }
    self.prior = prior
    let settings = prior.settings
    let observations = runs.map { run in
      let offset = prior.offset(of: run.amounts)
      return Observation(
        amounts: prior.scaled(run.amounts), logTime: run.logSeconds - offset.value,
        variance: prior.noiseVariance * (run.isNoisy ? settings.noisyFactor : 1),
        modelVariance: offset.variance)
    }
    fit = RateFit(observations, prior: expected, settings: settings.fit)
    runCount = runs.count
  }

  public func predict(_ amounts: TermAmounts) -> Prediction {
    let (logTime, variance) = fit.predict(prior.scaled(amounts))
    let offset = prior.offset(of: amounts)
    let deviation = (variance + prior.noiseVariance + offset.variance).squareRoot()
    return Prediction(
      logSeconds: logTime + offset.value,
      halfWidth: prior.intervalFactor(runs: runCount) * deviation, deviation: deviation)
  }
}
