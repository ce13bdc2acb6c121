public import Quantities

extension Workload {
  /// All steps of one operator together.
  public struct OperatorSummary: Sendable, Hashable {
    public let name: String
    public var stepCount: Int
    /// Steps among them whose work is unknown; they are missing from the sums.
    public var unknownCount: Int
    public var macs: MACs
    public var flops: FLOPs
  }

  /// Arithmetic of the steps whose work is known, two operations a multiply-accumulate.
  public var flops: FLOPs {
    steps.reduce(.zero) { $0 + ($1.repetitions ?? 0) * ($1.work?.flops ?? .zero) }
  }

  /// The operators of the model, those with the most arithmetic first, then by count and name.
  public var operators: [OperatorSummary] {
    var summaries: [String: OperatorSummary] = [:]
    for step in steps {
      let name = step.op.name
      var summary =
        summaries[name]
        ?? OperatorSummary(name: name, stepCount: 0, unknownCount: 0, macs: .zero, flops: .zero)
      summary.stepCount += 1
      summary.unknownCount += step.isKnown ? 0 : 1
      summary.macs += step.macs
      summary.flops += step.flops
      summaries[name] = summary
    }
    return summaries.values.sorted {
      ($1.flops, $1.stepCount, $0.name) < ($0.flops, $0.stepCount, $1.name)
    }
  }

  /// What the caller feeds.
  public var inputs: [Tensor] { tensors.filter { $0.role == .input } }
  /// What the caller gets.
  public var outputs: [Tensor] { tensors.filter(\.isOutput) }
}

extension Workload.Step {
  /// Whether its work and how often it runs are known.
  public var isKnown: Bool { work != nil && repetitions != nil }
  /// Of all its repetitions in one run; zero where unknown, so that sums are lower bounds.
  public var macs: MACs { (repetitions ?? 0) * (work?.macs ?? .zero) }
  public var flops: FLOPs { (repetitions ?? 0) * (work?.flops ?? .zero) }
}
