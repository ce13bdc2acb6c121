package import HardwareModel
package import Quantities

extension Estimate {
  /// The same estimate with times from elsewhere: of each kernel in order, of everything outside
  /// kernels, and of the whole with its interval, all resting on `basis`. Shares of a kernel's time
  /// keep their proportions.
  package func retimed(
    kernels times: [Seconds], outside: Seconds, latency: Interval<Seconds>, basis: Basis,
    assumptions reasons: [String]
  ) -> Estimate {
    let retimed = zip(kernels, times).map { kernel, time in
      let factor = kernel.time > .zero ? time / kernel.time : 1
      return KernelEstimate(
        kernel: kernel.kernel, placement: kernel.placement, time: time, bound: kernel.bound,
        computeTime: factor * kernel.computeTime, memoryTime: factor * kernel.memoryTime,
        dispatchTime: factor * kernel.dispatchTime, memoryTraffic: kernel.memoryTraffic,
        tileQuantization: kernel.tileQuantization)
    }
    let before = invocationTime + transfers.reduce(Seconds.zero) { $0 + $1.time }
    let share = before > .zero ? outside / before : 1
    return Estimate(
      deployment: deployment, plan: plan, latency: latency, kernels: retimed,
      transfers: transfers.map {
        Transfer(
          tensor: $0.tensor, size: $0.size, beforeKernel: $0.beforeKernel, time: share * $0.time)
      }, invocationTime: share * invocationTime, bound: bound, fallback: fallback, memory: memory,
      energy: energy.map { energy in
        Interval(
          median: (latency.median / self.latency.median) * energy.median,
          logDeviation: energy.logDeviation)
      }, coverage: coverage, basis: basis, ceilings: ceilings,
      assumptions: reasons + assumptions)
  }
}
