public import CostModel
import HardwareModel
import Platform
public import Quantities
public import RunImport

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
      "\(board)/\(unit)/\(runtime)@\(powerMode), \(threads) thread\(threads == 1 ? "" : "s"), \(precision)"
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
    /// Where the run's operators were timed, what they say of the kernels.
    public var timedKernels: [TimedKernels]
    public init(
      model: String, file: String, digest: String, estimate: Estimate, seconds: Seconds,
      timedKernels: [TimedKernels] = []
    ) {
      self.model = model
      self.file = file
      self.digest = digest
      self.estimate = estimate
      self.seconds = seconds
      self.timedKernels = timedKernels
    }

    public init(
      _ run: ImportedRun, of model: String, file: String, digest: String, estimate: Estimate
    ) {
      self.init(
        model: model, file: file, digest: digest, estimate: estimate, seconds: run.latency,
        timedKernels: estimate.timedKernels(of: run))
    }
  }

  /// The belief about corrections of the datasheet's model before any run, and what a run scatters, as
  /// standard deviations of logarithms. Chosen on eleven networks of one machine under two runtimes.
  enum DatasheetPrior {
    /// Of a factor that all kernel classes share, and of each class beyond it, over the deviation of
    /// the models' own predictions: where the datasheet is vague, runs may move it far.
    static let sharedPart = 0.8
    static let ownPart = 0.8
    /// Below which no datasheet's predictions are taken to deviate.
    static let leastDeviation = 0.05
    /// Of what starting a kernel takes, beyond those: tools that time operators add to it.
    static let dispatchDeviation = 1.0
    static let noiseDeviation = 0.05
    static let modelDeviation = 0.10

    /// Of every term, that the datasheet is right but for these factors.
    static func rates(_ estimates: [Estimate]) -> LogRatePrior? {
      guard !estimates.isEmpty else { return nil }
      let count = CostTerm.kinds.count
      let deviations = estimates.reduce(0) { $0 + $1.latency.logDeviation }
      let spread = max(leastDeviation, deviations / Double(estimates.count))
      let (shared, own) = (sharedPart * spread, ownPart * spread)
      var covariance = Matrix(rows: count, columns: count, repeating: shared * shared)
      for (index, term) in CostTerm.kinds.enumerated() {
        let more = term == .dispatch ? dispatchDeviation : 0
        covariance[index, index] += own * own + more * more
      }
      return LogRatePrior(mean: Array(repeating: 0, count: count), covariance: covariance)
    }
  }

  /// What is believed of the rates before any run, in the order of a calibration's terms: by a prior, or
  /// else by the datasheet, whose vagueness the measured models tell.
  public static func belief(
    prior: Prior?, traits: DeviceTraits, models: [Estimate]
  ) -> LogRatePrior? {
    guard let prior else { return DatasheetPrior.rates(models) }
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
      let models = measured.map(\.estimate)
      problem = Problem(models, asVagueAs: models)
    }
    guard let problem else { return nil }
    let observations = measured.indices.map { problem.observations($0, of: measured[$0]) }
    let settings = FitSettings()
    let fit = RateFit(observations.flatMap(\.self), prior: problem.prior, settings: settings)
    func seconds(_ fit: RateFit, _ index: Int) -> Seconds {
      Seconds(exp(fit.predict(problem.amounts[index]).logTime + problem.offsets[index]))
    }
    let nothing = RateFit([], prior: problem.prior, settings: settings)
    let runs = measured.indices.map { index in
      var others = observations
      others.remove(at: index)
      let without = RateFit(
        others.flatMap(\.self), prior: problem.prior, settings: settings)
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
    let basis: Basis
    let terms: [CostTerm]
    let scales: [Double]
    /// Of each model as a whole.
    let amounts: [[Double]]
    /// What each model is known to take beyond its terms, as a logarithm, and how well it is known.
    let offsets: [Double]
    let modelVariances: [Double]
    let prior: LogRatePrior
    let noiseVariance: Double
    let modelVariance: Double

    init?(_ estimates: [Estimate], prior learned: Prior, traits: DeviceTraits) {
      guard let expected = learned.expected(of: traits) else { return nil }
      basis = .prior
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

    /// On the datasheet's basis; some of the models, or others, tell how vague it is.
    init?(_ estimates: [Estimate], asVagueAs models: [Estimate]) {
      basis = .datasheet
      let terms = CostTerm.kinds
      typealias Belief = DatasheetPrior
      guard let prior = Belief.rates(models) else { return nil }
      self.terms = terms
      scales = Array(repeating: 1, count: terms.count)
      amounts = estimates.map { estimate in
        let (kernels, outside) = estimate.work(on: .datasheet)
        return kernels.reduce(into: outside) { $0 += $1 }.values(of: terms)
      }
      self.prior = prior
      noiseVariance = Belief.noiseDeviation * Belief.noiseDeviation
      modelVariance = Belief.modelDeviation * Belief.modelDeviation
      offsets = Array(repeating: 0, count: estimates.count)
      modelVariances = Array(repeating: modelVariance, count: estimates.count)
    }

    /// What a run of one of the models says: of the whole, and of each kind of kernels that its
    /// operators tell apart.
    func observations(_ index: Int, of run: Measured) -> [Observation] {
      let whole = Observation(
        amounts: amounts[index], logTime: log(run.seconds.rawValue) - offsets[index],
        variance: noiseVariance, modelVariance: modelVariances[index])
      let (kinds, work) = (run.estimate.kernelTerms, run.estimate.work(on: basis).kernels)
      var sums: [CostTerm: (work: TermAmounts, seconds: Seconds)] = [:]
      for timed in run.timedKernels {
        let longest = timed.kernels.max {
          run.estimate.kernels[$0].time < run.estimate.kernels[$1].time
        }
        guard let longest else { continue }
        var sum = sums[kinds[longest]] ?? (TermAmounts(), .zero)
        for kernel in timed.kernels { sum.work += work[kernel] }
        sum.seconds += timed.seconds
        sums[kinds[longest]] = sum
      }
      let ofKinds = CostTerm.kinds.compactMap { kind -> Observation? in
        guard let sum = sums[kind] else { return nil }
        let amounts = zip(sum.work.values(of: terms), scales).map { $1 > 0 ? $0 / $1 : 0 }
        guard amounts.contains(where: { $0 > 0 }) else { return nil }
        return Observation(
          amounts: amounts, logTime: log(sum.seconds.rawValue) - offsets[index],
          variance: noiseVariance,
          modelVariance: Self.kindVariance(share: sum.seconds / run.seconds))
      }
      return [whole] + ofKinds
    }

    /// Of the logarithm of what the kernels of one kind take in one model over what the kind takes
    /// elsewhere, when they have a share of the run: as if a run were a sum of equal pieces that miss
    /// independently. Chosen as ``DatasheetPrior`` was.
    static func kindVariance(share: Double) -> Double { 0.15 * 0.15 / min(1, share) }
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
