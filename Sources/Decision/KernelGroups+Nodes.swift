import CostModel
import Measurement
import ModelIR
import Quantities

extension KernelGroups {
  /// Kernels of a plan and operators of a run that share the names of nodes.
  init(_ estimate: Estimate, _ operators: [MeasuredOperator]) {
    var stepsByNode: [String: [Int]] = [:]
    for (index, step) in estimate.plan.workload.steps.enumerated() where !step.name.isEmpty {
      stepsByNode[step.name, default: []].append(index)
    }
    self.init(estimate, parts: operators.map { $0.nodes.flatMap { stepsByNode[$0] ?? [] } })
  }
}
