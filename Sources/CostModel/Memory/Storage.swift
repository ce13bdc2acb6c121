import HardwareModel
import MemoryPlanning
import ModelIR
import Quantities
import TensorTypes

/// Which tensors share bytes, and when those bytes are in use.
///
/// Tensors are joined step by step: first a view with what it looks at, then an elementwise result
/// with the dying input that it overwrites. Everything else follows from the joined sets.
struct Storage {
  /// The joined tensors' touches; kept at the set's owner.
  struct Use {
    /// The first kernel that writes it; -1 for what is there before the run.
    var definition: Int?
    var firstRead: Int?
    var lastTouch: Int?
    var size: Bytes
    var isInput = false
    var isOutput = false
    var isWeight = false
    /// Whether its bytes may become another tensor's once their last reader has them.
    var isReusable = true
    var liveness: Range<Int>?
  }

  let workload: Workload
  let kernels: [ExecutionPlan.Kernel]
  let loops: LoopNest
  private var owners: [Workload.TensorID]
  var uses: [Use]

  init(
    kernels: [ExecutionPlan.Kernel], workload: Workload, tensorSizes: [Bytes],
    policy: MemoryPolicy
  ) {
    self.workload = workload
    self.kernels = kernels
    loops = LoopNest(repetitions: kernels.map { Self.repetitions(of: $0, in: workload) })
    owners = Array(workload.tensors.indices)
    uses = workload.tensors.enumerated().map { index, tensor in
      Use(
        definition: tensor.role == .intermediate ? nil : -1,
        size: index < tensorSizes.count ? tensorSizes[index] : .zero,
        isInput: tensor.role == .input, isOutput: tensor.isOutput,
        isWeight: tensor.role == .weight)
    }
    joinViews(inKernels: policy.aliasesViews)
    recordTouches()
    setLiveness()
    if policy.reusesInputs { joinOverwrittenInputs() }
  }

  /// One buffer a set of tensors that share bytes, in the order of their owners, sizes rounded up
  /// to `alignment`; not yet placed.
  func buffers(alignment: Int) -> [ArenaPlan.Buffer] {
    var members: [[Workload.TensorID]] = Array(repeating: [], count: owners.count)
    for tensor in owners.indices {
      let owner = owner(of: tensor)
      if owner != tensor { members[owner].append(tensor) }
    }
    return owners.indices.compactMap { tensor in
      let use = uses[tensor]
      guard owners[tensor] == tensor, !use.isWeight, use.size > .zero, let steps = use.liveness
      else { return nil }
      return ArenaPlan.Buffer(
        tensors: [tensor] + members[tensor],
        liveness: Liveness(steps: steps, size: use.size.roundedUp(to: alignment)), offset: .zero)
    }
  }

  func owner(of tensor: Workload.TensorID) -> Workload.TensorID {
    var owner = tensor
    while owners[owner] != owner { owner = owners[owner] }
    return owner
  }

  /// Gives the bytes of `source` to `tensor` as well.
  mutating func join(_ tensor: Workload.TensorID, to source: Workload.TensorID) {
    let (child, parent) = (owner(of: tensor), owner(of: source))
    guard child != parent else { return }
    let use = uses[child]
    owners[child] = parent
    uses[parent].size = max(uses[parent].size, use.size)
    uses[parent].isOutput = uses[parent].isOutput || use.isOutput
    uses[parent].isReusable = uses[parent].isReusable && use.isReusable
    if let steps = uses[parent].liveness, let added = use.liveness {
      uses[parent].liveness =
        min(steps.lowerBound, added.lowerBound)..<max(steps.upperBound, added.upperBound)
    }
  }

  /// A view that no kernel runs is a name for its input under every policy.
  private mutating func joinViews(inKernels: Bool) {
    var isRun = Array(repeating: false, count: workload.steps.count)
    if !inKernels {
      for step in kernels.lazy.flatMap(\.steps) where isRun.indices.contains(step) {
        isRun[step] = true
      }
    }
    for (index, step) in workload.steps.enumerated() where !isRun[index] && step.isView {
      guard let source = step.inputs.first ?? nil, let result = step.outputs.first ?? nil,
        uses.indices.contains(source), uses.indices.contains(result),
        workload.tensors[result].role == .intermediate
      else { continue }
      join(result, to: source)
    }
  }

  private mutating func recordTouches() {
    for (position, kernel) in kernels.enumerated() {
      for operand in kernel.reads where uses.indices.contains(operand.tensor) {
        let owner = owner(of: operand.tensor)
        uses[owner].firstRead = uses[owner].firstRead ?? position
        uses[owner].lastTouch = position
      }
      for operand in kernel.writes where uses.indices.contains(operand.tensor) {
        let owner = owner(of: operand.tensor)
        uses[owner].definition = uses[owner].definition ?? position
        uses[owner].lastTouch = position
      }
    }
  }
}
