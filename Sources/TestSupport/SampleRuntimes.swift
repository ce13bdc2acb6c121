public import HardwareModel
import Quantities
import TensorTypes

extension SampleBoards {
  /// Runtimes for the sample boards; the delegate lacks `Add` and `Resize`, and falls back.
  public static var runtimes: [Runtime] {
    [
      runtime(
        "sample-lite", "Sample Lite", [.cpuOutOfOrder: 2, .cpuInOrder: 4],
        computes: [.float32, .int8]),
      runtime("sample-micro", "Sample Micro", [.mcu: 3], computes: [.int8, .float32]),
      runtime(
        "sample-rt", "Sample RT", [.gpu: 6], computes: [.float16, .float32, .int8],
        efficiency: 0.3),
      runtime(
        "sample-delegate", "Sample Delegate", [.npu: 1], computes: [.int8], efficiency: 0.35,
        unsupported: [.add, .resize], fallback: "sample-lite"),
    ]
  }

  private static func runtime(
    _ id: String, _ name: String, _ dispatch: [UnitKind: Double], computes: [DType],
    efficiency: Double = 0.6, unsupported: [OperatorKind] = [], fallback: Runtime.ID? = nil
  ) -> Runtime {
    Runtime(
      id: id, name: name, version: "1.4", fallback: fallback,
      operators: OperatorSupport(
        rules: Dictionary(
          uniqueKeysWithValues: OperatorKind.allCases.map {
            ($0, OperatorSupport.Rule(level: unsupported.contains($0) ? .no : .yes))
          }), unlisted: .unsupported, source: "invented for this sample"),
      fusion: [.bias, .clampActivation, .foldBatchNormalization], partition: .any,
      memory: MemoryPolicy(
        aliasesViews: true, reusesInputs: true, alignment: 16, repacksWeights: false,
        base: estimated(Bytes(2 << 20))),
      kernels: dispatch.mapValues { microseconds in
        KernelProfile(
          computes: computes, dispatchOverhead: estimated(Seconds(microseconds * 1e-6)),
          invocationOverhead: estimated(Seconds(30 * microseconds * 1e-6)),
          computeEfficiency: Dictionary(
            uniqueKeysWithValues: KernelClass.allCases.map {
              ($0, estimated(share(of: $0, best: efficiency)))
            }), bandwidthEfficiency: estimated(Factor(value: 0.7, low: 0.5, high: 0.9)))
      })
  }

  /// Contractions reach the most; what has little work a byte reaches little of the peak.
  private static func share(of kernelClass: KernelClass, best: Double) -> Factor {
    let value =
      switch kernelClass {
      case .pointwiseConvolution, .spatialConvolution, .matrixProduct: best
      case .stridedConvolution, .stemConvolution, .groupedConvolution, .matrixVector, .recurrent:
        best * 0.7
      case .depthwiseConvolution, .pooling, .elementwise, .reduction: best * 0.25
      case .transcendental, .movement: best * 0.1
      }
    return Factor(value: value, low: value * 0.6, high: min(1, value * 1.5))
  }
}
