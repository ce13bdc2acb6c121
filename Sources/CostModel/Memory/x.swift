package import HardwareModel
package import ModelIR
package import Quantities

extension ArenaPlan {
  package init(
    kernels: [ExecutionPlan.Kernel], workload: Workload, tensorSizes: [Bytes], policy: MemoryPolicy
  ) {
    self.init(buffers: [], size: .zero, peakLiveBytes: .zero, peakStep: 0)
  }
}
