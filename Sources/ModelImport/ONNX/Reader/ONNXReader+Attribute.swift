extension ONNXReader {
  /// `AttributeProto.AttributeType`.
  private enum Kind: Int {
    case float = 1
    case int, string, tensor, graph, floats, ints, strings, tensors, graphs
    case sparseTensor, sparseTensors, type, types
  }

  /// The fields of an `AttributeProto`; which of them counts, its `type` says.
  private struct Fields {
    var name = ""
    var reference = ""
    /// `nil` before IR version 2, where the field that is present tells.
    var kind: Kind?
    var kindNumber = 0
    var float = 0.0
    var int = 0
    /// `nil` when it is not text, or too long to be a setting.
    var string: String? = ""
    var tensor: ONNXTensor?
    var graph: ONNXGraph?
    var floats: [Double] = []
    var ints: [Int] = []
    var strings: [String]? = []
    var graphs: [ONNXGraph] = []
    /// The kind of the last field that carries a value.
    var present: Kind?
  }

  mutating func readAttribute(
    _ message: ProtobufCursor, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> (name: String, value: ONNXAttribute) {
    var message = message
    let offset = message.offset
    var fields = Fields()
    while let field = try message.next(in: bytes) {
      switch field.number {
      case 1: fields.name = try field.text("name", in: bytes)
      case 20:
        fields.kindNumber = try field.int("type")
        fields.kind = Kind(rawValue: fields.kindNumber)
      case 21: fields.reference = try field.text("ref_attr_name", in: bytes)
      case 2...11, 14, 15, 22, 23: try readValue(field, bytes, into: &fields)
      default: break
      }
    }
    guard let value = value(of: fields) else {
      throw MalformedFile(
        at: offset, .missing("a value of attribute type \(fields.kindNumber) in '\(fields.name)'"))
    }
    return (fields.name, value)
  }

  private mutating func readValue(
    _ field: ProtobufField, _ bytes: Span<UInt8>, into fields: inout Fields
  ) throws(MalformedFile) {
    switch field.number {
    case 2:
      fields.float = try field.float("f")
      fields.present = .float
    case 3:
      fields.int = try field.int("i")
      fields.present = .int
    case 4:
      fields.string = try setting(field, "s", bytes)
      fields.present = .string
    case 5:
      fields.tensor = try readTensor(field, "t", bytes)
      fields.present = .tensor
    case 6:
      var graph = fields.graph ?? ONNXGraph()
      fields.graph = nil
      try readGraph(try enter(field, "g"), bytes, into: &graph)
      fields.graph = graph
      fields.present = .graph
    case 7:
      try field.appendFloats("floats", to: &fields.floats, limit: Limit.listElements, in: bytes)
      fields.present = .floats
    case 8:
      try field.appendInts("ints", to: &fields.ints, limit: Limit.listElements, in: bytes)
      fields.present = .ints
    case 9:
      if let text = try setting(field, "strings", bytes) {
        fields.strings?.append(text)
      } else {
        fields.strings = nil
      }
      fields.present = .strings
    case 10:
      // Read only to refuse what a tensor must not say, such as a path out of the folder.
      _ = try readTensor(field, "tensors", bytes)
      fields.present = .tensors
    case 11:
      var graph = ONNXGraph()
      try readGraph(try enter(field, "graphs"), bytes, into: &graph)
      fields.graphs.append(graph)
      fields.present = .graphs
    case 22:
      _ = try readSparseTensor(field, "sparse_tensor", bytes)
      fields.present = .sparseTensor
    case 23:
      _ = try readSparseTensor(field, "sparse_tensors", bytes)
      fields.present = .sparseTensors
    case 14: fields.present = .type
    case 15: fields.present = .types
    default: break
    }
  }

  /// The value that the type asks for. A number, a text or a list that is absent is its default:
  /// the format does not store defaults.
  private func value(of fields: Fields) -> ONNXAttribute? {
    if !fields.reference.isEmpty { return .reference(fields.reference) }
    if fields.kind == nil, fields.kindNumber != 0 { return nil }
    switch fields.kind ?? fields.present {
    case .float: return .float(fields.float)
    case .int: return .int(fields.int)
    case .string: return fields.string.map(ONNXAttribute.string) ?? .unsupported("bytes")
    case .tensor: return fields.tensor.map(ONNXAttribute.tensor)
    case .graph: return fields.graph.map(ONNXAttribute.graph)
    case .floats: return .floats(fields.floats)
    case .ints: return .ints(fields.ints)
    case .strings: return fields.strings.map(ONNXAttribute.strings) ?? .unsupported("bytes")
    case .graphs: return .graphs(fields.graphs)
    case .tensors: return .unsupported("tensors")
    case .sparseTensor, .sparseTensors: return .unsupported("sparse tensor")
    case .type, .types: return .unsupported("type")
    case nil: return nil
    }
  }

  /// Text of an attribute; `nil` for bytes that are no text, and for embedded files.
  private func setting(
    _ field: ProtobufField, _ name: String, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> String? {
    let range = try field.bytes(name)
    return range.count <= Limit.attributeText ? utf8Text(bytes, range) : nil
  }
}
