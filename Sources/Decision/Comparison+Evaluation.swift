public import CostModel
public import HardwareModel

extension Comparison.Entry {
  /// Tries one model on every deployment; what cannot run it is told with the reason.
  public init(
    _ model: ComparedModel, on deployments: [Deployment], from catalog: Catalog,
    against requirements: Requirements
  ) {
    var evaluator = Evaluator(model.workload, catalog: catalog)
    var candidates: [Candidate] = []
    var refusals: [Comparison.Refusal] = []
    for deployment in deployments {
      do throws(DeploymentError) {
        let estimate = try evaluator.estimate(on: deployment)
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
