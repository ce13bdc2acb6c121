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
  /// Networks that the prior knows, for which that is known better; empty on the datasheet's basis.
  public var networks: [Prior.NetworkOffset]
  /// Half the width of the 90 % interval in deviations.
  public var intervalFactor: Double
  public var runs: [Run]
  public var tool: String
  public var date: String

  public init(
    key: Key, basis: Basis, terms: [CostTerm], scales: [Double], logRates: [Double],
    covariance: Matrix, remainingVariance: [Double], noiseVariance: Double, modelVariance: Double,
    networks: [Prior.NetworkOffset] = [], intervalFactor: Double, runs: [Run], tool: String,
    date: String
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
    self.networks = networks
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

    /// Of every term, that the datasheet is right but for these factors.
    static var rates: LogRatePrior? {
      let count = CostTerm.allCases.count
      var covariance = Matrix(
        rows: count, columns: count, repeating: sharedDeviation * sharedDeviation)
      for index in 0..<count { covariance[index, index] += ownDeviation * ownDeviation }
      return LogRatePrior(mean: Array(repeating: 0, count: count), covariance: covariance)
    }
  }

  /// What is believed of the rates before any run, in the order of a calibration's terms: by a prior, or
  /// else by the datasheet.
  public static func belief(prior: Prior?, traits: DeviceTraits) -> LogRatePrior? {
    guard let prior else { return DatasheetPrior.rates }
    return prior.expected(of: traits)
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
    let observations = measured.indices.map {
      problem.observation($0, logSeconds: log(measured[$0].seconds.rawValue))
    }
    let settings = FitSettings()
    let fit = RateFit(observations, prior: problem.prior, settings: settings)
    func seconds(_ fit: RateFit, _ index: Int) -> Seconds {
      Seconds(exp(fit.predict(problem.amounts[index]).logTime + problem.offsets[index]))
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
      modelVariance: problem.modelVariance, networks: prior?.offsets ?? [],
      intervalFactor: prior?.intervalFactor(runs: measured.count) ?? ninetyPercentHalfWidth,
      runs: runs,
      tool: tool, date: date)
  }

  /// What a prior lets expect of a deployment before any run of it; `nil` when it lets expect nothing.
  public static func expected(
    on deployment: Deployment, prior file: PriorFile, traits: DeviceTraits
  ) -> DeploymentCalibration? {
    let prior = file.prior
    guard let expected = prior.expected(of: traits) else { return nil }
    let strange = prior.settings.strangeNetworkDeviation
    return DeploymentCalibration(
      key: Key(deployment), basis: .prior, terms: prior.terms, scales: prior.scales,
      logRates: expected.mean, covariance: expected.covariance,
      remainingVariance: Array(repeating: 1, count: prior.terms.count),
      noiseVariance: prior.noiseVariance, modelVariance: strange * strange,
      networks: prior.offsets, intervalFactor: prior.intervalFactor(runs: 0), runs: [],
      tool: file.provenance.tool, date: file.provenance.date)
  }

  struct Problem {
    let terms: [CostTerm]
    let scales: [Double]
    let amounts: [[Double]]
    /// What each model is known to take beyond its terms, as a logarithm, and how well it is known.
    let offsets: [Double]
    let modelVariances: [Double]
    let prior: LogRatePrior
    let noiseVariance: Double
    let modelVariance: Double

    init?(_ estimates: [Estimate], prior learned: Prior, traits: DeviceTraits) {
      guard let expected = learned.expected(of: traits) else { return nil }
      terms = learned.terms
      scales = learned.scales
      let work = estimates.map(\.plan.termAmounts)
      amounts = work.map { learned.scaled($0) }
      offsets = work.map { learned.offset(of: $0).value }
      modelVariances = work.map { learned.offset(of: $0).variance }
      prior = expected
      noiseVariance = learned.noiseVariance
      let strange = learned.settings.strangeNetworkDeviation
      modelVariance = strange * strange
    }

    init?(_ estimates: [Estimate]) {
      let terms = CostTerm.allCases
      typealias Belief = DatasheetPrior
      guard let prior = Belief.rates else { return nil }
      self.terms = terms
      scales = Array(repeating: 1, count: terms.count)
      amounts = estimates.map { estimate in
        (estimate.kernelTermSeconds.reduce(into: estimate.outsideSeconds) { $0 += $1 })
          .values(of: terms)
      }
      self.prior = prior
      noiseVariance = Belief.noiseDeviation * Belief.noiseDeviation
      modelVariance = Belief.modelDeviation * Belief.modelDeviation
      offsets = Array(repeating: 0, count: estimates.count)
      modelVariances = Array(repeating: modelVariance, count: estimates.count)
    }

    /// The run of one of the models.
    func observation(_ index: Int, logSeconds: Double) -> Observation {
      Observation(
        amounts: amounts[index], logTime: logSeconds - offsets[index], variance: noiseVariance,
        modelVariance: modelVariances[index])
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
