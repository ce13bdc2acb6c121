import MemoryPlanning
import ModelIR

extension Storage {
  /// How often one run evaluates a kernel; a loop of unknown trip count counts as the longest.
  static func repetitions(of kernel: ExecutionPlan.Kernel, in workload: Workload) -> Int {
    let isUnknown = kernel.steps.contains {
      workload.steps.indices.contains($0) && workload.steps[$0].repetitions == nil
    }
    return isUnknown ? .max : kernel.repetitions
  }

  /// Sets when each owner's bytes are in use; sets without a touch are left without.
  mutating func setLiveness() {
    for tensor in uses.indices where owner(of: tensor) == tensor && !uses[tensor].isWeight {
      let use = uses[tensor]
      let isCarried = use.firstRead.map { $0 <= use.definition ?? $0 } ?? false
      uses[tensor].liveness = isCarried ? carriedSteps(of: use) : steps(of: use)
      uses[tensor].isReusable = !isCarried && !use.isInput && !use.isOutput
    }
  }

  /// From the writer to the last reader. What a loop reads from outside stays for all of its
  /// iterations, and what leaves a loop is there from its first.
  private func steps(of use: Use) -> Range<Int>? {
    let end = max(kernels.count, 1)
    let fallback = use.isInput || use.isOutput ? -1 : nil
    guard let definition = use.definition ?? fallback else { return nil }
    let last = use.isOutput ? end : max(use.lastTouch ?? 0, 0)
    let leaving = loops.outermost(around: definition, excluding: last)
    let entering = loops.outermost(around: last, excluding: definition)
    let lower = leaving?.lowerBound ?? max(definition, 0)
    return lower..<max(lower + 1, min(end, entering?.upperBound ?? last + 1))
  }

  /// Read before it is written, or never written: it passes from one iteration to the next, or
  /// comes into the loop by no kernel. Outside loops nobody knows where it comes from, so it is
  /// there from the start.
  private func carriedSteps(of use: Use) -> Range<Int>? {
    guard let first = use.firstRead, let last = use.lastTouch else { return nil }
    let opening = loops.outermost(around: first, excluding: -1)
    let closing = loops.outermost(around: last, excluding: -1)
    let upper = use.isOutput ? kernels.count : closing?.upperBound ?? last + 1
    return (opening?.lowerBound ?? 0)..<upper
  }
}
