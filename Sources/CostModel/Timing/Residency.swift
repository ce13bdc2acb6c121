import HardwareModel
import Quantities

/// Where a model's bytes lie while it runs again and again.
struct Residency: Sendable, Hashable {
  /// The share of the weights that stay on the unit between runs.
  var weightsStay: Double
  /// Bytes a second that reach the arithmetic out of the caches, and the cache that most of the time goes
  /// to; `nil` when no cache's bandwidth is known: hits are then free.
  var cache: Cache?

  struct Cache: Sendable, Hashable {
    var name: String
    var rate: Double
  }
}

extension UnitModel {
  /// A cache of the cores at work.
  struct Cache {
    let name: String
    let capacity: Double
    /// Of all cores at work together, in bytes a second.
    let rate: Double

    /// `nil` when the bandwidth is unknown.
    init?(_ level: MemoryLevel, of unit: ComputeUnit, cores: Int, scale: Double) {
      guard let bandwidth = level.bandwidth?.value.rawValue else { return nil }
      let all = Double(cores)
      name = level.id
      switch level.scope {
      case .perCore:
        capacity = all * Double(level.capacity.value.rawValue)
        rate = all * bandwidth * scale
      case .shared:
        capacity = Double(level.capacity.value.rawValue)
        // Each core is served by its own bank or port: n of N draw n/N of it, unless it is known what
        // one draws by itself.
        let share = unit.kind.hasThreads ? all / Double(max(1, unit.coreCount)) : 1
        let one = unit.kind.hasThreads ? level.singleCoreBandwidth?.value.rawValue : nil
        rate = min(one.map { all * $0 } ?? bandwidth * share, bandwidth) * scale
      }
    }
  }

  /// That of a unit which others' kernels take turns with: nothing stays, and the last cache serves.
  var streaming: Residency {
    Residency(
      weightsStay: 0, cache: caches.last.map { Residency.Cache(name: $0.name, rate: $0.rate) })
  }

  /// Where weights and activations of so many bytes lie. On-chip weights stay between runs as far as they
  /// fit; cached ones when everything fits the last cache.
  ///
  /// What a run sweeps over again and again is found in a cache as far as it fits, because caches
  /// replace lines by sets, and not strictly the oldest: of a sweep over twice an inner cache, half is
  /// read from it.
  func residency(weights: Double, arena: Double) -> Residency {
    let working = weights + arena
    var stay = 1.0
    if weights > 0 {
      stay = residentWeights.map { min(1, $0 / weights) } ?? (working <= cacheCapacity ? 1 : 0)
    }
    guard let last = caches.last else { return Residency(weightsStay: stay, cache: nil) }
    var held = 0.0
    var secondsOfByte = 0.0
    var longest = (name: last.name, seconds: 0.0)
    for (index, cache) in caches.enumerated() {
      let isLast = index == caches.count - 1
      let holds = isLast || working <= cache.capacity ? 1 : cache.capacity / working
      let seconds = max(0, holds - held) / cache.rate
      held = max(held, holds)
      secondsOfByte += seconds
      if seconds > longest.seconds { longest = (cache.name, seconds) }
    }
    return Residency(
      weightsStay: stay, cache: .init(name: longest.name, rate: 1 / secondsOfByte))
  }
}
