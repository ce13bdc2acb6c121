public import CostModel
import HardwareModel
import Platform
public import Quantities

/// What runs of one deployment taught: its rates with their covariance, ready to predict other models
/// on the same board, unit, runtime, power mode, threads and precision.
public struct DeploymentCalibration: Sendable, Hashable {
  /// What it holds for; another thread count or precision has other rates.
  public struct Key: Sendable, Hashable, CustomStringConvertible {
    public var board: String
    public var unit: String
    public var runtime: String
    public var powerMode: String
    public var threads: Int
    public var precision: String
    public init(_ deployment: Deployment) {
      board = deployment.board.id
      unit = deployment.unit.id
      runtime = deployment.runtime.id
      powerMode = deployment.powerMode.id
      threads = deployment.threads
      precision = deployment.precision.rawValue
    }
    public init(
      board: String, unit: String, runtime: String, powerMode: String, threads: Int,
      precision: String
    ) {
      self.board = board
      self.unit = unit
      self.runtime = runtime
      self.powerMode = powerMode
      self.threads = threads
      self.precision = precision
    }
    public var description: String {
      "\(board)/\(unit)/\(runtime)@\(powerMode), \(threads) threads, \(precision)"
    }
  }

  /// What rates are rates of.
  public enum Basis: String, Sendable, Hashable, CaseIterable {
    /// Work, with a prior learned from other devices' runs.
    case prior
    /// The seconds that the datasheet's cost model predicts: rates are corrections around 1.
    case datasheet
  }

  /// A run that went into it.
  public struct Run: Sendable, Hashable {
    public var model: String
    public var file: String
    /// SHA-256 of the file of runs.
    public var digest: String
    public var measured: Seconds
    /// Predicted before any run, with all runs, and with all others.
    public var before: Seconds
    public var after: Seconds
    public var leftOut: Seconds
    public init(
      model: String, file: String, digest: String, measured: Seconds, before: Seconds,
      after: Seconds, leftOut: Seconds
    ) {
      self.model = model
      self.file = file
      self.digest = digest
      self.measured = measured
      self.before = before
      self.after = after
      self.leftOut = leftOut
    }
  }

  public var key: Key
  public var basis: Basis
  public var terms: [CostTerm]
  public var scales: [Double]
  public var logRates: [Double]
  public var covariance: Matrix
  /// Posterior over prior variance of each rate.
  public var remainingVariance: [Double]
  public var noiseVariance: Double
  /// What a model's terms leave out, as a variance of its logarithm.
  public var modelVariance: Double
  /// Half the width of the 90 % interval in deviations.
  public var intervalFactor: Double
  public var runs: [Run]
  public var tool: String
  public var date: String

  public init(
    key: Key, basis: Basis, terms: [CostTerm], scales: [Double], logRates: [Double],
    covariance: Matrix, remainingVariance: [Double], noiseVariance: Double, modelVariance: Double,
    intervalFactor: Double, runs: [Run], tool: String, date: String
  ) {
    self.key = key
    self.basis = basis
    self.terms = terms
    self.scales = scales
    self.logRates = logRates
    self.covariance = covariance
    self.remainingVariance = remainingVariance
    self.noiseVariance = noiseVariance
    self.modelVariance = modelVariance
    self.intervalFactor = intervalFactor
    self.runs = runs
    self.tool = tool
    self.date = date
  }
}

// MARK: Fitting

extension DeploymentCalibration {
  /// A model that was measured on the deployment.
  public struct Measured: Sendable {
    public var model: String
    public var file: String
    public var digest: String
    public var estimate: Estimate
    public var seconds: Seconds
    public init(model: String, file: String, digest: String, estimate: Estimate, seconds: Seconds) {
      self.model = model
      self.file = file
      self.digest = digest
      self.estimate = estimate
      self.seconds = seconds
    }
  }

  /// The belief about corrections of the datasheet's model before any run, and what a run scatters.
  /// Standard deviations of logarithms: of a factor that all kernel classes share, of each class beyond
  /// it, of runs, and of models. Chosen, not learned.
  enum DatasheetPrior {
    static let sharedDeviation = 0.5
    static let ownDeviation = 0.4
    static let noiseDeviation = 0.05
    static let modelDeviation = 0.10
  }

  /// Fits the deployment's rates to measured runs. `prior` is one learned for the runtime; without one,
  /// the datasheet's predictions are what is scaled. `nil` without a run.
  public static func fitted(
    to measured: [Measured], on deployment: Deployment, prior: Prior?, traits: DeviceTraits,
    tool: String, date: String
  ) -> DeploymentCalibration? {
    guard !measured.isEmpty else { return nil }
    let problem: Problem?
    if let prior {
      problem = Problem(measured.map(\.estimate), prior: prior, traits: traits)
    } else {
      problem = Problem(measured.map(\.estimate))
    }
    guard let problem else { return nil }
    let observations = zip(problem.amounts, measured).map { amounts, run in
      Observation(
        amounts: amounts, logTime: log(run.seconds.rawValue), variance: problem.noiseVariance,
        modelVariance: problem.modelVariance)
    }
    let settings = FitSettings()
    let fit = RateFit(observations, prior: problem.prior, settings: settings)
    func seconds(_ fit: RateFit, _ index: Int) -> Seconds {
      Seconds(exp(fit.predict(problem.amounts[index]).logTime))
    }
    let nothing = RateFit([], prior: problem.prior, settings: settings)
    let runs = measured.indices.map { index in
      var others = observations
      others.remove(at: index)
      let without = RateFit(others, prior: problem.prior, settings: settings)
      return Run(
        model: measured[index].model, file: measured[index].file, digest: measured[index].digest,
        measured: measured[index].seconds, before: seconds(nothing, index),
        after: seconds(fit, index), leftOut: seconds(without, index))
    }
    return DeploymentCalibration(
      key: Key(deployment), basis: prior == nil ? .datasheet : .prior, terms: problem.terms,
      scales: problem.scales, logRates: fit.logRates, covariance: fit.covariance,
      // A term that no run has moved with the others, but nothing was learned of it.
      remainingVariance: fit.remainingVariance.enumerated().map { term, share in
        problem.amounts.contains { $0[term] > 0 } ? share : 1
      }, noiseVariance: problem.noiseVariance,
      modelVariance: problem.modelVariance,
      intervalFactor: prior?.intervalFactor(runs: measured.count) ?? ninetyPercent, runs: runs,
      tool: tool, date: date)
  }

  struct Problem {
    let terms: [CostTerm]
    let scales: [Double]
    let amounts: [[Double]]
    let prior: LogRatePrior
    let noiseVariance: Double
    let modelVariance: Double

    init?(_ estimates: [Estimate], prior learned: Prior, traits: DeviceTraits) {
      guard let expected = learned.expected(of: traits) else { return nil }
      terms = learned.terms
      scales = learned.scales
      amounts = estimates.map { learned.scaled($0.plan.termAmounts) }
      prior = expected
      noiseVariance = learned.noiseVariance
      let strange = learned.settings.strangeNetworkDeviation
      modelVariance = strange * strange
    }

    init?(_ estimates: [Estimate]) {
      let terms = CostTerm.allCases
      typealias Belief = DatasheetPrior
      var covariance = Matrix(
        rows: terms.count, columns: terms.count,
        repeating: Belief.sharedDeviation * Belief.sharedDeviation)
      for index in terms.indices {
        covariance[index, index] += Belief.ownDeviation * Belief.ownDeviation
      }
      guard
        let prior = LogRatePrior(
          mean: Array(repeating: 0, count: terms.count), covariance: covariance)
      else { return nil }
      self.terms = terms
      scales = Array(repeating: 1, count: terms.count)
      amounts = estimates.map { estimate in
        (estimate.kernelTermSeconds.reduce(into: estimate.outsideSeconds) { $0 += $1 })
          .values(of: terms)
      }
      self.prior = prior
      noiseVariance = Belief.noiseDeviation * Belief.noiseDeviation
      modelVariance = Belief.modelDeviation * Belief.modelDeviation
    }
  }

  // MARK: Errors

  /// Median of `|predicted ÷ measured − 1|` over the runs.
  public func medianError(_ predicted: KeyPath<Run, Seconds>) -> Double {
    median(runs.map { abs($0[keyPath: predicted] / $0.measured - 1) })
  }

  /// The terms whose rates the runs fix, and those that stay at what was believed before.
  public var identifiedTerms: [CostTerm] {
    zip(terms, remainingVariance).filter { $0.1 <= RateFit.unidentifiedShare }.map(\.0)
  }
  public var unidentifiedTerms: [CostTerm] {
    zip(terms, remainingVariance).filter { $0.1 > RateFit.unidentifiedShare }.map(\.0)
  }
}

// MARK: Predicting

extension Estimate {
  /// The estimate with the times that a calibration of its deployment predicts.
  public func calibrated(by calibration: DeploymentCalibration) -> Estimate {
    let amounts: [TermAmounts]
    let outside: TermAmounts
    switch calibration.basis {
    case .prior:
      let all = plan.kernelTermAmounts
      amounts = kernels.map { all[$0.kernel] }
      outside = TermAmounts()
    case .datasheet:
      amounts = kernelTermSeconds
      outside = outsideSeconds
    }
    func scaled(_ amounts: TermAmounts) -> [Double] {
      zip(amounts.values(of: calibration.terms), calibration.scales).map { $1 > 0 ? $0 / $1 : 0 }
    }
    func seconds(_ amounts: TermAmounts) -> Double {
      zip(scaled(amounts), calibration.logRates).reduce(0) { $0 + $1.0 * exp($1.1) }
    }
    let total = scaled(amounts.reduce(into: outside) { $0 += $1 })
    var shares = Array(repeating: 0.0, count: total.count)
    let logSeconds = logTime(calibration.logRates, total, shares: &shares)
    guard logSeconds.isFinite else { return self }
    let variance =
      shares.dot(calibration.covariance * shares) + calibration.noiseVariance
      + calibration.modelVariance
    let halfWidth = calibration.intervalFactor * variance.squareRoot()
    let count = calibration.runs.count
    return retimed(
      kernels: amounts.map { Seconds(seconds($0)) },
      outside: Seconds(seconds(outside)),
      latency: Interval(
        median: Seconds(exp(logSeconds)), logDeviation: halfWidth / ninetyPercentHalfWidth),
      assumption: "calibrated with \(count) measured \(count == 1 ? "run" : "runs") of "
        + "\(calibration.key), \(calibration.date.prefix(10)); held-out error of those runs "
        + "\(significant(100 * calibration.medianError(\.leftOut), digits: 2)) %")
  }
}
