import HardwareModel
import Platform
import Quantities
import Testing

@Suite struct HostileProfileTests {
  private func fault(_ text: String) -> ProfileError? { fault(Array(text.utf8)) }

  /// The fault of a board file; `nil` when it is sound.
  private func fault(_ bytes: [UInt8]) -> ProfileError? {
    let file = ProfileFile(kind: .board, name: "boards/tiny.yaml", bytes: bytes)
    do {
      _ = try Board(file)
      return nil
    } catch { return error }
  }

  @Test func `an alias bomb is refused at its first anchor`() {
    let bomb = """
      a: &a [x, x, x, x, x, x, x, x, x, x]
      b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
      c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
      d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
      e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
      ? *e
      : key
      """
    let error = fault(bomb)
    #expect(error?.reason == .anchorOrAlias)
    #expect(error?.line == 1)
    #expect(error?.column == 4)
  }

  @Test(arguments: ["&a x", "[&a x]", "{k: &a x}", "\"k\": !!str &a x", "- &a\n- x"])
  func `an anchor is seen wherever it may stand`(text: String) {
    #expect(fault(text)?.reason == .anchorOrAlias)
  }

  @Test(arguments: ["R&D and x & y in a.org/?b=1&c=2", "x &y", "'&y *z'"])
  func `an ampersand in running text is no anchor`(text: String) {
    #expect(fault(Fixture.boardText.replacing("wall meter", with: text)) == nil)
  }

  @Test(arguments: ["[", "{a: ", "- ", "[{a: "])
  func `nesting without end is refused`(opening: String) {
    for count in [300, 3_000, 100_000] {
      #expect(fault(String(repeating: opening, count: count))?.reason == .tooDeep)
    }
    let lines = (0..<400).map { String(repeating: " ", count: $0) + "a:" }
    #expect(fault(lines.joined(separator: "\n"))?.reason == .tooDeep)
    #expect(fault(lines.joined(separator: "\u{2028}"))?.reason == .tooDeep)
  }

  @Test(arguments: ["? ", "- [", "? - "])
  func `nesting that no profile has is refused at its first level`(opening: String) {
    for count in [300, 100_000] {
      let error = fault(String(repeating: opening, count: count))
      #expect(error?.line == 1)
      #expect(error.map { $0.column <= 5 } == true)
    }
  }

  @Test func `files that are no text, no document or too large are refused`() {
    #expect(fault([0xFF, 0xFE, 0x00])?.reason == .notUTF8)
    #expect(fault("")?.reason == .emptyFile)
    #expect(fault("# only a remark\n")?.reason == .emptyFile)
    #expect(fault("text")?.reason == .wrongType(expected: "a mapping"))
    let large = [UInt8](repeating: UInt8(ascii: "#"), count: ProfileFile.sizeLimit.rawValue + 1)
    #expect(fault(large)?.reason == .tooLarge(limit: ProfileFile.sizeLimit))
  }

  @Test func `flat files of the largest size end as errors`() {
    let count = ProfileFile.sizeLimit.rawValue / 8
    for unit in ["a, ", "'a' ", "a: b\n", "\"\\u0041", "? a\n", "- a\n", "!a ", "# x\n", "|\n a\n"]
    {
      let error = fault(String(repeating: unit, count: count / unit.utf8.count))
      #expect(error != nil, "\(unit)")
    }
  }

  @Test func `a board that breaks off is an error or sound, at every byte`() throws {
    let text = Fixture.boardText
    let bytes = Array(text.utf8)
    // From the first power mode on, what is left of a list may be a whole one.
    let required = try #require(text.firstRange(of: "- id: full")).lowerBound.utf16Offset(in: text)
    for length in bytes.indices {
      let error = fault(Array(bytes.prefix(length)))
      #expect(error != nil || length > required)
    }
  }

  @Test func `a runtime that breaks off is an error or sound, at every byte`() {
    let bytes = Array(Fixture.runtimeText.utf8)
    var faults = 0
    for length in bytes.indices {
      let file = ProfileFile(kind: .runtime, name: "r.yaml", bytes: Array(bytes.prefix(length)))
      do { _ = try Runtime(file) } catch { faults += 1 }
    }
    #expect(faults >= bytes.count - 2)
  }

  @Test func `flipped bytes are an error or sound`() {
    let original = Array(Fixture.boardText.utf8)
    var generator = SeededGenerator(seed: 0xB0A4_DF17)
    var faults = 0
    for _ in 0..<5_000 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let index = Int.random(in: bytes.indices, using: &generator)
        bytes[index] = UInt8.random(in: .min ... .max, using: &generator)
      }
      if let error = fault(bytes) {
        faults += 1
        #expect(error.file.hasSuffix("tiny.yaml"))
        #expect(!error.description.contains("\n"))
      }
    }
    #expect(faults > 2_500)
  }

  @Test func `random structure characters are an error or sound`() {
    let alphabet = Array(" \n-:?,[]{}#&*!|>'\"%@`ab\t\\~".utf8)
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<5_000 {
      let length = Int.random(in: 0...60, using: &generator)
      let bytes = (0..<length).compactMap { _ in alphabet.randomElement(using: &generator) }
      #expect(fault(bytes) != nil)
    }
  }
}
