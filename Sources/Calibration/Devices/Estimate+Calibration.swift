public import CostModel
import HardwareModel
import Platform
import Quantities

extension Estimate {
  /// The estimate with the times that a calibration of its deployment predicts.
  public func calibrated(by calibration: DeploymentCalibration) -> Estimate {
    let count = calibration.runs.count
    return retimed(
      by: calibration, basis: .measured,
      assumptions: [
        "calibrated with \(count) measured \(count == 1 ? "run" : "runs") of "
          + "\(calibration.key), \(calibration.date.prefix(10)); held-out error of those runs "
          + "\(significant(100 * calibration.medianError(\.leftOut), digits: 2)) %"
      ])
  }

  /// The estimate with the times that other devices' runs let expect of its deployment, of which there
  /// is no run. `traits` are those that `expectation` was made for, `source` says what it was learned
  /// from.
  public func expected(
    by expectation: DeploymentCalibration, traits: DeviceTraits, source: PriorFile.Provenance
  ) -> Estimate {
    retimed(
      by: expectation, basis: traits.assumptions.isEmpty ? .derived : .estimated,
      assumptions: [
        "no run of this deployment: the time rests on \(source.runCount) published runs of "
          + "\(source.runtime) on \(source.deviceCount) devices, carried over by "
          + (traits.graphics == nil ? "cores, clock and threads" : "maker, design and peak rate")
          + "; the interval is what devices left out of them showed"
      ] + traits.assumptions)
  }

  /// With other times; as it is where the rates leave out a kind of work that the model has.
  private func retimed(
    by calibration: DeploymentCalibration, basis: Basis, assumptions: [String]
  ) -> Estimate {
    let (amounts, outside) = work(on: calibration.basis)
    let work = amounts.reduce(into: outside) { $0 += $1 }
    let offset = calibration.offset(of: work)
    func scaled(_ amounts: TermAmounts) -> [Double] {
      zip(amounts.values(of: calibration.terms), calibration.scales).map { $1 > 0 ? $0 / $1 : 0 }
    }
    let factor = exp(offset.value)
    func seconds(_ amounts: TermAmounts) -> Seconds {
      Seconds(
        factor * zip(scaled(amounts), calibration.logRates).reduce(0) { $0 + $1.0 * exp($1.1) })
    }
    let total = scaled(work)
    var shares = Array(repeating: 0.0, count: total.count)
    let logSeconds = logTime(calibration.logRates, total, shares: &shares) + offset.value
    let isCovered = CostTerm.ofEveryUnit.allSatisfy { term in
      work[term] == 0
        || zip(calibration.terms, calibration.scales).contains { $0.0 == term && $0.1 > 0 }
    }
    guard logSeconds.isFinite, isCovered else { return self }
    let variance =
      shares.dot(calibration.covariance * shares) + calibration.noiseVariance + offset.variance
    let halfWidth = calibration.intervalFactor * variance.squareRoot()
    return retimed(
      kernels: amounts.map(seconds), outside: seconds(outside),
      latency: Interval(
        median: Seconds(exp(logSeconds)), logDeviation: halfWidth / ninetyPercentHalfWidth),
      basis: basis, assumptions: assumptions)
  }
}

extension DeploymentCalibration {
  /// The logarithm by which a model takes longer than its terms say, and its variance.
  fileprivate func offset(of amounts: TermAmounts) -> (value: Double, variance: Double) {
    networks.offset(of: amounts).map { ($0.offset, $0.variance) } ?? (0, modelVariance)
  }
}
