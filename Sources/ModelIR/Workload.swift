public import Quantities
public import TensorTypes

/// A typed graph as a cost model reads it: control flow unrolled into one list of steps, load-time
/// constants gone, and the work of every step computed once.
///
/// Values are renumbered: ``Tensor`` positions are unique over the graph and all its subgraphs.
public struct Workload: Sendable, Hashable {
  /// A position in ``tensors``.
  public typealias TensorID = Int

  public struct Tensor: Sendable, Hashable {
    public enum Role: Sendable, Hashable {
      /// Fed at each run.
      case input
      /// The same at every run, stored with the model.
      case weight
      /// Computed by a step.
      case intermediate
    }
    public var name: String
    /// `nil` where only a run would tell.
    public var type: TensorType?
    public var role: Role
    /// Whether the run hands it back to the caller.
    public var isOutput: Bool
    public init(name: String, type: TensorType?, role: Role, isOutput: Bool = false) {
      self.name = name
      self.type = type
      self.role = role
      self.isOutput = isOutput
    }
  }

  public struct Step: Sendable, Hashable {
    public var name: String
    public var op: Operator
    /// `nil` for an operator nobody models.
    public var kind: OperatorKind?
    /// `nil` where an optional input is absent.
    public var inputs: [TensorID?]
    public var outputs: [TensorID?]
    /// The work of one evaluation; `nil` when unknown, which is not zero.
    public var work: Work?
    /// How often one run evaluates the step; `nil` when an enclosing loop's trip count is unknown.
    public var repetitions: Int?
    public init(
      name: String, op: Operator, inputs: [TensorID?], outputs: [TensorID?], work: Work?,
      repetitions: Int? = 1
    ) {
      self.name = name
      self.op = op
      self.kind = op.kind
      self.inputs = inputs
      self.outputs = outputs
      self.work = work
      self.repetitions = repetitions
    }
  }

  public var name: String
  public var tensors: [Tensor]
  /// In an order in which they can run.
  public var steps: [Step]
  /// What was assumed on the way: extents bound by default, branches taken, unknown trip counts.
  public var assumptions: [String]

  public init(name: String, tensors: [Tensor], steps: [Step], assumptions: [String] = []) {
    self.name = name
    self.tensors = tensors
    self.steps = steps
    self.assumptions = assumptions
  }

  /// Bytes of all weights as stored, each counted once.
  public var weightSize: Bytes {
    tensors.reduce(.zero) { $1.role == .weight ? $0 + ($1.type?.storageSize ?? .zero) : $0 }
  }
  /// Multiply-accumulates of the steps whose work is known.
  public var macs: MACs {
    steps.reduce(.zero) { $0 + ($1.repetitions ?? 0) * ($1.work?.macs ?? .zero) }
  }
  /// The names of the steps whose work is unknown, with why.
  public var unknownSteps: [Step] { steps.filter { $0.work == nil || $0.repetitions == nil } }
}
