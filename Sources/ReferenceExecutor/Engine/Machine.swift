import CKernels

/// A place in the memory of a loaded model.
struct Address: Hashable {
  var storage: Int
  /// In bytes.
  var offset: Int
}

/// What instructions run on: where each storage begins, shared scratch memory, and threads.
@safe final class Machine {
  /// `nil` for one thread.
  let pool: OpaquePointer?
  let threads: Int
  private(set) var bases: UnsafeMutablePointer<UnsafeMutableRawPointer>
  private var capacity = 1024
  private(set) var scratch: UnsafeMutableRawPointer
  private var scratchSize = 0
  /// Values whose extents only a run tells.
  var tensors: [Int: Tensor] = [:]

  /// - Throws: ``ExecutionError/threads(_:)``.
  init(threads: Int, processors: [Int]) throws(ExecutionError) {
    guard threads >= 1, threads <= 4096, processors.isEmpty || processors.count == threads else {
      throw .threads(threads)
    }
    self.threads = threads
    if threads == 1 && processors.isEmpty {
      unsafe pool = nil
    } else {
      let cpus = processors.map { Int32(clamping: $0) }
      unsafe pool =
        cpus.isEmpty
        ? bf_pool_create(threads, nil)
        : cpus.withUnsafeBufferPointer { unsafe bf_pool_create(threads, $0.baseAddress) }
      guard unsafe pool != nil else { throw .threads(threads) }
    }
    unsafe bases = .allocate(capacity: capacity)
    unsafe scratch = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)
    unsafe bases.initialize(repeating: scratch, count: capacity)
  }

  deinit {
    if let pool = unsafe pool { unsafe bf_pool_destroy(pool) }
    unsafe bases.deallocate()
    unsafe scratch.deallocate()
  }

  /// - Parameter base: `nil` for storages without bytes.
  func setBase(of storage: Int, _ base: UnsafeMutableRawPointer?) {
    if storage >= capacity {
      let grown = max(2 * capacity, storage + 1)
      let moved = UnsafeMutablePointer<UnsafeMutableRawPointer>.allocate(capacity: grown)
      unsafe moved.initialize(repeating: scratch, count: grown)
      unsafe moved.update(from: bases, count: capacity)
      unsafe bases.deallocate()
      unsafe bases = moved
      capacity = grown
    }
    unsafe bases[storage] = base ?? scratch
  }

  func reserveScratch(_ bytes: Int) {
    guard bytes > scratchSize else { return }
    unsafe scratch.deallocate()
    unsafe scratch = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    scratchSize = bytes
  }

  /// Notes when workers work; `false` when there is no memory for it.
  func startTrace(stepCount: Int) -> Bool {
    // A step is a job or a few; what is beyond that is left out.
    unsafe bf_trace_start(pool, 8 * stepCount + 1024)
  }

  func stopTrace(into times: inout StepTimes?) {
    unsafe bf_trace_stop(pool)
    for worker in 1..<max(threads, 1) {
      var count = 0
      let spans = unsafe bf_trace_spans(pool, worker, &count)
      for index in 0..<count {
        guard let span = unsafe spans?[index] else { break }
        times?.workers.append((worker, span.begin, span.end))
      }
    }
  }

  @inline(__always)
  func pointer(_ address: Address) -> UnsafeMutableRawPointer {
    unsafe bases[address.storage] + address.offset
  }

  @inline(__always)
  func floats(_ address: Address) -> UnsafeMutablePointer<Float> {
    unsafe pointer(address).assumingMemoryBound(to: Float.self)
  }

  @inline(__always)
  func floats(_ address: Address?) -> UnsafePointer<Float>? {
    guard let address else { return nil }
    return unsafe UnsafePointer(floats(address))
  }

  @inline(__always)
  func integers(_ address: Address?) -> UnsafePointer<Int32>? {
    guard let address else { return nil }
    return unsafe UnsafePointer(pointer(address).assumingMemoryBound(to: Int32.self))
  }
}

/// One kernel with everything that can be known before a run.
protocol Instruction {
  func run(_ machine: Machine) throws(ReferenceError)
}
