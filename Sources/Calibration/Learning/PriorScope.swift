/// What a prior is for: a kind of unit, under one runtime or under any that has no prior of its own.
public struct PriorScope: Sendable, Hashable {
  public let unit: UnitClass
  public let isForAnyRuntime: Bool
  public init(_ unit: UnitClass, isForAnyRuntime: Bool = false) {
    self.unit = unit
    self.isForAnyRuntime = isForAnyRuntime
  }

  /// What it knows of a device before any run: of one runtime, whose kernels its runs show in full, more
  /// than of any. An accelerator's traits hold its rate as ``DeviceTraits/macsPerCycle`` at 1 GHz.
  public var covariates: [Covariate] {
    switch unit {
    case .cpu:
      isForAnyRuntime
        ? [.intercept, .clock, .vectors, .order]
        : [
          .intercept, .clock, .vectors, .threads, .float16, .order, .manyThreads, .narrowMemory,
        ]
    case .gpu:
      isForAnyRuntime ? [.intercept, .vectors] : [.intercept, .vectors, .discrete, .nvidia]
    case .npu, .tinyNPU: [.intercept, .vectors]
    case .mcu: [.intercept, .clock, .vectors, .order]
    }
  }

  /// What the time of a model is made of. Processors start a convolution as they start any kernel; on
  /// graphics units, only the runs of one runtime tell the two apart.
  public var terms: [CostTerm] {
    switch unit {
    case .gpu: CostTerm.ofEveryUnit + (isForAnyRuntime ? [] : [.convolutionDispatch])
    case .npu: CostTerm.ofEveryUnit + [.streamedWeights]
    case .cpu, .tinyNPU, .mcu: CostTerm.ofEveryUnit
    }
  }

  public var settings: LearningSettings {
    if isForAnyRuntime { return .anyRuntime }
    return unit == .cpu ? .manyProcessors : LearningSettings()
  }
}

extension PriorFile.Provenance {
  public var scope: PriorScope {
    PriorScope(unit, isForAnyRuntime: isForAnyRuntime)
  }
}
