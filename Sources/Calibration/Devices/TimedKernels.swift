public import CostModel
import HardwareModel
import ModelIR
public import Quantities
public import RunImport

/// Kernels of an estimate whose time a measured run tells apart from the others': those of one operator
/// of the run, or of several that share kernels.
public struct TimedKernels: Sendable, Hashable {
  /// Positions in ``Estimate/kernels``.
  public var kernels: [Int]
  public var seconds: Seconds
  public init(kernels: [Int], seconds: Seconds) {
    self.kernels = kernels
    self.seconds = seconds
  }
}

extension Estimate {
  /// The share of a run that its operators must account for, to be used: of less, who knows what ran.
  static let leastMatchedShare = 0.5

  /// What the operators of a run, scaled to the run from end to end, say of the kernels.
  public func timedKernels(of run: ImportedRun) -> [TimedKernels] {
    guard let matching = OperatorMatching(run, workload: plan.workload),
      matching.matchedShare >= Self.leastMatchedShare
    else { return [] }
    return KernelGroups(self, parts: matching.matches.map(\.steps)).groups.compactMap { group in
      let seconds = group.parts.reduce(Seconds.zero) { $0 + matching.matches[$1].time }
      guard !group.kernels.isEmpty, seconds > .zero else { return nil }
      return TimedKernels(kernels: group.kernels, seconds: seconds)
    }
  }
}
