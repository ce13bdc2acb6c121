import CostModel
import HardwareModel
import MemoryPlanning
import ModelIR
import Quantities
import TensorTypes

/// A small workload with one kernel a step unless told otherwise, to check plans by hand. Tensors
/// are float32 vectors unless told otherwise, so that n elements take 4n bytes.
struct KernelList {
  var workload = Workload(name: "hand", tensors: [], steps: [])
  var kernels: [ExecutionPlan.Kernel] = []

  mutating func tensor(
    _ name: String, elements: Int?, dtype: DType = .float32,
    role: Workload.Tensor.Role = .intermediate, isOutput: Bool = false
  ) -> Workload.TensorID {
    workload.tensors.append(
      Workload.Tensor(
        name: name, type: elements.map { TensorType(dtype, [$0]) }, role: role,
        isOutput: isOutput))
    return workload.tensors.count - 1
  }

  /// A step that no kernel runs.
  @discardableResult
  mutating func step(
    _ op: Operator, _ inputs: [Workload.TensorID], _ outputs: [Workload.TensorID],
    repetitions: Int? = 1
  ) -> Int {
    workload.steps.append(
      Workload.Step(
        name: "step \(workload.steps.count)", op: op, inputs: inputs, outputs: outputs, work: nil,
        repetitions: repetitions))
    return workload.steps.count - 1
  }

  /// One kernel of the given steps.
  mutating func kernel(
    steps: [Int], class kernelClass: KernelClass, reads: [Workload.TensorID],
    writes: [Workload.TensorID], repetitions: Int = 1
  ) {
    let operands = { (tensors: [Workload.TensorID]) in
      tensors.map { ExecutionPlan.Operand(tensor: $0, size: Bytes(4)) }
    }
    kernels.append(
      ExecutionPlan.Kernel(
        name: "kernel \(kernels.count)", steps: steps, operatorName: "", kernelClass: kernelClass,
        placement: .unit, computes: .float32, macs: .zero, otherOperations: .zero,
        contraction: nil, reads: operands(reads), writes: operands(writes), weights: [],
        repetitions: repetitions, isKnown: true))
  }

  /// One step in a kernel of its own; ReLU and Add count as elementwise, all else as movement.
  mutating func run(
    _ op: Operator, _ inputs: [Workload.TensorID], _ outputs: [Workload.TensorID],
    repetitions: Int? = 1
  ) {
    let step = step(op, inputs, outputs, repetitions: repetitions)
    let kernelClass: KernelClass =
      if case .elementwise = op { .elementwise } else { .movement }
    kernel(
      steps: [step], class: kernelClass, reads: inputs, writes: outputs,
      repetitions: repetitions ?? 1)
  }

  func plan(aliasesViews: Bool = false, reusesInputs: Bool = false, alignment: Int = 1)
    -> ArenaPlan
  {
    ArenaPlan(
      kernels: kernels, workload: workload,
      tensorSizes: workload.tensors.map { $0.type?.storageSize ?? .zero },
      policy: MemoryPolicy(
        aliasesViews: aliasesViews, reusesInputs: reusesInputs, alignment: alignment,
        repacksWeights: false, base: nil))
  }
}

extension ArenaPlan {
  /// The tensors of each buffer with the steps they live.
  var lifetimes: [[Workload.TensorID]: Range<Int>] {
    Dictionary(uniqueKeysWithValues: buffers.map { ($0.tensors, $0.liveness.steps) })
  }
}

extension Operator {
  static let relu = Operator.elementwise(Elementwise(.relu))
  static let add = Operator.elementwise(Elementwise(.add))
  static let reshape = Operator.view(.reshape())
  static let softmax = Operator.softmax(Softmax(.softmax, axis: -1))
  /// Something that is neither a view nor pointwise.
  static let other = Operator.opaque(OpaqueOperator(name: "Other", domain: ""))
}
