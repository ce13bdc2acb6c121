public import HardwareModel
import Platform
import Quantities

/// Which of a device's cores a run used.
public enum CoreSet: Sendable, Hashable {
  case all, big, little

  /// Reads "big cores only", "little cores only"; everything else is all.
  public init(_ text: String) {
    let words = text.lowercased()
    self = words.hasPrefix("little") ? .little : words.hasPrefix("big") ? .big : .all
  }
}

extension CoreTable {
  /// The core whose name, or another name of it, stands in the text; the longest name wins.
  func core(writtenIn text: String) -> CoreType? {
    coresWritten(in: DescribedText(text)).first?.core
  }

  struct WrittenCore {
    let core: CoreType
    let range: Range<Int>
  }

  /// Every core named in the text, in order; of overlapping names, the longest.
  func coresWritten(in text: DescribedText) -> [WrittenCore] {
    var found: [WrittenCore] = []
    for core in cores {
      for name in [core.name] + core.names + core.shortNames {
        for range in text.occurrences(of: name) { found.append(.init(core: core, range: range)) }
      }
    }
    found.sort {
      ($0.range.lowerBound, -$0.range.count, $0.core.name)
        < ($1.range.lowerBound, -$1.range.count, $1.core.name)
    }
    var kept: [WrittenCore] = []
    for candidate in found where candidate.range.lowerBound >= kept.last?.range.upperBound ?? 0 {
      kept.append(candidate)
    }
    return kept
  }

  /// The chip or board whose name stands in the text; the longest name wins.
  func chip(writtenIn text: DescribedText) -> ChipType? {
    var best: (chip: ChipType, length: Int)?
    for chip in chips {
      for name in chip.names {
        guard let length = text.match(name), length > best?.length ?? 0 else { continue }
        best = (chip, length)
      }
    }
    return best?.chip
  }
}

extension CoreType {
  /// "A76" of "Cortex-A76": how people write it; shorter ones mean too many other things.
  fileprivate var shortNames: [String] {
    guard name.hasPrefix("Cortex-A"), let number = Int(name.dropFirst(8)), number >= 32 else {
      return []
    }
    return ["A\(number)"]
  }
}

/// Cores of a device as its description and the table have them.
private struct DescribedCluster {
  var core: CoreType
  var count: Int?
  var clock: Double?
  var boost: Double?

  /// Sorts fastest first.
  func precedes(_ other: DescribedCluster) -> Bool {
    let mine = core.macsPerCycle * (clock ?? 1e9)
    let others = other.core.macsPerCycle * (other.clock ?? 1e9)
    if mine != others { return mine > others }
    if core.order != other.core.order { return core.order.degree > other.core.order.degree }
    return (count ?? 1) > (other.count ?? 1)
  }
}

extension DeviceTraits {
  /// Reads a device from what a table of measurements calls it. Cores and clocks in the text come
  /// before those of the chip or board that it names; what nobody states is assumed, and said.
  ///
  /// `threads` of `nil` is all cores of the set.
  public init(
    description: String, threads: Int?, coreSet: CoreSet = .all, table: CoreTable
  ) {
    let text = DescribedText(description)
    var clusters = Self.written(in: text, table: table)
    let chip = table.chip(writtenIn: text)
    let known = (chip?.clusters ?? []).compactMap { cluster in
      table.core(cluster.core).map {
        DescribedCluster(
          core: $0, count: cluster.count, clock: cluster.clock.rawValue,
          boost: cluster.boost?.rawValue)
      }
    }
    if clusters.isEmpty {
      clusters = Self.reclocked(known, by: text)
    } else {
      Self.complete(&clusters, with: known)
    }
    clusters.sort { $0.precedes($1) }
    guard let chosen = coreSet == .little ? clusters.last : clusters.first else {
      self = Self.unknown(text, threads: threads ?? 4)
      return
    }
    let count = chosen.count ?? 4
    let used = max(1, threads ?? count)
    var assumptions: [String] = []
    let clock = used == 1 ? chosen.boost ?? chosen.clock : chosen.clock
    if clock == nil {
      assumptions.append("'\(description)' states no clock: \(Self.usualClock(chosen.core))")
    }
    self.init(
      core: chosen.core.name, architecture: chosen.core.architecture,
      clock: clock.map { Hertz($0) } ?? Self.usualClock(chosen.core),
      macsPerCycle: chosen.core.macsPerCycle, hasFloat16: chosen.core.hasFloat16,
      order: chosen.core.order, threads: used, assumptions: assumptions)
    memoryBandwidth = chip?.memory ?? usualMemory
  }

  /// Clusters whose cores the text names, with the clock and count that stand beside each.
  private static func written(in text: DescribedText, table: CoreTable) -> [DescribedCluster] {
    let cores = table.coresWritten(in: text)
    let parts = text.parts
    var clusters: [DescribedCluster] = []
    for (index, written) in cores.enumerated() {
      let part = parts.first { $0.contains(written.range.lowerBound) }
      let next = cores.indices.contains(index + 1) ? cores[index + 1].range.lowerBound : Int.max
      let end = min(next, part?.upperBound ?? text.letters.count)
      let begin = written.range.upperBound
      let after = text[begin..<max(begin, end)]
      let before = text[(part?.lowerBound ?? 0)..<written.range.lowerBound]
      let clocks = after.clocks.map(\.hertz)
      var cluster = DescribedCluster(core: written.core, count: after.count ?? before.count)
      if clocks.count > 1, let low = clocks.min(), let high = clocks.max() {
        // "3.8 GHz ~ 4.6 GHz": what all cores hold lies between, and one core reaches the top.
        cluster.clock = (low + high) / 2
        cluster.boost = high
      } else {
        cluster.clock = clocks.first
      }
      if let earlier = clusters.firstIndex(where: { $0.core == cluster.core && $0.clock == nil }) {
        clusters[earlier] = cluster
      } else if cluster.clock != nil || !clusters.contains(where: { $0.core == cluster.core }) {
        clusters.append(cluster)
      }
    }
    return clusters
  }

  /// Fills in what the text leaves open from the chip's entry, and adds clusters it does not mention.
  private static func complete(
    _ clusters: inout [DescribedCluster], with known: [DescribedCluster]
  ) {
    for index in clusters.indices {
      guard let same = known.first(where: { $0.core == clusters[index].core }) else { continue }
      if clusters[index].clock == nil {
        clusters[index].clock = same.clock
        clusters[index].boost = same.boost
      }
      clusters[index].count = clusters[index].count ?? same.count
    }
    for other in known where !clusters.contains(where: { $0.core == other.core }) {
      clusters.append(other)
    }
    if clusters.count == 1, clusters[0].clock == nil { clusters[0].clock = known.first?.clock }
  }

  /// The chip's clusters at the clocks that the text states without naming cores. On x86 the text
  /// states the base clock, which loaded cores exceed: the higher one holds.
  private static func reclocked(
    _ known: [DescribedCluster], by text: DescribedText
  ) -> [DescribedCluster] {
    var stated: [Double] = []
    for part in text.parts where !text[part].isAccelerator {
      if let clock = text[part].clocks.map(\.hertz).max() { stated.append(clock) }
    }
    stated.sort(by: >)
    guard let highest = stated.first, !known.isEmpty else { return known }
    var clusters = known.sorted { $0.precedes($1) }
    for index in clusters.indices {
      let clock = stated.count == clusters.count ? stated[index] : index == 0 ? highest : nil
      guard let clock else { continue }
      if clusters[index].core.architecture == .x86, clock < clusters[index].clock ?? 0 { continue }
      clusters[index].clock = clock
      clusters[index].boost = clusters[index].boost.map { max($0, clock) }
    }
    return clusters
  }

  /// The clock that cores of the kind usually have, for want of a stated one; chosen.
  private static func usualClock(_ core: CoreType) -> Hertz {
    switch core.architecture {
    case .x86, .power: Hertz(3.2e9)
    case .armv8: core.order == .outOfOrder ? Hertz(2.2e9) : Hertz(1.6e9)
    case .armv7, .riscv, .loongarch, .mips, .sw64: Hertz(1.3e9)
    case .armM, .riscv32, .xtensa, .rh850: Hertz(0.15e9)
    }
  }

  /// The memory bandwidth that chips with cores of the kind usually have, for want of a known chip; chosen.
  private var usualMemory: BytesPerSecond? {
    switch architecture {
    case .armv8: BytesPerSecond(order == .outOfOrder ? 25.6e9 : 12.8e9)
    case .armv7: BytesPerSecond(6.4e9)
    case .riscv, .loongarch, .mips: BytesPerSecond(12.8e9)
    case .x86, .power, .sw64, .armM, .riscv32, .xtensa, .rh850, nil: nil
    }
  }

  /// Broad traits of a device that neither the text nor the table tells.
  private static func unknown(_ text: DescribedText, threads: Int) -> DeviceTraits {
    func mentions(_ words: [String]) -> Bool {
      words.contains { !text.occurrences(of: $0).isEmpty }
    }
    let clock = text.parts.compactMap {
      text[$0].isAccelerator ? nil : text[$0].clocks.first?.hertz
    }
    .first
    var traits = DeviceTraits(
      core: nil, architecture: .armv8, clock: Hertz(clock ?? 1.8e9), macsPerCycle: 5,
      hasFloat16: true, order: .outOfOrder, threads: max(1, threads),
      assumptions: ["the device's cores are unknown: 64-bit Arm cores of middling speed assumed"])
    if mentions([
      "intel", "amd", "xeon", "ryzen", "x86", "x86 64", "core i3", "core i5", "core i7",
      "core i9", "i3", "i5", "i7", "i9", "celeron", "pentium", "epyc", "threadripper", "atom",
    ]) {
      traits.architecture = .x86
      traits.macsPerCycle = 16
      traits.hasFloat16 = false
      traits.clock = Hertz(max(clock ?? 0, 3.4e9))
      traits.assumptions = ["the device's cores are unknown: x86 cores with AVX2 assumed"]
    } else if mentions(["riscv", "risc v", "riscv64", "rv64", "rv64gc", "rv64gcv"]) {
      traits.architecture = .riscv
      traits.macsPerCycle = 2
      traits.hasFloat16 = false
      traits.order = .inOrder
      traits.assumptions = ["the device's cores are unknown: RISC-V cores assumed"]
    } else if mentions(["loongson", "loongarch"]) {
      traits.architecture = .loongarch
      traits.hasFloat16 = false
      traits.assumptions = ["the device's cores are unknown: LoongArch cores assumed"]
    } else if mentions(["armv7", "armv7l", "arm32", "armhf", "armv7 a"]) {
      traits.architecture = .armv7
      traits.macsPerCycle = 1.5
      traits.hasFloat16 = false
      traits.order = .inOrder
      traits.assumptions = ["the device's cores are unknown: 32-bit Arm cores assumed"]
    }
    traits.memoryBandwidth = traits.usualMemory
    return traits
  }
}
