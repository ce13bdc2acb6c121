/// Writes one protobuf message, valid or not: tests say exactly which bytes they mean.
public struct ProtobufWriter: Sendable {
  public private(set) var bytes: [UInt8] = []
  public init() {}

  public mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  public mutating func tag(_ field: Int, wireType: Int) {
    varint(UInt64(field) << 3 | UInt64(wireType))
  }

  public mutating func int(_ field: Int, _ value: Int) {
    tag(field, wireType: 0)
    varint(UInt64(bitPattern: Int64(value)))
  }

  public mutating func float(_ field: Int, _ value: Float) {
    tag(field, wireType: 5)
    littleEndian(UInt64(value.bitPattern), width: 4)
  }

  public mutating func double(_ field: Int, _ value: Double) {
    tag(field, wireType: 1)
    littleEndian(value.bitPattern, width: 8)
  }

  public mutating func data(_ field: Int, _ content: [UInt8]) {
    tag(field, wireType: 2)
    varint(UInt64(content.count))
    bytes += content
  }

  public mutating func text(_ field: Int, _ text: String) { data(field, Array(text.utf8)) }

  public mutating func packedInts(_ field: Int, _ values: [Int]) {
    var list = ProtobufWriter()
    for value in values { list.varint(UInt64(bitPattern: Int64(value))) }
    data(field, list.bytes)
  }

  public mutating func packedFloats(_ field: Int, _ values: [Float]) {
    var list = ProtobufWriter()
    for value in values { list.littleEndian(UInt64(value.bitPattern), width: 4) }
    data(field, list.bytes)
  }

  /// A nested message.
  public mutating func message(_ field: Int, _ build: (inout ProtobufWriter) -> Void) {
    var message = ProtobufWriter()
    build(&message)
    data(field, message.bytes)
  }

  public mutating func raw(_ content: [UInt8]) { bytes += content }

  public mutating func littleEndian(_ value: UInt64, width: Int) {
    for index in 0..<width { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
  }
}
