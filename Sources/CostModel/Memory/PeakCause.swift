import MemoryPlanning
public import ModelIR
public import Quantities

/// Why the arena is as large as it is: the step with the most live bytes, and what lives then.
public struct PeakCause: Sendable, Hashable, CustomStringConvertible {
  /// One buffer that is live at the peak.
  public struct Part: Sendable, Hashable {
    /// The tensor that owns the bytes.
    public let tensor: String
    /// Others that share them: views, and results that overwrite it.
    public let sharing: [String]
    public let size: Bytes
    /// Of all bytes live at the peak.
    public let share: Double
    public init(tensor: String, sharing: [String], size: Bytes, share: Double) {
      self.tensor = tensor
      self.sharing = sharing
      self.size = size
      self.share = share
    }
  }

  /// The kernel that runs at the peak, by position and name.
  public let step: Int
  public let kernel: String
  public let liveBytes: Bytes
  /// Largest first.
  public let parts: [Part]

  public init(step: Int, kernel: String, liveBytes: Bytes, parts: [Part]) {
    self.step = step
    self.kernel = kernel
    self.liveBytes = liveBytes
    self.parts = parts
  }

  /// `nil` when nothing is in the arena or no kernel runs.
  public init?(arena: ArenaPlan, kernels: [ExecutionPlan.Kernel], workload: Workload) {
    guard kernels.indices.contains(arena.peakStep), arena.peakLiveBytes > .zero else { return nil }
    func name(_ tensor: Workload.TensorID) -> String {
      workload.tensors.indices.contains(tensor) ? workload.tensors[tensor].name : "#\(tensor)"
    }
    self.init(
      step: arena.peakStep, kernel: kernels[arena.peakStep].name, liveBytes: arena.peakLiveBytes,
      parts: arena.peakBuffers.map { buffer in
        Part(
          tensor: buffer.tensors.first.map(name) ?? "",
          sharing: buffer.tensors.dropFirst().map(name), size: buffer.liveness.size,
          share: Double(buffer.liveness.size.rawValue) / Double(arena.peakLiveBytes.rawValue))
      })
  }

  public init?(_ plan: ExecutionPlan) {
    self.init(arena: plan.arena, kernels: plan.kernels, workload: plan.workload)
  }

  /// "the peak is at kernel 3 'conv2': 2 tensors, 4.60 MiB + 1.10 MiB"
  public var description: String {
    let shown = parts.prefix(4).map(\.size.description).joined(separator: " + ")
    let sizes = parts.count > 4 ? "\(shown) + \(parts.count - 4) more" : shown
    let count = parts.count == 1 ? "1 tensor" : "\(parts.count) tensors"
    return "the peak is at kernel \(step) '\(kernel)': \(count), \(sizes)"
  }
}
