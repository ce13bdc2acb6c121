/// A TFLite file written from its parts, for tests; field numbers are those of the schema.
public struct TFLiteFile: Sendable {
  public struct Tensor: Sendable {
    public var name: String
    public var shape: [Int]
    /// A number of `TensorType`: 0 float32, 2 int32, 9 int8.
    public var type: Int
    public var signature: [Int]?
    /// Constant elements; `nil` for what is fed or computed.
    public var data: [UInt8]?
    public var scales: [Float]
    public var zeroPoints: [Int]
    public var axis: Int
    public var isVariable = false

    public init(
      _ name: String, _ shape: [Int], type: Int = 0, signature: [Int]? = nil, data: [UInt8]? = nil,
      scales: [Float] = [], zeroPoints: [Int] = [], axis: Int = 0
    ) {
      self.name = name
      self.shape = shape
      self.type = type
      self.signature = signature
      self.data = data
      self.scales = scales
      self.zeroPoints = zeroPoints
      self.axis = axis
    }

    /// A constant of int32.
    public init(_ name: String, ints: [Int], shape: [Int]? = nil) {
      self.init(
        name, shape ?? [ints.count], type: 2,
        data: ints.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
      )
    }

    /// A constant of float32.
    public init(_ name: String, floats: [Float], shape: [Int]) {
      self.init(
        name, shape,
        data: floats.flatMap { value in
          (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * $0)) }
        })
    }
  }

  public struct Operator: Sendable {
    /// A number of `BuiltinOperator`; 32 is custom.
    public var code: Int
    public var customCode = ""
    public var inputs: [Int]
    public var outputs: [Int]
    public var options: [FlatField]
    /// The options of a custom operator.
    public var customOptions: [UInt8] = []

    public init(_ code: Int, _ inputs: [Int], _ outputs: [Int], options: [FlatField] = []) {
      self.code = code
      self.inputs = inputs
      self.outputs = outputs
      self.options = options
    }
  }

  public struct Subgraph: Sendable {
    public var tensors: [Tensor]
    public var inputs: [Int]
    public var outputs: [Int]
    public var operators: [Operator]

    public init(
      _ tensors: [Tensor], inputs: [Int], outputs: [Int], _ operators: [Operator]
    ) {
      self.tensors = tensors
      self.inputs = inputs
      self.outputs = outputs
      self.operators = operators
    }
  }

  public var subgraphs: [Subgraph]
  /// Whether constants stand behind the FlatBuffer, as in files above 2 GB.
  public var hasLargeBuffers = false

  public init(_ subgraphs: [Subgraph]) { self.subgraphs = subgraphs }

  public var bytes: [UInt8] {
    guard hasLargeBuffers else { return written(behind: nil) }
    // The offsets do not change the size of the tables.
    let size = written(behind: 0).count
    let data = constants.flatMap { $0 }
    return written(behind: size) + data
  }

  private var constants: [[UInt8]] {
    subgraphs.flatMap { $0.tensors.compactMap(\.data) }
  }

  private func written(behind end: Int?) -> [UInt8] {
    var codes: [[FlatField]] = []
    var buffers: [[FlatField]] = [[]]
    var place = end ?? 0
    let parts: [[FlatField]] = subgraphs.map { subgraph in
      let tensors = subgraph.tensors.map { tensor in
        var buffer = 0
        if let data = tensor.data {
          buffer = buffers.count
          buffers.append(end == nil ? [.data(data)] : [.none, .long(place), .long(data.count)])
          place += data.count
        }
        return fields(of: tensor, buffer: buffer)
      }
      let operators = subgraph.operators.map { node in
        codes.append([
          .byte(min(node.code, 127)), .text(node.customCode), .int(1), .int(node.code),
        ])
        return [
          FlatField.int(codes.count - 1), .ints(node.inputs), .ints(node.outputs), .byte(1),
          .table(node.options), .data(node.customOptions),
        ]
      }
      return [
        .tables(tensors), .ints(subgraph.inputs), .ints(subgraph.outputs), .tables(operators),
        .text("main"),
      ]
    }
    return FlatBufferWriter(
      [.int(3), .tables(codes), .tables(parts), .text("made for a test"), .tables(buffers)],
      identifier: "TFL3"
    ).bytes
  }

  private func fields(of tensor: Tensor, buffer: Int) -> [FlatField] {
    let quantization: FlatField =
      tensor.scales.isEmpty
      ? .none
      : .table([
        .none, .none, .floats(tensor.scales), .longs(tensor.zeroPoints), .none, .none,
        .int(tensor.axis),
      ])
    return [
      .ints(tensor.shape), .byte(tensor.type), .int(buffer), .text(tensor.name), quantization,
      .byte(tensor.isVariable ? 1 : 0), .none, tensor.signature.map { .ints($0) } ?? .none,
    ]
  }
}
