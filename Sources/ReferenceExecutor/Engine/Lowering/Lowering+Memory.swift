import CKernels
import MemoryPlanning
import ModelIR
import Quantities
import TensorTypes

/// Where everything of a loaded model lies.
struct LoweredMemory {
  let memory: ExecutionMemory
  let arena: TensorStorage
  /// Constants that instructions read.
  let retained: [TensorStorage]
  let inputs: [(position: Int, storage: Int)]
  let outputs: [(position: Int, storage: Int)]
}

extension Lowering {
  static let alignment = 64

  /// Gives every storage its memory, once all instructions stand.
  /// - Parameter limit: Bytes of memory that the model may take; what the system says when `nil`.
  func placed(within limit: Int?) throws(ExecutionError) -> LoweredMemory {
    var owners = Array(storages.indices)
    let lifetimes = lifetimes(joining: &owners)
    let placed = storages.indices.filter { owners[$0] == $0 && lifetimes[$0] != nil }
    let solution = ArenaPlacement.smallest(
      placed.map { storage in
        let size = Bytes(storages[storage].byteCount).roundedUp(to: Self.alignment)
        return Liveness(steps: lifetimes[storage] ?? 0..<1, size: size)
      })
    let scratch = steps.map(\.scratch).max() ?? 0
    var isRead = Array(repeating: false, count: storages.count)
    for step in steps { for storage in step.reads { isRead[storage] = true } }
    var (mapped, packed) = (0, 0)
    var retained: [TensorStorage] = []
    for (index, storage) in storages.enumerated() where isRead[index] {
      guard case .constant(let memory) = storage.home else { continue }
      retained.append(memory)
      memory.giveBack()
      if memory.isBorrowed { mapped += storage.byteCount } else { packed += storage.byteCount }
    }
    let needed = saturatingSum(saturatingSum(packed, solution.height.rawValue), scratch)
    // What is packed is there already.
    let available =
      limit ?? MemoryEstimate.availableBytes.map { saturatingSum($0, packed) } ?? .max
    guard needed <= available else { throw .tooLarge(needed: needed, available: available) }
    let arena = TensorStorage(byteCount: solution.height.rawValue)
    machine.reserveScratch(scratch)
    for (storage, offset) in zip(placed, solution.offsets) {
      unsafe machine.setBase(
        of: storage, arena.bytes.baseAddress.map { unsafe $0 + offset.rawValue })
    }
    for storage in storages.indices where owners[storage] != storage {
      unsafe machine.setBase(
        of: storage, machine.pointer(Address(storage: root(storage, owners), offset: 0)))
    }
    return LoweredMemory(
      memory: ExecutionMemory(
        mappedWeights: mapped, packedWeights: packed, arena: solution.height.rawValue,
        scratch: scratch),
      arena: arena, retained: retained,
      inputs: storages.indices.compactMap { index in
        if case .input(let position) = storages[index].home { (position, index) } else { nil }
      },
      outputs: storages.indices.compactMap { index in
        if case .output(let position) = storages[index].home { (position, index) } else { nil }
      })
  }

  /// The steps during which each storage of the arena is in use; `nil` for those that no step
  /// touches. A result that may overwrite an operand which dies with the step takes its place.
  private func lifetimes(joining owners: inout [Int]) -> [Range<Int>?] {
    var first = [Int?](repeating: nil, count: storages.count)
    var last = first
    for (position, step) in steps.enumerated() {
      for storage in step.reads + step.writes where storages[storage].isArena {
        first[storage] = first[storage] ?? position
        last[storage] = position
      }
    }
    for (position, step) in steps.enumerated() {
      guard step.writes.count == 1, let result = step.writes.first, storages[result].isArena,
        first[result] == position
      else { continue }
      for candidate in step.overwritable where storages[candidate].isArena {
        let owner = root(candidate, owners)
        guard owner != result, last[owner] == position, let start = first[owner],
          start < position, storages[owner].byteCount == storages[result].byteCount
        else { continue }
        owners[result] = owner
        last[owner] = last[result]
        break
      }
    }
    return storages.indices.map { storage in
      guard owners[storage] == storage, let start = first[storage], let end = last[storage] else {
        return nil
      }
      return start..<end + 1
    }
  }

  private func root(_ storage: Int, _ owners: [Int]) -> Int {
    var storage = storage
    while owners[storage] != storage { storage = owners[storage] }
    return storage
  }
}
