import CDigest

/// SHA-256 of bytes that arrive in pieces (FIPS 180-4).
public struct SHA256: Sendable {
  private var state: [8 of UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab,
    0x5be0_cd19,
  ]
  /// The start of the next block.
  private var pending: [UInt8] = []
  private var byteCount: UInt64 = 0

  private static let blockSize = 64

  public init() { pending.reserveCapacity(Self.blockSize) }

  public mutating func update(_ bytes: Span<UInt8>) {
    byteCount &+= UInt64(bytes.count)
    var offset = 0
    while !pending.isEmpty || bytes.count - offset < Self.blockSize {
      guard offset < bytes.count else { return }
      pending.append(bytes[offset])
      offset += 1
      if pending.count == Self.blockSize {
        state = Self.compress(pending.span, at: 0, into: state)
        pending.removeAll(keepingCapacity: true)
      }
    }
    offset += compressWhole(bytes, from: offset)
    while bytes.count - offset >= Self.blockSize {
      state = Self.compress(bytes, at: offset, into: state)
      offset += Self.blockSize
    }
    while offset < bytes.count {
      pending.append(bytes[offset])
      offset += 1
    }
  }

  public mutating func update(_ bytes: some Sequence<UInt8>) { update(Array(bytes).span) }

  /// The digest of all bytes so far; more may follow.
  public var digest: [UInt8] {
    var last = self
    let bitCount = byteCount &* 8
    let used = last.pending.count
    let zeros = (used < 56 ? 55 : 119) - used
    let length = (0..<8).map { UInt8(truncatingIfNeeded: bitCount >> (56 - 8 * UInt64($0))) }
    last.update([0x80] + Array(repeating: 0, count: zeros) + length)
    return (0..<32).map { index in
      UInt8(truncatingIfNeeded: last.state[index / 4] >> (24 - 8 * UInt32(index % 4)))
    }
  }

  /// ``digest`` in 64 hexadecimal digits.
  public var hexDigest: String {
    digest.map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }

  /// Takes all whole blocks with the processor's own instructions, where it has them; the bytes taken.
  private mutating func compressWhole(_ bytes: Span<UInt8>, from offset: Int) -> Int {
    let blocks = (bytes.count - offset) / Self.blockSize
    var words = (0..<8).map { state[$0] }
    let taken = unsafe bytes.withUnsafeBufferPointer { bytes in
      guard let first = bytes.baseAddress else { return 0 }
      return unsafe bf_sha256_blocks(&words, first + offset, blocks)
    }
    for index in 0..<8 { state[index] = words[index] }
    return taken * Self.blockSize
  }

  private static func compress(
    _ bytes: Span<UInt8>, at offset: Int, into state: [8 of UInt32]
  ) -> [8 of UInt32] {
    var schedule = [16 of UInt32](repeating: 0)
    for index in 0..<16 {
      let start = offset + 4 * index
      schedule[index] =
        UInt32(bytes[start]) << 24 | UInt32(bytes[start + 1]) << 16
        | UInt32(bytes[start + 2]) << 8 | UInt32(bytes[start + 3])
    }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    for round in 0..<64 {
      if round >= 16 {
        let before15 = schedule[(round + 1) & 15]
        let before2 = schedule[(round + 14) & 15]
        let s0 = before15.rotated(7) ^ before15.rotated(18) ^ (before15 >> 3)
        let s1 = before2.rotated(17) ^ before2.rotated(19) ^ (before2 >> 10)
        schedule[round & 15] = schedule[round & 15] &+ s0 &+ schedule[(round + 9) & 15] &+ s1
      }
      let sum1 = e.rotated(6) ^ e.rotated(11) ^ e.rotated(25)
      let choice = (e & f) ^ (~e & g)
      let t1 = h &+ sum1 &+ choice &+ roundConstants[round] &+ schedule[round & 15]
      let sum0 = a.rotated(2) ^ a.rotated(13) ^ a.rotated(22)
      let majority = (a & b) ^ (a & c) ^ (b & c)
      (h, g, f, e, d, c, b, a) = (g, f, e, d &+ t1, c, b, a, t1 &+ sum0 &+ majority)
    }
    return [
      state[0] &+ a, state[1] &+ b, state[2] &+ c, state[3] &+ d, state[4] &+ e, state[5] &+ f,
      state[6] &+ g, state[7] &+ h,
    ]
  }

  /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
  private static let roundConstants: [64 of UInt32] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
    0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe,
    0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f,
    0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
    0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
    0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
    0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116,
    0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
    0xc671_78f2,
  ]
}

extension UInt32 {
  /// The bits moved right by `count`, those that fall out entering on the left.
  fileprivate func rotated(_ count: UInt32) -> UInt32 { self >> count | self << (32 - count) }
}
