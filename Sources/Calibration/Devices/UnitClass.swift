public import HardwareModel
import Platform
public import Quantities
public import RunImport

/// What kind of unit ran a measured model: the coarsest thing that a prior is for.
public enum UnitClass: String, Sendable, Hashable, CaseIterable {
  case cpu, gpu, npu
  /// Neural units beside microcontrollers, of less than 0.1 TOP/s, and FPGAs in their place.
  case tinyNPU = "tiny_npu"
  /// Microcontrollers.
  case mcu

  /// What a person calls it.
  public var title: String {
    switch self {
    case .cpu: "CPUs"
    case .gpu: "graphics units"
    case .npu: "neural units"
    case .tinyNPU: "tiny neural units"
    case .mcu: "microcontrollers"
    }
  }

  /// The kind of a described unit; `nil` for neural units, of which a profile does not say whether they
  /// are tiny.
  public init?(_ kind: UnitKind) {
    switch kind {
    case .cpuInOrder, .cpuOutOfOrder: self = .cpu
    case .mcu: self = .mcu
    case .gpu: self = .gpu
    case .npu: return nil
    }
  }

  /// The kernels of a runtime by whose rules graphs become kernels on the kind: those of the kind, or
  /// else any, because a runtime stands for others of its kind, too.
  public func kernels(of runtime: Runtime) -> KernelProfile? {
    let preferred: [UnitKind] =
      switch self {
      case .cpu: [.cpuOutOfOrder, .cpuInOrder]
      case .gpu: [.gpu]
      case .npu, .tinyNPU: [.npu]
      case .mcu: [.mcu]
      }
    return (preferred + UnitKind.allCases).lazy.compactMap { runtime.kernels[$0] }.first
  }

  private static let graphicsWords = [
    "vulkan", "opencl", "cuda", "tensorrt", "gpu", "metal",
  ]
  private static let neuralWords = [
    "npu", "edge tpu", "edgetpu", "libedgetpu", "rknn", "rkllm", "qnn", "genie", "tidl", "pulsar",
    "bpu", "hailo",
    "cloud ai", "furiosa", "warboy", "untether", "mera", "hanguang", "fpga", "rbln", "syntiant",
    "finn", "movidius", "centaur technology", "tim vx", "timvx", "ai stack", "untetherai",
    "furiosaai", "speedai240", "anpu",
  ]

  /// The kind of unit behind a run, by what its source says of runtime, accelerator and device.
  public init(of run: ImportedRun, table: CoreTable) {
    func mentions(_ text: String, _ words: [String]) -> Bool {
      let text = DescribedText(text)
      return words.contains { !text.occurrences(of: $0).isEmpty }
    }
    let software = "\(run.runtime), \(run.accelerator)"
    if mentions(software, Self.neuralWords) {
      self = Self.neural(run, table)
    } else if mentions(software, Self.graphicsWords)
      || mentions(run.deviceDescription, ["1x NVIDIA"])
    {
      self = .gpu
    } else if !run.accelerator.isEmpty || mentions(run.deviceDescription, Self.neuralWords) {
      self = Self.neural(run, table)
    } else if let core = table.device(describedBy: run.deviceDescription)?.architecture,
      core.isMicrocontroller
    {
      self = .mcu
    } else {
      self = .cpu
    }
  }

  private static func neural(_ run: ImportedRun, _ table: CoreTable) -> UnitClass {
    let unit = table.accelerator(.npu, of: run)
    return unit.map { $0.peakRate.rawValue < 1e11 } ?? false ? .tinyNPU : .npu
  }
}

extension ImportedRun {
  /// All that its source says of the unit.
  fileprivate var unitText: DescribedText {
    DescribedText("\(accelerator), \(deviceDescription), \(runtime)")
  }
}

extension CoreTable {
  /// The core, or the first core of the chip, that a text names.
  func device(describedBy description: String) -> CoreType? {
    let text = DescribedText(description)
    return coresWritten(in: text).first?.core
      ?? chip(writtenIn: text)?.clusters.first.flatMap { core($0.core) }
  }

  /// The accelerator whose name stands in the text; the longest name wins, but after those of which a
  /// part stands in `own`.
  func accelerator(
    _ kind: AcceleratorType.Kind, writtenIn text: DescribedText,
    own: DescribedText = DescribedText("")
  ) -> AcceleratorType? {
    var best: (unit: AcceleratorType, rank: (Int, Int))?
    for unit in accelerators where unit.kind == kind {
      for name in unit.names {
        guard let length = text.match(name) else { continue }
        let isOwn = name.split(separator: " & ").contains {
          !own.occurrences(of: String($0)).isEmpty
        }
        let rank = (isOwn ? 1 : 0, length)
        guard rank > best?.rank ?? (0, 0) else { continue }
        best = (unit, rank)
      }
    }
    return best?.unit
  }

  /// The accelerator that ran a model. A device may hold several: what the source calls the accelerator
  /// comes before what it says of the device.
  func accelerator(_ kind: AcceleratorType.Kind, of run: ImportedRun) -> AcceleratorType? {
    accelerator(kind, writtenIn: run.unitText, own: DescribedText(run.accelerator))
  }
}

extension ImportedRun {
  /// Weights in 8 bits that the neural unit which ran the model keeps from run to run; `nil` where it
  /// keeps none, or another kind of unit ran it.
  public func residentWeights(_ table: CoreTable) -> Bytes? {
    UnitClass(of: self, table: table) == .npu
      ? table.accelerator(.npu, of: self)?.residentWeights : nil
  }
}

extension DeviceTraits {
  /// What the source of a run says of the unit that ran it, as a prior of the scope reads it: under any
  /// runtime an accelerator is a design and a peak rate, under one a graphics unit is also a maker, and
  /// its rate that in float32, which programs for Vulkan reach.
  public init(of run: ImportedRun, for scope: PriorScope, table: CoreTable) {
    let kind: AcceleratorType.Kind
    switch scope.unit {
    case .cpu, .mcu:
      self.init(
        description: run.deviceDescription, threads: run.threads,
        coreSet: CoreSet(run.powerMode), table: table)
      return
    case .gpu: kind = .gpu
    case .npu, .tinyNPU: kind = .npu
    }
    let unit = table.accelerator(kind, of: run)
    let graphics =
      kind == .gpu && !scope.isForAnyRuntime
      ? GraphicsTraits(
        vendor: unit?.graphics?.vendor, isDiscrete: unit?.graphics?.isDiscrete ?? false) : nil
    let rate = graphics == nil ? unit?.peakRate : unit?.graphics?.float32Rate
    self.init(
      design: unit?.design, rate: rate ?? FLOPsPerSecond(kind.usualPeak), graphics: graphics,
      assumptions: unit == nil ? ["the unit's peak rate is unknown: a usual one assumed"] : [])
  }
}
