import CostModel
import MemoryPlanning
import Platform
import Quantities
import TestSupport

/// The kinds of seeded lifetime sets that a planner must cope with.
enum LifetimeKind: Int, CaseIterable {
  /// A network: most tensors live for the next kernel, one in eight skips up to ten.
  case chainWithSkips
  /// Any first and last step: about a third of all pairs overlap.
  case uniform
  /// Short lifetimes of three sizes only.
  case equalSizes
  /// Every tensor lives through the middle half.
  case crowded
  /// All at one step.
  case simultaneous

  /// Sizes are multiples of 16 bytes.
  func lifetimes(count: Int, seed: Int) -> [Liveness] {
    var random = SeededGenerator(seed: UInt64(seed))
    return (0..<count).map { index in
      let size = Bytes(16 * Int.random(in: 1...4096, using: &random))
      switch self {
      case .chainWithSkips:
        let skips = Int.random(in: 0..<8, using: &random) == 0
        let length = skips ? Int.random(in: 3...12, using: &random) : 2
        return Liveness(steps: index..<index + length, size: size)
      case .uniform:
        let ends = (0..<2).map { _ in Int.random(in: 0...count, using: &random) }.sorted()
        return Liveness(steps: ends[0]..<ends[1] + 1, size: size)
      case .equalSizes:
        let start = Int.random(in: 0..<count, using: &random)
        let length = Int.random(in: 1...6, using: &random)
        let rounded = Bytes(1024 << Int.random(in: 0..<3, using: &random))
        return Liveness(steps: start..<start + length, size: rounded)
      case .crowded:
        let start = Int.random(in: 0...(count / 4), using: &random)
        let end = Int.random(in: (3 * count / 4)...count, using: &random)
        return Liveness(steps: start..<end + 1, size: size)
      case .simultaneous:
        return Liveness(steps: 0..<1, size: size)
      }
    }
  }
}

/// A hundred sets of each kind, of 1 to 60 buffers.
struct LifetimeSet: CustomStringConvertible {
  let kind: LifetimeKind
  let seed: Int
  let lifetimes: [Liveness]

  init(_ kind: LifetimeKind, seed: Int) {
    self.kind = kind
    self.seed = seed
    var random = SeededGenerator(seed: UInt64(1000 + seed))
    lifetimes = kind.lifetimes(count: .random(in: 1...60, using: &random), seed: seed)
  }

  static func all(_ kind: LifetimeKind) -> [LifetimeSet] {
    (0..<100).map { LifetimeSet(kind, seed: $0) }
  }

  var description: String { "\(kind), seed \(seed)" }
}

/// Buffers that wait for their offsets.
func unplaced(_ lifetimes: [Liveness]) -> [ArenaPlan.Buffer] {
  lifetimes.enumerated().map {
    ArenaPlan.Buffer(tensors: [$0], liveness: $1, offset: .zero)
  }
}
