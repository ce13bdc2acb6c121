import Quantities

extension RunSample {
  /// A run's line as ``RunRecorder`` writes it; `nil` for any other line, which the decoder of JSON reads.
  ///
  /// A record has tens of thousands of them, and decoding takes thirty times as long.
  init?(line bytes: ArraySlice<UInt8>) {
    var text = Text(rest: bytes)
    guard text.take(Self.purposeKey), let purpose = text.takeWord().flatMap(RunPurpose.init),
      text.take(Self.secondsKey), let seconds = text.takeNumber()
    else { return nil }
    var steps: [Seconds] = []
    if text.take(Self.stepsKey) {
      repeat {
        guard let time = text.takeNumber() else { return nil }
        steps.append(Seconds(time))
      } while text.take(Self.comma)
      guard text.take(Self.bracket) else { return nil }
    }
    guard text.take(Self.brace), text.rest.isEmpty else { return nil }
    self.init(purpose: purpose, time: Seconds(seconds), stepTimes: steps)
  }

  private static let purposeKey = Array(#"{"purpose":""#.utf8)
  private static let secondsKey = Array(#"","record":"run","seconds":"#.utf8)
  private static let stepsKey = Array(#","stepSeconds":["#.utf8)
  private static let comma = Array(",".utf8)
  private static let bracket = Array("]".utf8)
  private static let brace = Array("}".utf8)

  private struct Text {
    var rest: ArraySlice<UInt8>

    mutating func take(_ text: [UInt8]) -> Bool {
      guard rest.starts(with: text) else { return false }
      rest = rest.dropFirst(text.count)
      return true
    }

    /// Lower-case letters.
    mutating func takeWord() -> String? {
      take { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") }
        .map { String(decoding: $0, as: UTF8.self) }
    }

    /// A number as JSON writes it, which begins with a digit or a minus.
    mutating func takeNumber() -> Double? {
      guard let first = rest.first, first == UInt8(ascii: "-") || Self.isDigit(first) else {
        return nil
      }
      return take {
        Self.isDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
          || $0 == UInt8(ascii: "+") || $0 | 0x20 == UInt8(ascii: "e")
      }.flatMap { Double(String(decoding: $0, as: UTF8.self)) }
    }

    private mutating func take(_ isPart: (UInt8) -> Bool) -> ArraySlice<UInt8>? {
      let found = rest.prefix(while: isPart)
      guard !found.isEmpty else { return nil }
      rest = rest.dropFirst(found.count)
      return found
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
  }
}
