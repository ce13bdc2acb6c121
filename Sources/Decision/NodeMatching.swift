import CostModel
import Measurement
import ModelIR
import Quantities

/// Kernels of a plan and operators of a run that share nodes, in groups: the connected parts of the
/// graph between them.
struct NodeMatching {
  private(set) var groups: [(kernels: [Int], operators: [Int])] = []

  init(_ estimate: Estimate, _ operators: [MeasuredOperator]) {
    let kernelCount = estimate.kernels.count
    var parents = Array(0..<kernelCount + operators.count)

    func root(_ member: Int) -> Int {
      var member = member
      while parents[member] != member {
        parents[member] = parents[parents[member]]
        member = parents[member]
      }
      return member
    }

    var kernelsByNode: [String: [Int]] = [:]
    for (index, kernel) in estimate.kernels.enumerated() {
      for step in estimate.planned(kernel)?.steps ?? [] {
        guard estimate.plan.workload.steps.indices.contains(step) else { continue }
        kernelsByNode[estimate.plan.workload.steps[step].name, default: []].append(index)
      }
    }
    for (index, op) in operators.enumerated() {
      // A nameless node says nothing about which one it is.
      for node in op.nodes where !node.isEmpty {
        for kernel in kernelsByNode[node] ?? [] {
          parents[root(kernel)] = root(kernelCount + index)
        }
      }
    }

    var positions: [Int: Int] = [:]
    func add(
      _ member: Int, to path: WritableKeyPath<(kernels: [Int], operators: [Int]), [Int]>,
      _ index: Int
    ) {
      let group = root(member)
      if positions[group] == nil {
        positions[group] = groups.count
        groups.append(([], []))
      }
      if let position = positions[group] { groups[position][keyPath: path].append(index) }
    }
    for index in operators.indices { add(kernelCount + index, to: \.operators, index) }
    for index in 0..<kernelCount { add(index, to: \.kernels, index) }
    // A view that nobody ran and nobody charges for is no row.
    groups.removeAll { group in
      group.operators.isEmpty && group.kernels.allSatisfy { estimate.kernels[$0].time == .zero }
    }
  }
}
