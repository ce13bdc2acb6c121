import TensorTypes

extension ONNXReader {
  /// Appends to `graph`: a message that is spread over several fields is the union of its parts.
  mutating func readGraph(
    _ message: ProtobufCursor, _ bytes: Span<UInt8>, into graph: inout ONNXGraph
  ) throws(MalformedFile) {
    var message = message
    while let field = try message.next(in: bytes) {
      switch field.number {
      case 1: graph.nodes.append(try readNode(field, bytes))
      case 2: graph.name = try field.text("name", in: bytes)
      case 5:
        graph.initializers.append(try readTensor(field, "initializer", bytes))
        passed(field.offset)
      case 11: graph.inputs.append(try readValue(try enter(field, "input"), bytes))
      case 12: graph.outputs.append(try readValue(try enter(field, "output"), bytes))
      case 13: graph.valueInfo.append(try readValue(try enter(field, "value_info"), bytes))
      case 15:
        graph.initializers.append(try readSparseTensor(field, "sparse_initializer", bytes))
      default: break
      }
    }
  }

  mutating func readNode(
    _ field: ProtobufField, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> ONNXNode {
    var message = try enter(field, "node")
    var node = ONNXNode()
    node.offset = field.offset
    while let field = try message.next(in: bytes) {
      switch field.number {
      case 1: node.inputs.append(try field.text("input", in: bytes))
      case 2: node.outputs.append(try field.text("output", in: bytes))
      case 3: node.name = try field.text("name", in: bytes)
      case 4: node.operatorType = try field.text("op_type", in: bytes)
      case 5:
        let (name, value) = try readAttribute(try enter(field, "attribute"), bytes)
        node.attributes.entries.append((name, value))
      case 7: node.domain = canonicalDomain(try field.text("domain", in: bytes))
      case 8: node.overload = try field.text("overload", in: bytes)
      default: break
      }
    }
    guard !node.operatorType.isEmpty else {
      throw MalformedFile(at: node.offset, .missing("an 'op_type' in the node '\(node.name)'"))
    }
    return node
  }

  /// `ValueInfoProto`.
  private mutating func readValue(
    _ message: ProtobufCursor, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> ONNXValue {
    var message = message
    var value = ONNXValue()
    while let field = try message.next(in: bytes) {
      switch field.number {
      case 1: value.name = try field.text("name", in: bytes)
      case 2: try readType(try enter(field, "type"), bytes, into: &value)
      default: break
      }
    }
    return value
  }

  /// `TypeProto`: only its tensor case has a dtype and a shape.
  private mutating func readType(
    _ message: ProtobufCursor, _ bytes: Span<UInt8>, into value: inout ONNXValue
  ) throws(MalformedFile) {
    var message = message
    while let field = try message.next(in: bytes) {
      guard field.number == 1 else { continue }
      var tensor = try enter(field, "tensor_type")
      while let field = try tensor.next(in: bytes) {
        switch field.number {
        case 1: value.dataType = try field.int("elem_type")
        case 2: value.shape = try readShape(try enter(field, "shape"), bytes)
        default: break
        }
      }
    }
  }

  private mutating func readShape(
    _ message: ProtobufCursor, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> Shape {
    var message = message
    var shape = Shape([])
    while let field = try message.next(in: bytes) {
      guard field.number == 1 else { continue }
      guard shape.dimensions.count < Limit.rank else {
        throw MalformedFile(at: field.offset, .tooMany("dimensions", limit: Limit.rank))
      }
      var dimension = Dimension.unknown
      var extent = try enter(field, "dim")
      while let field = try extent.next(in: bytes) {
        switch field.number {
        case 1:
          let value = try field.int("dim_value")
          dimension = value < 0 ? .unknown : .fixed(value)
        case 2:
          let name = try field.text("dim_param", in: bytes)
          // Exporters that have no name for a free extent write one of these.
          dimension = ["", "?", "-1"].contains(name) ? .unknown : .named(name)
        default: break
        }
      }
      shape.dimensions.append(dimension)
    }
    return shape
  }
}
