/// Reads an ONNX file's bytes into the values that it spells. Field numbers follow onnx/onnx.proto3,
/// IR version 13; unknown fields are skipped.
struct ONNXReader {
  /// Bounds that keep a small hostile file from filling the memory.
  enum Limit {
    /// Nodes, attributes, tensors and types in all.
    static let messages = 4_000_000
    static let rank = 64
    /// Elements of one list attribute; longer ones are data, which no operator's meaning needs.
    static let listElements = 1 << 20
    /// Bytes of one text attribute that is read.
    static let attributeText = 1 << 20
  }

  private let messageLimit: Int
  private var messageCount = 0
  /// Told of bytes that were read and are not needed again.
  private let release: (Range<Int>) -> Void
  private var releasedOffset = 0
  /// Bytes that are worth a call to the system.
  private static let releaseStep = 4 << 20

  static func model(
    in bytes: Span<UInt8>, messageLimit: Int = Limit.messages,
    release: (Range<Int>) -> Void = { _ in }
  ) throws(MalformedFile) -> ONNXModel {
    try withoutActuallyEscaping(release) { release throws(MalformedFile) in
      var reader = ONNXReader(messageLimit: messageLimit, release: release)
      return try reader.readModel(ProtobufCursor(fileOf: bytes.count), bytes)
    }
  }

  /// Reads a file that holds one tensor.
  static func tensor(in bytes: Span<UInt8>) throws(MalformedFile) -> ONNXTensor {
    var reader = ONNXReader(messageLimit: Limit.messages) { _ in }
    return try reader.readTensor(ProtobufCursor(fileOf: bytes.count), at: 0, bytes)
  }

  private init(messageLimit: Int, release: @escaping (Range<Int>) -> Void) {
    self.messageLimit = messageLimit
    self.release = release
  }

  /// Lets go of what lies before an offset that reading has passed.
  mutating func passed(_ offset: Int) {
    guard offset - releasedOffset >= Self.releaseStep else { return }
    release(releasedOffset..<offset)
    releasedOffset = offset
  }

  /// Enters a nested message, which counts toward the limit.
  mutating func enter(
    _ field: ProtobufField, _ name: String
  ) throws(MalformedFile) -> ProtobufCursor {
    messageCount += 1
    guard messageCount <= messageLimit else {
      throw MalformedFile(at: field.offset, .tooMany("messages", limit: messageLimit))
    }
    return try field.message(name)
  }

  private mutating func readModel(
    _ message: ProtobufCursor, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> ONNXModel {
    var message = message
    var model = ONNXModel()
    var version = ""
    while let field = try message.next(in: bytes) {
      switch field.number {
      case 1: model.irVersion = try field.int("ir_version")
      case 2: model.producer = try field.text("producer_name", in: bytes)
      case 3: version = try field.text("producer_version", in: bytes)
      case 7:
        var graph = model.graph ?? ONNXGraph()
        model.graph = nil
        try readGraph(try enter(field, "graph"), bytes, into: &graph)
        model.graph = graph
      case 8: try readOpset(try enter(field, "opset_import"), bytes, into: &model.opsets)
      case 25: model.functions.append(try readFunction(try enter(field, "functions"), bytes))
      default: break
      }
    }
    if !version.isEmpty { model.producer += model.producer.isEmpty ? version : " \(version)" }
    return model
  }

  private mutating func readOpset(
    _ message: ProtobufCursor, _ bytes: Span<UInt8>, into opsets: inout [String: Int]
  ) throws(MalformedFile) {
    var message = message
    var domain = ""
    var version = 0
    while let field = try message.next(in: bytes) {
      switch field.number {
      case 1: domain = try field.text("domain", in: bytes)
      case 2: version = try field.int("version")
      default: break
      }
    }
    opsets[canonicalDomain(domain)] = version
  }

  private mutating func readFunction(
    _ message: ProtobufCursor, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> ONNXFunction {
    var message = message
    var function = ONNXFunction()
    while let field = try message.next(in: bytes) {
      switch field.number {
      case 1: function.name = try field.text("name", in: bytes)
      case 4: function.inputs.append(try field.text("input", in: bytes))
      case 5: function.outputs.append(try field.text("output", in: bytes))
      case 6: function.attributes.append(try field.text("attribute", in: bytes))
      case 7: function.nodes.append(try readNode(field, bytes))
      case 9: try readOpset(try enter(field, "opset_import"), bytes, into: &function.opsets)
      case 10: function.domain = canonicalDomain(try field.text("domain", in: bytes))
      case 11:
        let (name, value) = try readAttribute(try enter(field, "attribute_proto"), bytes)
        function.attributeDefaults[name] = value
      case 13: function.overload = try field.text("overload", in: bytes)
      default: break
      }
    }
    return function
  }
}

/// The default domain has two spellings.
func canonicalDomain(_ domain: String) -> String { domain == "ai.onnx" ? "" : domain }
