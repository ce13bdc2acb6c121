public import CostModel
public import HardwareModel

extension Comparison.Entry {
  /// Tries one model on every deployment; what cannot run it is told with the reason. `adjusting` may
  /// replace an estimate by a better one, as a calibration does.
  public init(
    _ model: ComparedModel, on deployments: [Deployment], from catalog: Catalog,
    against requirements: Requirements,
    adjusting: (Estimate, Deployment) -> Estimate = { estimate, _ in estimate }
  ) {
    var evaluator = Evaluator(model.workload, catalog: catalog)
    var candidates: [Candidate] = []
    var refusals: [Comparison.Refusal] = []
    for deployment in deployments {
      do throws(DeploymentError) {
        let estimate = adjusting(try evaluator.estimate(on: deployment), deployment)
        candidates.append(
          Candidate(estimate: estimate, verdict: Verdict(estimate, against: requirements)))
      } catch {
        refusals.append(
          Comparison.Refusal(deployment: deployment.label, reason: error.description))
      }
    }
    self.init(model: model, candidates: candidates, refusals: refusals)
  }
}
