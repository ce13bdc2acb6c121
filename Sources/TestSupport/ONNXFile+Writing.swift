extension ONNXFile.GraphPart {
  func write(to writer: inout ProtobufWriter) {
    for node in nodes { writer.message(1) { node.write(to: &$0) } }
    writer.text(2, "graph")
    for tensor in initializers { writer.message(5) { tensor.write(to: &$0) } }
    for value in inputs { writer.message(11) { value.write(to: &$0) } }
    for value in outputs { writer.message(12) { value.write(to: &$0) } }
    for value in valueInfo { writer.message(13) { value.write(to: &$0) } }
  }
}

extension ONNXFile.Function {
  func write(to writer: inout ProtobufWriter) {
    writer.text(1, name)
    for input in inputs { writer.text(4, input) }
    for output in outputs { writer.text(5, output) }
    for node in nodes { writer.message(7) { node.write(to: &$0) } }
    writer.message(9) {
      $0.text(1, "")
      $0.int(2, 17)
    }
    writer.text(10, domain)
  }
}

extension ONNXFile.NodePart {
  func write(to writer: inout ProtobufWriter) {
    for input in inputs { writer.text(1, input) }
    for output in outputs { writer.text(2, output) }
    writer.text(3, name)
    writer.text(4, operatorType)
    for attribute in attributes { writer.message(5) { attribute.write(to: &$0) } }
    writer.text(7, domain)
  }
}

extension ONNXFile.Attribute {
  func write(to writer: inout ProtobufWriter) {
    writer.text(1, name)
    switch value {
    case .float(let value):
      writer.float(2, value)
      writer.int(20, 1)
    case .int(let value):
      writer.int(3, value)
      writer.int(20, 2)
    case .string(let value):
      writer.text(4, value)
      writer.int(20, 3)
    case .tensor(let value):
      writer.message(5) { value.write(to: &$0) }
      writer.int(20, 4)
    case .graph(let value):
      writer.message(6) { value.write(to: &$0) }
      writer.int(20, 5)
    case .ints(let values):
      for value in values { writer.int(8, value) }
      writer.int(20, 7)
    case .reference(let name, let type):
      writer.text(21, name)
      writer.int(20, type)
    }
  }
}

extension ONNXFile.Tensor {
  func write(to writer: inout ProtobufWriter) {
    for dimension in dimensions { writer.int(1, dimension) }
    writer.int(2, dataType)
    writer.text(8, name)
    data(&writer)
  }
}

extension ONNXFile.ValuePart {
  func write(to writer: inout ProtobufWriter) {
    writer.text(1, name)
    writer.message(2) { type in
      type.message(1) { tensor in
        tensor.int(1, dataType)
        tensor.message(2) { shape in
          for extent in dimensions {
            shape.message(1) { dimension in
              if let extent { dimension.int(1, extent) }
            }
          }
        }
      }
    }
  }
}
