import HardwareModel
import Quantities

/// Which memory of the board holds weights and which activations: the first that has room, in the
/// board's order, or else the largest.
struct MemoryHomes {
  let weights: Memory
  let activations: Memory
  /// Where the runtime itself lives.
  let host: Memory

  init(_ plan: ExecutionPlan, on deployment: Deployment) throws(DeploymentError) {
    let own = deployment.unit.link == nil ? nil : deployment.board.memory(deployment.unit.memory)
    var candidates = deployment.board.memories.filter { $0.kind != .device }
    if let own { candidates = [own] + candidates }
    weights = try Self.home(.weights, needs: plan.weightSize, candidates, deployment)
    activations = try Self.home(.activations, needs: plan.arena.size, candidates, deployment)
    host = deployment.board.memory(deployment.host.memory) ?? activations
  }

  private static func home(
    _ what: Memory.Holds, needs size: Bytes, _ memories: [Memory], _ deployment: Deployment
  ) throws(DeploymentError) -> Memory {
    let able = memories.filter { $0.holds.contains(what) }
    guard let largest = able.max(by: { $0.capacity.value < $1.capacity.value }) else {
      throw .noMemoryFor(what.rawValue, board: deployment.board.id)
    }
    return able.first { size <= $0.capacity.value - ($0.reserved?.value ?? .zero) } ?? largest
  }

  /// What stands in each memory against its capacity.
  func fit(_ plan: ExecutionPlan, on deployment: Deployment) -> [MemoryFit] {
    let copies = deployment.runtime.memory.repacksWeights && weights.kind == .dram ? 2 : 1
    let base = deployment.runtime.memory.base
    var fits: [MemoryFit] = []
    for memory in [activations, weights, host]
    where !fits.contains(where: { $0.memory == memory.id }) {
      var parts: [MemoryFit.Part] = []
      if memory.id == weights.id {
        parts.append(.init(name: "weights", size: plan.weightSize))
        if copies == 2 { parts.append(.init(name: "repacked weights", size: plan.weightSize)) }
      }
      if memory.id == activations.id {
        parts.append(.init(name: "activations", size: plan.arena.size))
      }
      if memory.id == host.id, let base {
        parts.append(.init(name: "runtime", size: base.value))
      }
      if let reserved = memory.reserved {
        parts.append(.init(name: "system", size: reserved.value))
      }
      let hasUnknown = memory.kind == .dram && memory.reserved == nil
      fits.append(
        MemoryFit(
          memory: memory.id, capacity: memory.capacity.value, parts: parts,
          verdict: Self.verdict(parts, memory.capacity.value, hasUnknown: hasUnknown)))
    }
    return fits
  }

  /// Memory that must stay free for a plain "fits".
  private static let spareShare = 0.1

  private static func verdict(
    _ parts: [MemoryFit.Part], _ capacity: Bytes, hasUnknown: Bool
  ) -> MemoryFit.Verdict {
    let needed = parts.reduce(Bytes.zero) { $0 + $1.size }
    if needed > capacity { return .doesNotFit }
    let tight = Double(needed.rawValue) > (1 - spareShare) * Double(capacity.rawValue)
    return tight || hasUnknown ? .marginal : .fits
  }
}
