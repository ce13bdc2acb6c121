/// The numbers of a FlexBuffer whose outermost value is a map, by name: the options of custom
/// operators. What is no number is passed over; nothing outside of the buffer is read.
///
/// Source: flatbuffers.dev/internals, "FlexBuffers".
struct FlexMap {
  enum Limit {
    static let entries = 256
    static let name = 256
  }

  private let range: Range<Int>

  static func numbers(
    in range: Range<Int>, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> [String: Double] {
    try FlexMap(range: range).numbers(bytes)
  }

  private func numbers(_ bytes: Span<UInt8>) throws(MalformedFile) -> [String: Double] {
    // The end holds the outermost value, its type and its width.
    guard range.count >= 3 else {
      throw MalformedFile(
        at: range.lowerBound,
        .truncated(what: "a FlexBuffer", needed: 3, available: range.count))
    }
    let width = Int(bytes[range.upperBound - 1])
    let type = Int(bytes[range.upperBound - 2])
    guard type >> 2 == Kind.map else {
      throw MalformedFile(at: range.upperBound - 2, .missing("a FlexBuffer's map"))
    }
    let values = try target(of: range.upperBound - 2 - width, width: width, bytes)
    let ofValues = 1 << (type & 3)
    // Before the values: where the names are, their width, and the count.
    let count = try number(at: values - ofValues, width: ofValues, bytes)
    let names = try target(of: values - 3 * ofValues, width: ofValues, bytes)
    let ofNames = try number(at: values - 2 * ofValues, width: ofValues, bytes)
    guard count <= UInt64(Limit.entries) else {
      throw MalformedFile(at: values, .tooMany("entries of a map", limit: Limit.entries))
    }
    guard ofNames == 1 || ofNames == 2 || ofNames == 4 || ofNames == 8 else {
      throw MalformedFile(at: values, .missing("a width of names, found \(ofNames)"))
    }
    var numbers: [String: Double] = [:]
    for index in 0..<Int(count) {
      let name = try text(
        at: try target(of: names + index * Int(ofNames), width: Int(ofNames), bytes), bytes)
      let place = values + index * ofValues
      let type = values + Int(count) * ofValues + index
      guard range.contains(type) else { throw outside(type) }
      numbers[name] = try value(at: place, width: ofValues, type: Int(bytes[type]), bytes)
    }
    return numbers
  }

  private enum Kind {
    static let signed = 1
    static let unsigned = 2
    static let real = 3
    /// The same elsewhere, where the value's place points to: 6, 7 and 8.
    static let indirect = 5
    static let map = 9
    static let truth = 26
  }

  /// `nil` for what is no number.
  private func value(
    at place: Int, width: Int, type: Int, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> Double? {
    switch type >> 2 {
    case Kind.signed:
      let shift = 64 - 8 * width
      let bits = try number(at: place, width: width, bytes)
      return Double((Int64(bitPattern: bits) << shift) >> shift)
    case Kind.unsigned, Kind.truth: return Double(try number(at: place, width: width, bytes))
    case Kind.real:
      let bits = try number(at: place, width: width, bytes)
      return switch width {
      case 4: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
      case 8: Double(bitPattern: bits)
      default: nil
      }
    case Kind.indirect + Kind.signed...Kind.indirect + Kind.real:
      let type = (type >> 2 - Kind.indirect) << 2
      return try value(
        at: try target(of: place, width: width, bytes), width: 1 << (type & 3), type: type, bytes)
    default: return nil
    }
  }

  /// Where an offset points: so many bytes before itself.
  private func target(
    of place: Int, width: Int, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> Int {
    let distance = try number(at: place, width: width, bytes)
    guard distance <= UInt64(place - range.lowerBound) else {
      throw MalformedFile(
        at: place,
        .outside(what: "an offset of \(distance)", place: place, size: range.upperBound))
    }
    return place - Int(distance)
  }

  private func number(
    at place: Int, width: Int, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> UInt64 {
    guard width == 1 || width == 2 || width == 4 || width == 8, place >= range.lowerBound,
      place <= range.upperBound - width
    else { throw outside(place) }
    return littleEndian(width, from: bytes, at: place)
  }

  private func text(at place: Int, _ bytes: Span<UInt8>) throws(MalformedFile) -> String {
    let most = min(range.upperBound, place + Limit.name)
    var end = place
    while end < most, bytes[end] != 0 { end += 1 }
    guard range.contains(place), end < most else { throw outside(place) }
    return String(decoding: (place..<end).map { bytes[$0] }, as: UTF8.self)
  }

  private func outside(_ place: Int) -> MalformedFile {
    MalformedFile(
      at: range.lowerBound,
      .outside(what: "a number of a FlexBuffer", place: place, size: range.upperBound))
  }
}
