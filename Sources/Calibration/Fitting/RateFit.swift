import CGSL
import Platform

/// The log rates of one deployment given some runs: maximum a posteriori, with its covariance.
///
/// `log t = log Σ_j exp(θ_j) x_j`. Residuals follow Student's t, so that a gross outlier pulls no more
/// than its share; so do the rates around the prior's mean, all together, so that a device unlike all
/// others may be what its runs say (iteratively reweighted least squares; Lange, Little, Taylor, JASA
/// 84(408), 1989). Each weighted problem is solved by GSL's trust region
/// Levenberg–Marquardt in coordinates in which the prior is a unit sphere.
public struct RateFit: Sendable, Hashable {
  public let logRates: [Double]
  /// Of the log rates; the prior's where no run says anything.
  public let covariance: Matrix
  /// Measured minus fitted, in logarithms, one a run.
  public let residuals: [Double]
  /// The share of an ordinary run's say that each run had; near zero for an outlier.
  public let weights: [Double]
  /// Posterior over prior variance of each rate, the prior as wide as this device showed it has to be.
  public let remainingVariance: [Double]

  /// Variance shares above this count as "the runs say nothing": the rate stays at the prior.
  public static let unidentifiedShare = 0.9

  /// Whether the runs tell each rate apart from the prior.
  public var isIdentified: [Bool] { remainingVariance.map { $0 <= Self.unidentifiedShare } }

  /// Fits, starting at `start` or else at the prior's mean.
  public init(
    _ runs: [Observation], prior: LogRatePrior, settings: FitSettings = FitSettings(),
    start: [Double]? = nil
  ) {
    let count = prior.mean.count
    let usable = runs.filter { $0.isUsable(count: count) }
    precondition(usable.count == runs.count, "runs are checked where they are read")
    guard !runs.isEmpty else {
      logRates = prior.mean
      covariance = prior.covariance
      residuals = []
      weights = []
      remainingVariance = Array(repeating: 1, count: count)
      return
    }
    var problem = WhitenedProblem(runs, prior: prior)
    var position = problem.position(of: start ?? prior.mean)
    var weights = Array(repeating: 1.0, count: runs.count)
    let isRobust = runs.count >= settings.fewestRobustRuns
    let rounds = isRobust ? settings.reweightings : settings.reweightings * settings.steps
    for _ in 0..<rounds {
      if isRobust { weights = problem.weights(at: position, settings: settings) }
      problem.rescale(at: position, weights: weights, settings: settings)
      let next = problem.solve(from: position, weights: weights, settings: settings)
      let change = zip(next, position).reduce(0) { max($0, abs($1.0 - $1.1)) }
      position = next
      if change < settings.tolerance { break }
    }
    if isRobust { weights = problem.weights(at: position, settings: settings) }
    let spread = problem.covariance(at: position, weights: weights)
    logRates = problem.logRates(at: position)
    covariance = spread
    residuals = problem.residuals(at: position)
    self.weights = weights
    remainingVariance = (0..<count).map {
      spread[$0, $0] / (problem.scale * prior.covariance[$0, $0])
    }
  }

  /// The logarithm of a model's predicted time, and the variance that the rates' uncertainty gives it.
  public func predict(_ amounts: [Double]) -> (logTime: Double, variance: Double) {
    var shares = Array(repeating: 0.0, count: amounts.count)
    let value = Calibration.logTime(logRates, amounts, shares: &shares)
    return (value, max(0, shares.dot(covariance * shares)))
  }
}

/// The tunables of one fit.
public struct FitSettings: Sendable, Hashable {
  /// Degrees of freedom of Student's t over runs.
  public var degreesOfFreedom = 3.0
  /// The same over devices; infinite is a normal distribution.
  public var deviceDegreesOfFreedom = 4.0
  /// Fewer runs than these are taken at their word: one run cannot be an outlier among others.
  public var fewestRobustRuns = 2
  public var reweightings = 15
  /// The largest change of a whitened coordinate that counts as none.
  public var tolerance = 1e-3
  /// Steps of the solver for one set of weights, which the next set continues.
  public var steps = 4
  public init() {}
}

extension Observation {
  /// Whether all its numbers are finite and some amount is positive.
  func isUsable(count: Int) -> Bool {
    amounts.count == count && logTime.isFinite && variance.isFinite && variance > 0
      && modelVariance.isFinite && modelVariance >= 0
      && amounts.allSatisfy { $0.isFinite && $0 >= 0 } && amounts.contains { $0 > 0 }
  }
}

/// The weighted least squares problem in coordinates `u` with `θ = μ + L u`, `Σ = L Lᵀ`: residuals
/// `√(w/σ²) (log t(θ) − y)` of the runs, then `u/√s` for the prior.
private struct WhitenedProblem {
  let runs: [Observation]
  let prior: LogRatePrior
  let count: Int
  /// `L`, row after row.
  let lower: [Double]
  /// `s`, by which the prior's variance is multiplied.
  private(set) var scale = 1.0

  init(_ runs: [Observation], prior: LogRatePrior) {
    self.runs = runs
    self.prior = prior
    count = prior.mean.count
    lower = prior.cholesky.factor.values
  }

  func position(of logRates: [Double]) -> [Double] {
    prior.cholesky.halfSolve(zip(logRates, prior.mean).map { $0 - $1 })
  }

  func logRates(at position: [Double]) -> [Double] {
    var rates = prior.mean
    for row in 0..<count {
      var sum = rates[row]
      for column in 0...row { sum += lower[row * count + column] * position[column] }
      rates[row] = sum
    }
    return rates
  }

  func residuals(at position: [Double]) -> [Double] {
    let rates = logRates(at: position)
    var shares = Array(repeating: 0.0, count: count)
    return runs.map { $0.logTime - logTime(rates, $0.amounts, shares: &shares) }
  }

  func weights(at position: [Double], settings: FitSettings) -> [Double] {
    let nu = settings.degreesOfFreedom
    return zip(runs, residuals(at: position)).map { run, residual in
      (nu + 1) / (nu + residual * residual / run.variance)
    }
  }

  /// Derivatives of the runs' logarithms by `u`, one row of `count` a run.
  func jacobian(at position: [Double]) -> [Double] {
    let rates = logRates(at: position)
    var shares = Array(repeating: 0.0, count: count)
    var rows = Array(repeating: 0.0, count: runs.count * count)
    for (index, run) in runs.enumerated() {
      _ = logTime(rates, run.amounts, shares: &shares)
      let start = index * count
      for term in 0..<count {
        let share = shares[term]
        if share == 0 { continue }
        for column in 0...term { rows[start + column] += share * lower[term * count + column] }
      }
    }
    return rows
  }

  /// `K` of `Jᵀ R⁻¹ J + 1/s = K Kᵀ`.
  private func information(at position: [Double], weights: [Double]) -> Cholesky? {
    let rows = jacobian(at: position)
    var information = Matrix(diagonal: Array(repeating: 1 / scale, count: count))
    for (index, run) in runs.enumerated() {
      information.addOuterProduct(
        Array(rows[index * count..<(index + 1) * count]),
        weight: 1 / run.totalVariance(weight: weights[index]))
    }
    return Cholesky(information)
  }

  /// Takes the scale that Student's t expects of a device that departs so far in the directions which
  /// its runs tell: `(ν + |u|²) / (ν + directions told)`.
  mutating func rescale(at position: [Double], weights: [Double], settings: FitSettings) {
    let nu = settings.deviceDegreesOfFreedom
    guard nu.isFinite, let information = information(at: position, weights: weights) else { return }
    let told = Double(count) - information.inverseTrace / scale
    scale = (nu + position.dot(position)) / (nu + told)
  }

  /// `(Jᵀ R⁻¹ J + (s Σ)⁻¹)⁻¹`, by way of the whitened coordinates.
  func covariance(at position: [Double], weights: [Double]) -> Matrix {
    guard let cholesky = information(at: position, weights: weights) else {
      return scale * prior.covariance
    }
    // With information = K Kᵀ: V = (L K⁻ᵀ)(L K⁻ᵀ)ᵀ, whose rows are K⁻¹ of L's rows.
    let half = Matrix((0..<count).map { cholesky.halfSolve(prior.cholesky.factor.row($0)) })
    return half * half.transposed
  }

  func solve(from start: [Double], weights: [Double], settings: FitSettings) -> [Double] {
    let problem = WeightedProblem(problem: self, weights: weights)
    let solution = problem.minimized(from: start, settings: settings)
    return solution.allSatisfy(\.isFinite) ? solution : start
  }

  /// What GSL asks: values and derivatives at a position, for fixed weights.
  final class WeightedProblem {
    let problem: WhitenedProblem
    let roots: [Double]
    /// Of the prior's rows.
    let priorRoot: Double

    init(problem: WhitenedProblem, weights: [Double]) {
      self.problem = problem
      priorRoot = 1 / problem.scale.squareRoot()
      roots = zip(problem.runs, weights).map {
        1 / $0.totalVariance(weight: $1).squareRoot()
      }
    }

    func minimized(from start: [Double], settings: FitSettings) -> [Double] {
      let parameters = problem.count
      let equations = problem.runs.count + parameters
      // GSL would end the process at the first error; its codes are looked at instead.
      _ = unsafe gsl_set_error_handler_off()
      var options = unsafe gsl_multifit_nlinear_default_parameters()
      unsafe options.solver = cgsl_cholesky()
      guard
        let workspace = unsafe gsl_multifit_nlinear_alloc(
          cgsl_trust_region(), &options, equations, parameters)
      else { return start }
      defer { unsafe gsl_multifit_nlinear_free(workspace) }
      guard let position = unsafe gsl_vector_alloc(parameters) else { return start }
      defer { unsafe gsl_vector_free(position) }
      for index in start.indices { unsafe gsl_vector_set(position, index, start[index]) }

      var system = unsafe gsl_multifit_nlinear_fdf()
      unsafe system.f = { position, context, values in
        guard let position = unsafe position, let context = unsafe context,
          let values = unsafe values
        else { return Int32(GSL_EFAULT) }
        let problem = unsafe Unmanaged<WeightedProblem>.fromOpaque(context).takeUnretainedValue()
        return unsafe problem.write(values: values, at: position)
      }
      unsafe system.df = { position, context, jacobian in
        guard let position = unsafe position, let context = unsafe context,
          let jacobian = unsafe jacobian
        else { return Int32(GSL_EFAULT) }
        let problem = unsafe Unmanaged<WeightedProblem>.fromOpaque(context).takeUnretainedValue()
        return unsafe problem.write(jacobian: jacobian, at: position)
      }
      unsafe system.n = equations
      unsafe system.p = parameters
      unsafe system.params = Unmanaged.passUnretained(self).toOpaque()
      guard unsafe gsl_multifit_nlinear_init(position, &system, workspace) == Int32(GSL_SUCCESS)
      else { return start }
      var reason: Int32 = 0
      // A run that stops early is as good as it came: the caller iterates.
      _ = unsafe gsl_multifit_nlinear_driver(
        settings.steps, settings.tolerance * 0.1, 1e-10, 0, nil, nil, &reason, workspace)
      guard let found = unsafe gsl_multifit_nlinear_position(workspace) else { return start }
      return withExtendedLifetime(self) {
        start.indices.map { unsafe gsl_vector_get(found, $0) }
      }
    }

    private func read(_ position: UnsafePointer<gsl_vector>) -> [Double] {
      (0..<problem.count).map { unsafe gsl_vector_get(position, $0) }
    }

    private func write(
      values: UnsafeMutablePointer<gsl_vector>, at position: UnsafePointer<gsl_vector>
    ) -> Int32 {
      let point = unsafe read(position)
      let residuals = problem.residuals(at: point)
      for (index, residual) in residuals.enumerated() {
        unsafe gsl_vector_set(values, index, -roots[index] * residual)
      }
      for index in point.indices {
        unsafe gsl_vector_set(values, residuals.count + index, priorRoot * point[index])
      }
      return Int32(GSL_SUCCESS)
    }

    private func write(
      jacobian: UnsafeMutablePointer<gsl_matrix>, at position: UnsafePointer<gsl_vector>
    ) -> Int32 {
      let rows = unsafe problem.jacobian(at: read(position))
      unsafe gsl_matrix_set_zero(jacobian)
      let count = problem.count
      for row in roots.indices {
        for column in 0..<count {
          unsafe gsl_matrix_set(jacobian, row, column, roots[row] * rows[row * count + column])
        }
      }
      for index in 0..<count {
        unsafe gsl_matrix_set(jacobian, roots.count + index, index, priorRoot)
      }
      return Int32(GSL_SUCCESS)
    }
  }
}
