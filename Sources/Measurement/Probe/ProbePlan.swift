import CKernels
import Quantities
import TensorTypes

/// Where and how much: the working sets that a host's caches ask for.
struct ProbePlan {
  /// A level of the hierarchy and the bytes that live in it.
  struct Place: Hashable {
    let name: String
    /// Of each thread, all its buffers together.
    let bytesAThread: @Sendable (_ threads: Int) -> Int
    let isMemory: Bool

    static func == (lhs: Self, rhs: Self) -> Bool { lhs.name == rhs.name }
    func hash(into hasher: inout Hasher) { hasher.combine(name) }
  }

  let levels: [HostLimits.Level]
  let places: [Place]
  /// Of each of three buffers, all threads together.
  let bufferBytes: Int

  /// Each kind of arithmetic with the instruction sets that do it in a way of their own.
  static let arithmetic: [(dtype: DType, kind: bf_arithmetic, sets: [bf_isa])] = [
    (.float32, BF_PEAK_F32, [BF_ISA_PORTABLE, BF_ISA_NEON, BF_ISA_AVX2, BF_ISA_AVX512]),
    (.float64, BF_PEAK_F64, [BF_ISA_PORTABLE, BF_ISA_NEON, BF_ISA_AVX2, BF_ISA_AVX512]),
    (.bfloat16, BF_PEAK_BF16, [BF_ISA_AVX512_BF16]),
    (
      .int8, BF_PEAK_INT8,
      [
        BF_ISA_NEON, BF_ISA_NEON_DOT, BF_ISA_AVX2, BF_ISA_AVX2_VNNI, BF_ISA_AVX512,
        BF_ISA_AVX512_VNNI,
      ]
    ),
  ]

  /// Half of a core's own cache and a quarter of a shared one, in which others live too; four times
  /// the last cache for memory, as STREAM demands of its arrays.
  init(_ host: HostFacts) {
    let caches = host.dataCaches.filter { $0.capacityBytes >= 4096 }
    // Hardware threads of one core share its own caches.
    let threadsACore = max(1, host.processorCount / max(1, host.coreCount ?? host.processorCount))
    levels = caches.map { cache in
      HostLimits.Level(
        name: cache.level == 1 ? "l1d" : "l\(cache.level)", capacity: Bytes(cache.capacityBytes),
        isShared: cache.sharedBy > threadsACore)
    }
    let last = min(caches.last?.capacityBytes ?? 32 << 20, 256 << 20)
    let memory = max(128 << 20, 4 * last)
    var places = zip(levels, caches).map { level, cache in
      let capacity = min(cache.capacityBytes, 256 << 20)
      let sharers = cache.sharedBy
      let share = level.isShared ? 4 : 2
      return Place(
        name: level.name, bytesAThread: { capacity / share / min($0, sharers) }, isMemory: false)
    }
    places.append(Place(name: "dram", bytesAThread: { memory / $0 }, isMemory: true))
    self.places = places
    bufferBytes = memory
  }
}
