/// The parts of an ONNX file, to write small models in tests. Field numbers: onnx/onnx.proto3.
public struct ONNXFile: Sendable {
  public struct Attribute: Sendable {
    public enum Value: Sendable {
      case int(Int)
      case float(Float)
      case string(String)
      case ints([Int])
      case tensor(Tensor)
      case graph(GraphPart)
      case reference(String, type: Int)
    }
    public var name: String
    public var value: Value
    public init(_ name: String, _ value: Value) {
      self.name = name
      self.value = value
    }
  }

  public struct NodePart: Sendable {
    public var operatorType: String
    public var inputs: [String]
    public var outputs: [String]
    public var name: String
    public var domain: String
    public var attributes: [Attribute]
    public init(
      _ operatorType: String, _ inputs: [String], _ outputs: [String], name: String = "",
      domain: String = "", attributes: [Attribute] = []
    ) {
      self.operatorType = operatorType
      self.inputs = inputs
      self.outputs = outputs
      self.name = name
      self.domain = domain
      self.attributes = attributes
    }
  }

  public struct Tensor: Sendable {
    public var name: String
    public var dataType: Int
    public var dimensions: [Int]
    /// Writes the fields that hold the elements.
    public var data: @Sendable (inout ProtobufWriter) -> Void
    public init(
      _ name: String, dataType: Int = 1, _ dimensions: [Int],
      data: @escaping @Sendable (inout ProtobufWriter) -> Void = { _ in }
    ) {
      self.name = name
      self.dataType = dataType
      self.dimensions = dimensions
      self.data = data
    }
    public init(_ name: String, ints: [Int]) {
      self.init(name, dataType: 7, [ints.count]) { $0.packedInts(7, ints) }
    }
  }

  /// A graph input or output: a tensor of float32 unless said otherwise.
  public struct ValuePart: Sendable {
    public var name: String
    public var dataType: Int
    /// `nil` where the extent is free.
    public var dimensions: [Int?]
    public init(_ name: String, dataType: Int = 1, _ dimensions: [Int?] = [4]) {
      self.name = name
      self.dataType = dataType
      self.dimensions = dimensions
    }
  }

  public struct GraphPart: Sendable {
    public var nodes: [NodePart]
    public var inputs: [ValuePart]
    public var outputs: [ValuePart]
    public var initializers: [Tensor]
    public var valueInfo: [ValuePart]
    public init(
      _ nodes: [NodePart], inputs: [ValuePart] = [], outputs: [ValuePart] = [],
      initializers: [Tensor] = [], valueInfo: [ValuePart] = []
    ) {
      self.nodes = nodes
      self.inputs = inputs
      self.outputs = outputs
      self.initializers = initializers
      self.valueInfo = valueInfo
    }
  }

  public struct Function: Sendable {
    public var name: String
    public var domain: String
    public var inputs: [String]
    public var outputs: [String]
    public var nodes: [NodePart]
    public init(
      _ name: String, domain: String, _ inputs: [String], _ outputs: [String], _ nodes: [NodePart]
    ) {
      self.name = name
      self.domain = domain
      self.inputs = inputs
      self.outputs = outputs
      self.nodes = nodes
    }
  }

  public var graph: GraphPart
  public var functions: [Function]
  public var irVersion: Int
  public var opsets: [(domain: String, version: Int)]

  public init(
    _ graph: GraphPart, functions: [Function] = [], irVersion: Int = 9,
    opsets: [(domain: String, version: Int)] = [("", 17)]
  ) {
    self.graph = graph
    self.functions = functions
    self.irVersion = irVersion
    self.opsets = opsets
  }

  public var bytes: [UInt8] {
    var writer = ProtobufWriter()
    if irVersion != 0 { writer.int(1, irVersion) }
    writer.text(2, "test")
    writer.message(7) { graph.write(to: &$0) }
    for opset in opsets {
      writer.message(8) {
        $0.text(1, opset.domain)
        $0.int(2, opset.version)
      }
    }
    for function in functions {
      writer.message(25) { function.write(to: &$0) }
    }
    return writer.bytes
  }
}
