import HardwareModel
import ModelIR
import Quantities
import TensorTypes

extension Storage {
  /// Lets each elementwise result overwrite an input of its size that nobody reads afterwards.
  mutating func joinOverwrittenInputs() {
    for (position, kernel) in kernels.enumerated() where isPointwise(kernel) {
      for result in kernel.writes {
        guard let input = overwritableInput(of: kernel, at: position, for: result.tensor) else {
          continue
        }
        join(result.tensor, to: input)
      }
    }
  }

  private func overwritableInput(
    of kernel: ExecutionPlan.Kernel, at position: Int, for result: Workload.TensorID
  ) -> Workload.TensorID? {
    guard uses.indices.contains(result), let type = workload.tensors[result].type else {
      return nil
    }
    let target = owner(of: result)
    let use = uses[target]
    guard use.definition == position, use.liveness?.lowerBound == position else { return nil }
    return kernel.reads.lazy.map(\.tensor).first { tensor in
      guard uses.indices.contains(tensor) else { return false }
      let source = owner(of: tensor)
      let input = uses[source]
      guard source != target, input.isReusable, !input.isWeight, input.size == use.size,
        let definition = input.definition, definition < position,
        input.liveness?.upperBound == position + 1,
        loops.isInStep(position, with: definition)
      else { return false }
      return kernel.reads.allSatisfy { operand in
        !uses.indices.contains(operand.tensor) || owner(of: operand.tensor) != source
          || workload.tensors[operand.tensor].type?.elementCount == type.elementCount
      }
    }
  }

  /// Whether element i of the results depends on no other elements of the full-size inputs.
  private func isPointwise(_ kernel: ExecutionPlan.Kernel) -> Bool {
    switch kernel.kernelClass {
    case .elementwise, .transcendental:
      kernel.steps.allSatisfy {
        workload.steps.indices.contains($0) && workload.steps[$0].isPointwise
      }
    case .pointwiseConvolution, .spatialConvolution, .stridedConvolution, .stemConvolution,
      .groupedConvolution, .depthwiseConvolution, .matrixProduct, .matrixVector, .recurrent,
      .pooling, .reduction, .movement:
      false
    }
  }
}

extension Workload.Step {
  private static let views: Set<OperatorKind> = [
    .reshape, .flatten, .squeeze, .unsqueeze, .identity, .dropout, .bitCast,
  ]
  /// Beside the elementwise family and the views.
  private static let pointwise: Set<OperatorKind> = [
    .quantizeLinear, .dequantizeLinear, .cast, .castLike, .batchNormalization,
  ]

  /// Whether its first output is its first input under another shape, so that nothing need move.
  var isView: Bool { kind.map(Self.views.contains) ?? false }

  /// Whether element i of its output needs element i of a full-size input and no other.
  fileprivate var isPointwise: Bool {
    if case .elementwise = op { return true }
    return isView || kind.map(Self.pointwise.contains) ?? false
  }
}
