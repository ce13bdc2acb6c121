import ModelIR
import TensorTypes

/// A graph around the operator under test: what feeds it, its weights, and nothing that would fuse
/// with it.
struct BenchmarkGraph {
  /// Elements that each run gets.
  struct Feed {
    let type: TensorType
    /// Of integers; real numbers lie between -1 and 1.
    let range: ClosedRange<Int>
  }

  private(set) var graph = Graph(name: "benchmark")
  private(set) var feeds: [Feed] = []
  /// The nodes under test, by name.
  private(set) var subjects: [String] = []

  /// An input in the order of its axes.
  mutating func fed(
    _ dimensions: [Int], _ dtype: DType = .float32, from range: ClosedRange<Int> = 0...127
  ) -> Value.ID {
    let type = TensorType(dtype, dimensions)
    let id = add("input\(feeds.count)", .input, type)
    graph.inputs.append(
      GraphInput(value: id, dtype: dtype, shape: Shape(dimensions.map { .fixed($0) })))
    feeds.append(Feed(type: type, range: range))
    return id
  }

  /// An image `[1, channels, extent, extent]` as convolutions hand it on: the channels of a pixel side
  /// by side, which a window of one element makes of an input.
  mutating func image(_ channels: Int, _ extent: Int) -> Value.ID {
    let input = fed([1, channels, extent, extent])
    hasImage = true
    return node("feeder", Self.window, [input], outputCount: 1)
  }

  /// Of one element: a neighbour that reads and writes pixels and fuses with nothing.
  private static let window = Operator.pooling(
    Pooling(
      .max(
        Pooling.Sliding(window: SpatialWindow(kernel: [1, 1])), countsColumnsFirst: false)))
  /// Whether the result is read as an image too, and not written in the order of its axes.
  private var hasImage = false

  /// Stored elements, drawn at random.
  mutating func weight(_ dimensions: [Int], _ dtype: DType = .float32) -> Value.ID {
    add("weight\(graph.values.count)", .weight(.absent), TensorType(dtype, dimensions))
  }

  mutating func integers(_ values: [Int], _ dtype: DType = .int64) -> Value.ID {
    literal(TensorType(dtype, [values.count]), .integers(values))
  }

  mutating func integer(_ value: Int, _ dtype: DType = .int64) -> Value.ID {
    literal(TensorType(dtype, []), .integers([value]))
  }

  mutating func reals(_ values: [Double]) -> Value.ID {
    literal(TensorType(.float32, [values.count]), .reals(values))
  }

  mutating func real(_ value: Double) -> Value.ID {
    literal(TensorType(.float32, []), .reals([value]))
  }

  /// The operator under test, or a part of it.
  @discardableResult
  mutating func subject(
    _ op: Operator, _ inputs: [Value.ID?], outputCount: Int = 1
  ) -> Value.ID {
    let name = "subject\(subjects.count)"
    subjects.append(name)
    let first = node(name, op, inputs, outputCount: outputCount)
    graph.outputs = (0..<outputCount).map { Value.ID(first.index + $0) }
    if hasImage { graph.outputs = [node("reader", Self.window, [first], outputCount: 1)] }
    return first
  }

  private mutating func node(
    _ name: String, _ op: Operator, _ inputs: [Value.ID?], outputCount: Int
  ) -> Value.ID {
    let id = Node.ID(graph.nodes.count)
    let outputs = (0..<outputCount).map { add("\(name).\($0)", .node(id), nil) }
    graph.nodes.append(Node(id: id, name: name, op: op, inputs: inputs, outputs: outputs))
    return outputs[0]
  }

  private mutating func literal(
    _ type: TensorType, _ elements: TensorLiteral.Elements
  ) -> Value.ID {
    add("literal\(graph.values.count)", .weight(.absent), type, TensorLiteral(type, elements))
  }

  private mutating func add(
    _ name: String, _ origin: Value.Origin, _ type: TensorType?, _ literal: TensorLiteral? = nil
  ) -> Value.ID {
    let id = Value.ID(graph.values.count)
    var isConstant = false
    if case .weight = origin { isConstant = true }
    graph.values.append(
      Value(
        id: id, name: name, origin: origin, type: type, literal: literal, isConstant: isConstant))
    return id
  }
}
