import Platform

/// Bytes on the heap, in pages of their own, or of a file that stays mapped as long as they are used.
///
/// Sendable without a check because the bytes are written only while no tensor that was handed out
/// shares them: before the first one is, or by the engine that alone holds them again.
@safe final class TensorStorage: @unchecked Sendable {
  static let alignment = 64
  /// From here on, pages of their own: an allocator would keep them when they are let go of.
  private static let leastPages = 256 << 10
  /// Large pages, where the system has them, save the processor most of its address translation:
  /// one row times a large matrix streams at 33 GB/s instead of 22.
  private static let largePage = 2 << 20

  private enum Origin {
    case heap
    /// Bytes that are mapped.
    case pages(Int)
    case borrowed(any Sendable, giveBack: (@Sendable (Range<Int>) -> Void)?)
  }

  let bytes: UnsafeMutableRawBufferPointer
  private let origin: Origin

  /// Zeroed bytes.
  init(byteCount: Int) {
    if byteCount >= Self.leastPages, let mapped = unsafe Self.pages(for: byteCount) {
      unsafe bytes = UnsafeMutableRawBufferPointer(start: mapped.base, count: byteCount)
      origin = unsafe .pages(mapped.count)
      return
    }
    unsafe bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(byteCount, 1), alignment: Self.alignment)
    unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0)
    origin = .heap
  }

  /// Bytes that `owner` keeps; never written.
  /// - Parameter giveBack: Lets go of the memory behind some of the bytes, which come again when
  ///   read.
  init(
    borrowing borrowed: UnsafeRawBufferPointer, from owner: any Sendable,
    giveBack: (@Sendable (Range<Int>) -> Void)? = nil
  ) {
    unsafe bytes = UnsafeMutableRawBufferPointer(mutating: borrowed)
    origin = .borrowed(owner, giveBack: giveBack)
  }

  deinit {
    switch origin {
    case .heap: unsafe bytes.deallocate()
    case .pages(let count):
      if let base = unsafe bytes.baseAddress { unsafe munmap(base, count) }
    case .borrowed: break
    }
  }

  var isBorrowed: Bool {
    if case .borrowed = origin { true } else { false }
  }

  /// Lets go of memory that comes again when read; of nothing where there is no such.
  func giveBack(_ range: Range<Int>? = nil) {
    if case .borrowed(_, let giveBack?) = origin { unsafe giveBack(range ?? 0..<bytes.count) }
  }

  /// Zeroed pages of the process, whole large ones where they are long enough; `nil` when there are
  /// none left.
  private static func pages(
    for byteCount: Int
  ) -> (base: UnsafeMutableRawPointer, count: Int)? {
    let page = max(Int(sysconf(Int32(_SC_PAGESIZE))), 4096)
    guard byteCount <= Int.max - largePage - page else { return nil }
    let count = (byteCount + page - 1) / page * page
    let slack = count >= largePage ? largePage : 0
    let address = unsafe mmap(
      nil, count + slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard unsafe address != MAP_FAILED, let address = unsafe address else { return nil }
    guard slack > 0 else { return unsafe (address, count) }
    let head = (largePage - Int(bitPattern: address) % largePage) % largePage
    let base = unsafe address + head
    if head > 0 { unsafe munmap(address, head) }
    if slack > head { unsafe munmap(base + count, slack - head) }
    #if os(Linux)
      unsafe madvise(base, count, MADV_HUGEPAGE)
    #endif
    return unsafe (base, count)
  }
}
