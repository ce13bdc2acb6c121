public import ModelIR
import Quantities
import TensorTypes

/// Writes small convolution networks layer by layer; shapes are inferred as for a file's graph.
public struct SampleGraph {
  private var graph: Graph
  private var current: Value.ID
  private var channels: Int

  public init(_ name: String, inputName: String = "image", channels: Int, extent: Int) {
    let input = Value(
      id: Value.ID(0), name: inputName, origin: .input,
      type: TensorType(.float32, [1, channels, extent, extent]))
    let shape = Shape([.fixed(1), .fixed(channels), .fixed(extent), .fixed(extent)])
    graph = Graph(
      name: name, values: [input],
      inputs: [GraphInput(value: input.id, dtype: .float32, shape: shape)])
    current = input.id
    self.channels = channels
  }

  /// The last value written, to return to with ``add(_:to:)``.
  public var position: Value.ID { current }

  public mutating func convolution(
    _ name: String, channels outputs: Int, kernel: Int = 1, stride: Int = 1, group: Int = 1
  ) {
    let weights = weight("\(name).weight", [outputs, channels / group, kernel, kernel])
    let window = SpatialWindow(
      kernel: [kernel, kernel], strides: [stride, stride],
      padding: .explicit(Array(repeating: kernel / 2, count: 4)))
    append(
      name, .convolution(Convolution(.conv, window: window, group: group)), [current, weights])
    channels = outputs
  }

  public mutating func depthwise(_ name: String, kernel: Int = 3, stride: Int = 1) {
    convolution(name, channels: channels, kernel: kernel, stride: stride, group: channels)
  }

  public mutating func activate(_ name: String, _ function: Elementwise.Function = .relu) {
    append(name, .elementwise(Elementwise(function)), [current])
  }

  public mutating func add(_ name: String, to other: Value.ID) {
    append(name, .elementwise(Elementwise(.add)), [current, other])
  }

  /// An operator that nobody models; its output has no shape.
  public mutating func unknown(_ name: String, _ operatorName: String) {
    append(name, .opaque(OpaqueOperator(name: operatorName, domain: "")), [current])
  }

  public mutating func classify(_ name: String, classes: Int) {
    append("\(name).pool", .pooling(Pooling(.globalAverage)), [current])
    append("\(name).flatten", .view(.flatten(axis: 1)), [current])
    let weights = weight("\(name).weight", [channels, classes])
    append(name, .matrixProduct(MatrixProduct(.matMul)), [current, weights])
  }

  /// The workload of the graph written so far; its output is the last value.
  public func workload() throws(InferenceError) -> Workload {
    var graph = graph
    graph.outputs = [current]
    return try graph.inferred().workload()
  }

  private mutating func weight(_ name: String, _ dimensions: [Int]) -> Value.ID {
    let id = Value.ID(graph.values.count)
    graph.values.append(
      Value(
        id: id, name: name, origin: .weight(.absent), type: TensorType(.float32, dimensions),
        isConstant: true))
    return id
  }

  private mutating func append(_ name: String, _ op: Operator, _ inputs: [Value.ID]) {
    let node = Node.ID(graph.nodes.count)
    let output = Value.ID(graph.values.count)
    graph.values.append(Value(id: output, name: "\(name).out", origin: .node(node)))
    graph.nodes.append(Node(id: node, name: name, op: op, inputs: inputs, outputs: [output]))
    current = output
  }
}
