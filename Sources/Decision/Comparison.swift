public import CostModel
public import ModelIR

/// One model on one deployment.
public struct Candidate: Sendable {
  public let estimate: Estimate
  public let verdict: Verdict
  public init(estimate: Estimate, verdict: Verdict) {
    self.estimate = estimate
    self.verdict = verdict
  }
}

/// A model as the comparison read it.
public struct ComparedModel: Sendable {
  /// What the user calls it: the file's name without folders and extension.
  public let name: String
  public let path: String
  /// SHA-256 of the file, in hexadecimal.
  public let digest: String
  public let workload: Workload
  public let warnings: [String]
  public init(
    name: String, path: String, digest: String, workload: Workload, warnings: [String]
  ) {
    self.name = name
    self.path = path
    self.digest = digest
    self.workload = workload
    self.warnings = warnings
  }
}

/// Models against deployments under one set of requirements.
public struct Comparison: Sendable {
  /// A deployment that cannot run the model at all, and why.
  public struct Refusal: Sendable, Hashable {
    public let deployment: String
    public let reason: String
    public init(deployment: String, reason: String) {
      self.deployment = deployment
      self.reason = reason
    }
  }
  /// What became of one model.
  public struct Entry: Sendable {
    public let model: ComparedModel
    /// Best first: acceptable before not, then by latency.
    public let candidates: [Candidate]
    public let refusals: [Refusal]
    public init(model: ComparedModel, candidates: [Candidate], refusals: [Refusal]) {
      self.model = model
      self.candidates = candidates.sorted { Self.precedes($0, $1) }
      self.refusals = refusals
    }

    private static func precedes(_ lhs: Candidate, _ rhs: Candidate) -> Bool {
      if lhs.verdict.overall != rhs.verdict.overall {
        return lhs.verdict.overall < rhs.verdict.overall
      }
      let (left, right) = (lhs.estimate, rhs.estimate)
      return (left.latency.median, left.deployment.label)
        < (right.latency.median, right.deployment.label)
    }
  }

  public let requirements: Requirements
  public let entries: [Entry]
  public init(requirements: Requirements, entries: [Entry]) {
    self.requirements = requirements
    self.entries = entries
  }

  /// Whether every model has at least one deployment that meets all that was asked.
  public var isSatisfied: Bool {
    entries.allSatisfy { entry in entry.candidates.contains { $0.verdict.isAcceptable } }
  }
}
