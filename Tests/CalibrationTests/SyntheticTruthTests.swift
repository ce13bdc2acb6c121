import Calibration
import Foundation
import Platform
import Testing

/// Runs made from known rates, to see whether the fit finds them again.
@Suite struct SyntheticTruthTests {
  static let terms = 6

  /// A prior that is wide in every direction. The first five rates hang together; nothing is known of
  /// the last from them.
  static let prior: LogRatePrior? = {
    var covariance =
      Matrix(diagonal: Array(repeating: 1.5, count: terms))
      + Matrix(rows: terms, columns: terms, repeating: 0.5)
    for term in 0..<terms - 1 {
      covariance[term, terms - 1] = 0
      covariance[terms - 1, term] = 0
    }
    return LogRatePrior(mean: Array(repeating: 0, count: terms), covariance: covariance)
  }()

  struct Case: Sendable {
    var truth: [Double]
    var runs: [Observation]
  }

  /// Amounts spread over two orders; the last term occurs in no run. A tenth of the runs are gross
  /// outliers: three to eight times too long.
  static func made(seed: UInt64, runs count: Int = 60, deviation: Double = 0.05) -> Case {
    var generator = SeededGenerator(seed: seed)
    func normal() -> Double {
      let radius = (-2 * log(Double.random(in: 1e-12..<1, using: &generator))).squareRoot()
      return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &generator))
    }
    let truth = (0..<terms).map { _ in normal() }
    let runs = (0..<count).map { index in
      let amounts = (0..<terms).map { $0 == terms - 1 ? 0 : exp(1.5 * normal()) }
      let time = zip(truth, amounts).reduce(0) { $0 + exp($1.0) * $1.1 }
      let outlier = index % 10 == 3 ? log(Double.random(in: 3...8, using: &generator)) : 0
      return Observation(
        amounts: amounts, logTime: log(time) + deviation * normal() + outlier,
        variance: deviation * deviation)
    }
    return Case(truth: truth, runs: runs)
  }

  @Test func identifiableRatesAreRecoveredDespiteOutliers() throws {
    let prior = try #require(Self.prior)
    var checked = 0
    var beyond = 0
    for seed in 1...40 {
      let made = Self.made(seed: UInt64(seed))
      let fit = RateFit(made.runs, prior: prior)
      #expect(fit.isIdentified == [true, true, true, true, true, false])
      for term in 0..<Self.terms - 1 {
        let error = abs(fit.logRates[term] - made.truth[term])
        checked += 1
        if error > 2 * fit.covariance[term, term].squareRoot() { beyond += 1 }
        #expect(error < 4 * fit.covariance[term, term].squareRoot())
      }
    }
    // Two standard errors hold 95.4 % of a normal distribution.
    #expect(Double(beyond) / Double(checked) < 0.08, "\(beyond) of \(checked)")
  }

  @Test func whatNoRunSaysStaysAtThePrior() throws {
    let prior = try #require(Self.prior)
    let fit = RateFit(Self.made(seed: 7).runs, prior: prior)
    #expect(fit.remainingVariance[Self.terms - 1] > RateFit.unidentifiedShare)
  }

  /// Two terms that always come in the same proportion: their sum is known, their ratio is not.
  @Test func termsThatRunsCannotTellApartAreReported() throws {
    let prior = try #require(
      LogRatePrior(mean: [0, 0, 0], covariance: Matrix(diagonal: [1, 1, 1])))
    var generator = SeededGenerator(seed: 3)
    let runs = (0..<30).map { _ in
      let common = Double.random(in: 0.1...10, using: &generator)
      let own = Double.random(in: 0.1...10, using: &generator)
      // The second of the pair is a thousandth of the first, so that it never shows.
      let amounts = [common, 0.001 * common, own]
      return Observation(
        amounts: amounts, logTime: log(common * 1.001 + 2 * own), variance: 0.0025)
    }
    let fit = RateFit(runs, prior: prior)
    #expect(fit.isIdentified == [true, false, true])
    #expect(abs(fit.logRates[1]) < 0.1)
  }

  @Test func outliersLoseTheirWeight() throws {
    let prior = try #require(Self.prior)
    let made = Self.made(seed: 11)
    let fit = RateFit(made.runs, prior: prior)
    for index in made.runs.indices where index % 10 == 3 { #expect(fit.weights[index] < 0.1) }
    #expect(fit.weights.filter { $0 < 0.1 }.count <= 8)
  }

  /// A device six times the usual deviation slower than all known ones: a few runs predict it better than
  /// were devices normally distributed, and after one run the interval says that it is strange.
  @Test func aStrangeDeviceIsBelieved() throws {
    let prior = try #require(
      LogRatePrior(mean: [0, 0], covariance: Matrix([[0.044, 0.04], [0.04, 0.044]])))
    func fits(_ slowness: Double, runs count: Int) -> (usual: RateFit, normal: RateFit) {
      let runs = [[4.0, 1], [1, 2], [1, 1]].prefix(count).map { amounts in
        Observation(
          amounts: amounts, logTime: log(amounts.reduce(0, +)) + slowness, variance: 0.04)
      }
      var normal = FitSettings()
      normal.deviceDegreesOfFreedom = .infinity
      return (RateFit(runs, prior: prior), RateFit(runs, prior: prior, settings: normal))
    }
    let strange = fits(1.2, runs: 3)
    func error(_ fit: RateFit) -> Double { abs(fit.predict([1, 3]).logTime - log(4) - 1.2) }
    #expect(error(strange.usual) < error(strange.normal) / 2)
    let first = fits(1.2, runs: 1)
    #expect(first.usual.predict([1, 3]).variance > 1.2 * first.normal.predict([1, 3]).variance)
    let usual = fits(0.1, runs: 3)
    #expect(usual.usual.predict([1, 3]).variance <= usual.normal.predict([1, 3]).variance)
  }

  @Test func noRunGivesThePrior() throws {
    let prior = try #require(Self.prior)
    let fit = RateFit([], prior: prior)
    #expect(fit.logRates == prior.mean)
    #expect(fit.covariance == prior.covariance)
    #expect(fit.isIdentified == Array(repeating: false, count: Self.terms))
  }

  @Test func theIntervalOfPredictionsHolds() throws {
    let prior = try #require(Self.prior)
    var inside = 0
    var count = 0
    for seed in 1...40 {
      let made = Self.made(seed: UInt64(100 + seed), runs: 50)
      let usual = made.runs.indices.filter { $0 % 10 != 3 }
      let used = usual.prefix(10).map { made.runs[$0] }
      let fit = RateFit(used, prior: prior)
      for index in usual.dropFirst(10) {
        let (value, variance) = fit.predict(made.runs[index].amounts)
        let deviation = (variance + made.runs[index].variance).squareRoot()
        count += 1
        if abs(value - made.runs[index].logTime) <= 1.645 * deviation { inside += 1 }
      }
    }
    let coverage = Double(inside) / Double(count)
    #expect((0.85...0.95).contains(coverage), "\(coverage)")
  }
}
