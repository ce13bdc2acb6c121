public import CostModel
import HardwareModel
import ModelIR
import Quantities
import TensorTypes

extension ExecutionPlan {
  /// The operators of the plan, with what gives them kernels of their own: "Conv 5x5 depthwise",
  /// "Conv grouped", "Gemm", "LRN".
  public var operatorTags: Set<String> {
    var tags: Set<String> = []
    for kernel in kernels where !kernel.isFree {
      guard let first = kernel.steps.first, workload.steps.indices.contains(first) else { continue }
      let step = workload.steps[first]
      for index in kernel.steps { tags.insert(workload.steps[index].op.name) }
      guard case .convolution(let convolution) = step.op else { continue }
      let window = convolution.window.kernel ?? weightWindow(step)
      let extents = window.map(String.init).joined(separator: "x")
      switch kernel.kernelClass {
      case .depthwiseConvolution: tags.insert("\(step.op.name) \(extents) depthwise")
      case .groupedConvolution: tags.insert("\(step.op.name) grouped")
      default:
        let isStrided = convolution.window.strides.contains { $0 > 1 }
        tags.insert("\(step.op.name) \(extents)\(isStrided ? " strided" : "")")
      }
    }
    return tags
  }

  private func weightWindow(_ step: Workload.Step) -> [Int] {
    let index = step.kind == .qLinearConv ? 3 : 1
    guard step.inputs.indices.contains(index), let id = step.inputs[index],
      let type = workload.tensors[id].type, type.rank > 2
    else { return [] }
    return Array(type.dimensions.dropFirst(2))
  }
}
