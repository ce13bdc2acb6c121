import Reporting
import Testing

@Suite struct SHA256Tests {
  /// The examples of FIPS 180-4, and the lengths around which padding changes.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      String(repeating: "a", count: 55),
      "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"
    ),
    (
      String(repeating: "a", count: 64),
      "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"
    ),
  ])
  func `the published digests come out`(text: String, expected: String) {
    var hash = SHA256()
    hash.update(text.utf8)
    #expect(hash.hexDigest == expected)
  }

  @Test func `a million letters in uneven pieces are one message`() {
    var hash = SHA256()
    var left = 1_000_000
    var size = 1
    while left > 0 {
      let piece = Array(repeating: UInt8(ascii: "a"), count: min(size, left))
      hash.update(piece.span)
      left -= piece.count
      size = size * 3 % 1009
    }
    #expect(
      hash.hexDigest == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test func `a digest leaves the message open`() {
    var hash = SHA256()
    hash.update("ab".utf8)
    _ = hash.digest
    hash.update("c".utf8)
    #expect(hash.hexDigest.hasPrefix("ba7816bf"))
  }

  /// Whole blocks go through the processor's instructions, where there are some, single bytes do not.
  @Test func `bytes at once and one by one are one message`() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * $0 + $0 >> 3) }
    for count in [63, 64, 65, 127, 128, 1000] {
      var whole = SHA256()
      whole.update(bytes[..<count])
      var single = SHA256()
      for byte in bytes[..<count] { single.update([byte].span) }
      #expect(whole.hexDigest == single.hexDigest)
    }
  }
}
