import Quantities

/// Kernels of an estimate and parts of a measured run that share steps of the model, in groups: the
/// connected parts of the graph between them. A runtime may have fused what the plan keeps apart, and
/// split what the plan fuses.
public struct KernelGroups: Sendable, Hashable {
  public struct Group: Sendable, Hashable {
    /// Positions in ``Estimate/kernels``, in order.
    public var kernels: [Int] = []
    /// Positions in the list of parts, in order.
    public var parts: [Int] = []
  }
  /// In the order of the first part of each; then what has none, in the order of kernels.
  public private(set) var groups: [Group] = []

  /// `parts` are lists of positions in ``Workload/steps``.
  public init(_ estimate: Estimate, parts: [[Int]]) {
    let kernelCount = estimate.kernels.count
    var parents = Array(0..<kernelCount + parts.count)

    func root(_ member: Int) -> Int {
      var member = member
      while parents[member] != member {
        parents[member] = parents[parents[member]]
        member = parents[member]
      }
      return member
    }

    var kernelsByStep: [Int: [Int]] = [:]
    for (index, kernel) in estimate.kernels.enumerated() {
      for step in estimate.planned(kernel)?.steps ?? [] {
        kernelsByStep[step, default: []].append(index)
      }
    }
    for (index, steps) in parts.enumerated() {
      for step in steps {
        for kernel in kernelsByStep[step] ?? [] {
          parents[root(kernel)] = root(kernelCount + index)
        }
      }
    }

    var positions: [Int: Int] = [:]
    func add(_ member: Int, to path: WritableKeyPath<Group, [Int]>, _ index: Int) {
      let group = root(member)
      let position = positions[group] ?? groups.count
      if position == groups.count {
        positions[group] = position
        groups.append(Group())
      }
      groups[position][keyPath: path].append(index)
    }
    for index in parts.indices { add(kernelCount + index, to: \.parts, index) }
    for index in 0..<kernelCount { add(index, to: \.kernels, index) }
  }
}
