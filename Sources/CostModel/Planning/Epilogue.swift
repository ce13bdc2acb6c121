import HardwareModel
import ModelIR
public import Quantities
import TensorTypes

extension ExecutionPlan {
  /// What follows a sum of products before its result leaves the registers.
  ///
  /// Elementwise kernels spend their time on loading and storing, which a step fused behind a
  /// contraction does not do: a share of peak that was measured on them says nothing about it.
  public struct Epilogue: Sendable, Hashable {
    /// Operations that converters fold into the weights: nobody runs them.
    public var folded: FLOPs
    /// Additions, products and bounds on sums that are in registers.
    public var inRegisters: FLOPs
    /// Elementary functions, softmax and reductions: about as long as in kernels of their own.
    public var functions: FLOPs

    public init(folded: FLOPs = .zero, inRegisters: FLOPs = .zero, functions: FLOPs = .zero) {
      self.folded = folded
      self.inRegisters = inRegisters
      self.functions = functions
    }

    public var sum: FLOPs { folded + inRegisters + functions }
  }
}

extension Workload {
  /// The part of a kernel's other operations that its contraction, the first step, has behind it.
  func epilogue(of steps: [Int]) -> ExecutionPlan.Epilogue {
    var epilogue = ExecutionPlan.Epilogue()
    guard let first = steps.first, self.steps[first].op.isContraction else { return epilogue }
    for index in steps {
      let step = self.steps[index]
      let operations = step.work?.otherOperations ?? .zero
      if step.kind == .batchNormalization {
        epilogue.folded += operations
      } else if step.op.isContraction {
        epilogue.inRegisters += operations
      } else {
        switch classify(step).kernelClass {
        case .transcendental, .reduction: epilogue.functions += operations
        case .elementwise where step.op.isElementwise: epilogue.inRegisters += operations
        case .elementwise, .pooling, .movement, .recurrent, .matrixProduct, .matrixVector,
          .pointwiseConvolution, .spatialConvolution, .stridedConvolution, .stemConvolution,
          .groupedConvolution, .depthwiseConvolution:
          break
        }
      }
    }
    return epilogue
  }
}
