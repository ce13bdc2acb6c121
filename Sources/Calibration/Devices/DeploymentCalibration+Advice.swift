public import CostModel
import Platform
import Quantities

extension DeploymentCalibration {
  /// Which candidates to measure next, in order, for the models asked about, after the runs that are
  /// there already. `prior` is one learned for the runtime; without one, the datasheet's predictions
  /// are what is scaled.
  public static func advice(
    _ count: Int, among candidates: [Estimate], for targets: [Estimate], after measured: [Measured],
    prior: Prior?, traits: DeviceTraits
  ) -> [Advice.Choice] {
    let all = candidates + targets + measured.map(\.estimate)
    let problem =
      prior.map { Problem(all, prior: $0, traits: traits) } ?? Problem(all, asVagueAs: targets)
    guard let problem else { return [] }
    let amounts = problem.amounts
    let first = candidates.count + targets.count
    let observations = measured.indices.flatMap {
      problem.observations(first + $0, of: measured[$0])
    }
    let fit = RateFit(observations, prior: problem.prior)
    return Advice.choices(
      count, among: Array(amounts.prefix(candidates.count)),
      for: Array(amounts.dropFirst(candidates.count).prefix(targets.count)), rates: fit.logRates,
      covariance: fit.covariance,
      noiseVariances: problem.modelVariances.prefix(candidates.count).map {
        problem.noiseVariance + $0
      })
  }
}
