import MemoryPlanning
import ModelIR
public import Quantities

extension Estimate {
  /// All kernels of one operator together.
  public struct OperatorTime: Sendable, Hashable {
    public let name: String
    public var kernelCount: Int
    public var time: Seconds
    /// What binds the largest part of that time.
    public var bound: Bound
  }

  /// Whether missing work makes every time and energy of the estimate a least value.
  public var isLowerBound: Bool { !coverage.isComplete }

  /// The kernels that take time, longest first.
  public var kernelsByTime: [KernelEstimate] {
    kernels.filter { $0.time > .zero }.sorted { ($1.time, $0.kernel) < ($0.time, $1.kernel) }
  }

  /// The plan's kernel of an estimate; `nil` when the two do not belong together.
  public func planned(_ estimate: KernelEstimate) -> ExecutionPlan.Kernel? {
    plan.kernels.indices.contains(estimate.kernel) ? plan.kernels[estimate.kernel] : nil
  }

  /// Time by operator, longest first.
  public var operatorsByTime: [OperatorTime] {
    var times: [String: OperatorTime] = [:]
    for kernel in kernelsByTime {
      let name = planned(kernel)?.operatorName ?? ""
      // The longest kernel comes first and names the bound.
      var sum =
        times[name]
        ?? OperatorTime(name: name, kernelCount: 0, time: .zero, bound: kernel.bound)
      sum.kernelCount += 1
      sum.time += kernel.time
      times[name] = sum
    }
    return times.values.sorted { ($1.time, $0.name) < ($0.time, $1.name) }
  }

  /// All hand-overs of one run.
  public var transferTime: Seconds { transfers.reduce(.zero) { $0 + $1.time } }

  /// A time as a share of the whole run, between 0 and 1.
  public func share(of time: Seconds) -> Double {
    latency.median > .zero ? min(1, max(0, time / latency.median)) : 0
  }
}

extension ExecutionPlan {
  /// Bytes live while each kernel runs.
  public var liveBytes: [Bytes] {
    var changes = Array(repeating: Bytes.zero, count: kernels.count + 1)
    for buffer in arena.buffers {
      let steps = buffer.liveness.steps.clamped(to: 0..<kernels.count)
      guard !steps.isEmpty else { continue }
      changes[steps.lowerBound] += buffer.liveness.size
      changes[steps.upperBound] = changes[steps.upperBound] - buffer.liveness.size
    }
    var live = Bytes.zero
    return changes.dropLast().map { change in
      live += change
      return live
    }
  }
}
