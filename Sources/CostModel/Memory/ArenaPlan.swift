public import MemoryPlanning
public import ModelIR
public import Quantities

/// One allocation from which all intermediates are placed.
public struct ArenaPlan: Sendable, Hashable {
  /// Bytes that belong together: a tensor with those that share its bytes.
  public struct Buffer: Sendable, Hashable {
    /// The tensors that live here, the one that owns the bytes first.
    public let tensors: [Workload.TensorID]
    public let liveness: Liveness
    /// From the start of the arena.
    public let offset: Bytes
    public init(tensors: [Workload.TensorID], liveness: Liveness, offset: Bytes) {
      self.tensors = tensors
      self.liveness = liveness
      self.offset = offset
    }
  }
  public let buffers: [Buffer]
  /// What must be allocated.
  public let size: Bytes
  /// The most bytes live at one step: no arena can be smaller.
  public let peakLiveBytes: Bytes
  /// The step at which that happens first; steps are positions in the plan's kernels.
  public let peakStep: Int
  public init(buffers: [Buffer], size: Bytes, peakLiveBytes: Bytes, peakStep: Int) {
    self.buffers = buffers
    self.size = size
    self.peakLiveBytes = peakLiveBytes
    self.peakStep = peakStep
  }

  /// The buffers live at the peak, largest first: the cause.
  public var peakBuffers: [Buffer] {
    buffers.filter { $0.liveness.steps.contains(peakStep) }
      .sorted { ($1.liveness.size, $0.offset) < ($0.liveness.size, $1.offset) }
  }
}
