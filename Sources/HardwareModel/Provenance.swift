import Quantities
import TensorTypes

/// One number of a profile and where it came from, ready to print.
public struct Fact: Sendable, Hashable {
  /// What the number is: "cpu.Cortex-A76.peak int8".
  public let path: String
  /// The number with its unit.
  public let value: String
  public let basis: Basis
  public let source: String

  private init(path: String, value: String, basis: Basis, source: String) {
    self.path = path
    self.value = value
    self.basis = basis
    self.source = source
  }

  /// The same number under a longer path.
  fileprivate func prefixed(by prefix: String) -> Fact {
    Fact(path: "\(prefix).\(path)", value: value, basis: basis, source: source)
  }

  fileprivate init<Value>(_ path: String, _ number: Sourced<Value>, as value: String) {
    self.path = path
    self.value = value
    self.basis = number.basis
    self.source = number.source
  }

  fileprivate init<Value: Quantity>(_ path: String, _ number: Sourced<Value>) {
    self.init(path, number, as: number.value.description)
  }
}

extension Board {
  /// Every number of the board, in the order of the profile's sections; paths are unique.
  public var facts: [Fact] {
    var facts: [Fact] = []
    if let price { facts.append(Fact("price", price)) }
    facts += memories.flatMap(\.facts)
    for link in links {
      facts.append(Fact("\(link.id).bandwidth", link.bandwidth))
      facts.append(Fact("\(link.id).latency", link.latency))
    }
    facts += units.flatMap(\.facts)
    facts += powerModes.flatMap { $0.facts(units: units) }
    return facts
  }
}

extension Memory {
  fileprivate var facts: [Fact] {
    var facts = [Fact("\(id).capacity", capacity)]
    if let reserved { facts.append(Fact("\(id).reserved", reserved)) }
    facts.append(Fact("\(id).bandwidth", bandwidth))
    if let singleCoreBandwidth {
      facts.append(Fact("\(id).single-core bandwidth", singleCoreBandwidth))
    }
    return facts
  }
}

extension ComputeUnit {
  fileprivate var facts: [Fact] {
    var facts: [Fact] = []
    for cluster in clusters {
      let prefix = "\(id).\(cluster.name)"
      if let clock = cluster.clock { facts.append(Fact("\(prefix).clock", clock)) }
      for dtype in DType.allCases {
        guard let rate = cluster.peakRates[dtype] else { continue }
        let value = rate.value.description(of: dtype)
        facts.append(Fact("\(prefix).peak \(dtype.rawValue)", rate, as: value))
      }
    }
    for level in levels {
      facts.append(Fact("\(id).\(level.id).capacity", level.capacity))
      if let bandwidth = level.bandwidth {
        facts.append(Fact("\(id).\(level.id).bandwidth", bandwidth))
      }
      if let one = level.singleCoreBandwidth {
        facts.append(Fact("\(id).\(level.id).single-core bandwidth", one))
      }
    }
    if let tile {
      let shape = "\(tile.value.m)×\(tile.value.n)×\(tile.value.k)"
      facts.append(Fact("\(id).tile", tile, as: shape))
    }
    if let residentWeights { facts.append(Fact("\(id).resident weights", residentWeights)) }
    return facts
  }
}

extension PowerMode {
  fileprivate func facts(units: [ComputeUnit]) -> [Fact] {
    var facts: [Fact] = []
    if let power { facts.append(Fact("\(id) mode.power", power)) }
    if let memoryScale {
      facts.append(
        Fact("\(id) mode.memory scale", memoryScale, as: Fraction(memoryScale.value).description))
    }
    for unit in units {
      guard let scale = self.units[unit.id]?.clockScale else { continue }
      facts.append(
        Fact("\(id) mode.\(unit.id) clock scale", scale, as: Fraction(scale.value).description))
    }
    return facts
  }
}

extension Runtime {
  /// The numbers that the runtime brings to units of a kind; empty when it drives none.
  public func facts(for kind: UnitKind) -> [Fact] {
    guard let profile = kernels[kind] else { return [] }
    let prefix = kind.rawValue
    var facts = [
      Fact("\(prefix).dispatch overhead", profile.dispatchOverhead),
      Fact("\(prefix).invocation overhead", profile.invocationOverhead),
    ]
    for kernelClass in KernelClass.allCases {
      guard let efficiency = profile.computeEfficiency[kernelClass] else { continue }
      let path = "\(prefix).compute efficiency \(kernelClass.rawValue)"
      facts.append(Fact(path, efficiency, as: efficiency.value.printed))
    }
    for (dtype, table) in profile.dtypeEfficiency.sorted(by: { $0.key.rawValue < $1.key.rawValue })
    {
      for (kernelClass, efficiency) in table.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        let path = "\(prefix).compute efficiency \(kernelClass.rawValue) \(dtype.rawValue)"
        facts.append(Fact(path, efficiency, as: efficiency.value.printed))
      }
    }
    let bandwidth = profile.bandwidthEfficiency
    facts.append(Fact("\(prefix).bandwidth efficiency", bandwidth, as: bandwidth.value.printed))
    if let weights = profile.weightBandwidthEfficiency {
      facts.append(
        Fact("\(prefix).weight bandwidth efficiency", weights, as: weights.value.printed))
    }
    if let base = memory.base { facts.append(Fact("memory.base", base)) }
    return facts
  }
}

extension Factor {
  fileprivate var printed: String { "\(Fraction(value)) (\(Fraction(low)) to \(Fraction(high)))" }
}

extension FLOPsPerSecond {
  /// "154 GOP/s" for integers, "38.4 GFLOP/s" for floating point.
  fileprivate func description(of dtype: DType) -> String {
    dtype.isFloatingPoint ? description : description.replacing("FLOP", with: "OP")
  }
}

extension Catalog {
  /// Every number that an estimate on the board may rest on: the board's own, then those of the
  /// runtimes that drive its units.
  public func facts(of board: Board) -> [Fact] {
    var facts = board.facts
    for unit in board.units {
      for id in unit.runtimes {
        guard let runtime = runtime(id) else { continue }
        facts += runtime.facts(for: unit.kind).map { $0.prefixed(by: "\(unit.id).\(id)") }
      }
    }
    return facts
  }
}
