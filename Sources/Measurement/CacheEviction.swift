import CKernels

/// Empties the caches by writing twice as much as the largest holds.
@safe public final class CacheEviction {
  private let bytes: UnsafeMutableRawBufferPointer

  /// The least that is written: caches whose size is not known are at most this large.
  static let leastBytes = 64 << 20

  public init(_ host: HostFacts) {
    let largest = host.caches.map(\.capacityBytes).max() ?? 0
    let count = max(Self.leastBytes, min(largest, 1 << 30) * 2)
    unsafe bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 4096)
    evict()
  }

  public func evict() {
    _ = unsafe bf_stream_run(BF_STREAM_WRITE, false, bytes.count, bytes.baseAddress, nil, nil, 1)
  }

  deinit { unsafe bytes.deallocate() }
}
