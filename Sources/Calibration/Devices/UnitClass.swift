public import HardwareModel
import Platform
import Quantities
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

  /// What a prior of the kind knows of a device before any run. An accelerator's traits hold its peak
  /// rate as ``DeviceTraits/macsPerCycle`` at 1 GHz.
  public var covariates: [Covariate] {
    switch self {
    case .cpu: [.intercept, .clock, .vectors, .order]
    case .gpu, .npu, .tinyNPU: [.intercept, .vectors]
    case .mcu: [.intercept, .clock, .vectors, .order]
    }
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
    let unit = table.accelerator(.npu, writtenIn: run.unitText)
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

  /// The accelerator whose name stands in the text; the longest name wins.
  func accelerator(_ kind: AcceleratorType.Kind, writtenIn text: DescribedText) -> AcceleratorType?
  {
    var best: (unit: AcceleratorType, length: Int)?
    for unit in accelerators where unit.kind == kind {
      for name in unit.names {
        guard let length = text.match(name), length > best?.length ?? 0 else { continue }
        best = (unit, length)
      }
    }
    return best?.unit
  }
}

extension DeviceTraits {
  /// What the source of a run says of the unit that ran it, as a prior for the kind of unit reads it.
  public init(of run: ImportedRun, as unit: UnitClass, table: CoreTable) {
    let kind: AcceleratorType.Kind
    switch unit {
    case .cpu, .mcu:
      self.init(
        description: run.deviceDescription, threads: run.threads,
        coreSet: CoreSet(run.powerMode), table: table)
      return
    case .gpu: kind = .gpu
    case .npu, .tinyNPU: kind = .npu
    }
    let unit = table.accelerator(kind, writtenIn: run.unitText)
    let peak = unit?.peakRate.rawValue ?? Self.usualPeak(kind)
    self.init(
      core: unit?.design, architecture: nil, clock: Hertz(1e9), macsPerCycle: peak / 2e9,
      hasFloat16: true, order: .outOfOrder, threads: 1,
      assumptions: unit == nil ? ["the unit's peak rate is unknown: a usual one assumed"] : [])
  }

  /// A middling peak rate of units that one finds on boards, in FLOP/s; chosen, not measured.
  private static func usualPeak(_ kind: AcceleratorType.Kind) -> Double {
    switch kind {
    case .gpu: 1e12
    case .npu: 6e12
    }
  }
}
