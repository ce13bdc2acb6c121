import CostModel
import HardwareModel
import ModelIR
import Quantities
import TensorTypes

/// A graph written down in a few lines: values by name, types inferred by the real rules.
struct GraphSketch {
  private var graph = Graph(name: "sketch")
  private var ids: [String: Value.ID] = [:]

  mutating func input(_ name: String, _ extents: [Int], _ dtype: DType = .float32) {
    let id = add(name, .input, type: nil, isConstant: false)
    graph.inputs.append(
      GraphInput(value: id, dtype: dtype, shape: Shape(extents.map { .fixed($0) })))
  }

  mutating func weight(_ name: String, _ extents: [Int], _ dtype: DType = .float32) {
    _ = add(name, .weight(.absent), type: TensorType(dtype, extents), isConstant: true)
  }

  mutating func node(_ op: Operator, _ inputs: [String], _ output: String) {
    let node = Node.ID(graph.nodes.count)
    let result = add(output, .node(node), type: nil, isConstant: false)
    graph.nodes.append(
      Node(
        id: node, name: output, op: op, inputs: inputs.map { ids[$0] }, outputs: [result]))
  }

  func workload(outputs: [String]) throws -> Workload {
    var graph = graph
    graph.outputs = outputs.compactMap { ids[$0] }
    return try graph.inferred().workload()
  }

  private mutating func add(
    _ name: String, _ origin: Value.Origin, type: TensorType?, isConstant: Bool
  ) -> Value.ID {
    let id = Value.ID(graph.values.count)
    graph.values.append(
      Value(id: id, name: name, origin: origin, type: type, isConstant: isConstant))
    ids[name] = id
    return id
  }
}

/// Operators as the sketches use them.
enum Ops {
  static let relu = Operator.elementwise(Elementwise(.relu))
  static let sigmoid = Operator.elementwise(Elementwise(.sigmoid))
  static let add = Operator.elementwise(Elementwise(.add))
  static let sub = Operator.elementwise(Elementwise(.sub))
  static let mul = Operator.elementwise(Elementwise(.mul))
  static let div = Operator.elementwise(Elementwise(.div))
  static let pow = Operator.elementwise(Elementwise(.pow))
  static let sqrt = Operator.elementwise(Elementwise(.sqrt))
  static let erf = Operator.elementwise(Elementwise(.erf))
  static let matMul = Operator.matrixProduct(MatrixProduct(.matMul))
  static let softmax = Operator.softmax(Softmax(.softmax, axis: -1))
  static let convolution = Operator.convolution(Convolution(.conv))
  static let unknown = Operator.opaque(OpaqueOperator(name: "Foo", domain: "acme"))
}

/// Hardware with round numbers.
enum RoundNumbers {
  static func sourced<Value>(_ value: Value, _ basis: Basis = .datasheet) -> Sourced<Value> {
    Sourced(value, basis: basis, source: "test")
  }

  static func runtime(
    _ id: String = "runtime", fusion: Set<FusionRule> = [], unsupported: Set<OperatorKind> = [],
    partition: PartitionRule = .any, computes: [DType] = [.float32], kinds: [UnitKind],
    fallback: String? = nil, efficiency: Factor = Factor(value: 0.5, low: 0.25, high: 1),
    weightBandwidth: Factor? = nil
  ) -> Runtime {
    let profile = KernelProfile(
      computes: computes, dispatchOverhead: sourced(Seconds(1e-6)),
      invocationOverhead: sourced(Seconds(10e-6)),
      computeEfficiency: Dictionary(
        uniqueKeysWithValues: KernelClass.allCases.map { ($0, sourced(efficiency)) }),
      bandwidthEfficiency: sourced(Factor(value: 1, low: 1, high: 1)),
      weightBandwidthEfficiency: weightBandwidth.map { sourced($0) })
    return Runtime(
      id: id, name: id, version: "1", fallback: fallback,
      operators: OperatorSupport(
        rules: Dictionary(
          uniqueKeysWithValues: unsupported.map { ($0, OperatorSupport.Rule(level: .no)) }),
        unlisted: .unknown, source: "test"),
      fusion: fusion, partition: partition,
      memory: MemoryPolicy(
        aliasesViews: true, reusesInputs: true, alignment: 64, repacksWeights: false, base: nil),
      kernels: Dictionary(uniqueKeysWithValues: kinds.map { ($0, profile) }))
  }

  /// A host of 100 GFLOP/s over 10 GB/s, and an accelerator of 1 TOP/s behind a 1 GB/s link that
  /// takes 100 µs a hand-over.
  static func board(tile: TileShape? = nil, cores: Int = 1, levels: [MemoryLevel] = []) -> Board {
    Board(
      id: "board", name: "Board", price: nil,
      memories: [
        Memory(
          id: "dram", kind: .dram, holds: [.weights, .activations],
          capacity: sourced(.mebibytes(64)),
          reserved: sourced(.mebibytes(16)), bandwidth: sourced(BytesPerSecond(10e9)),
          singleCoreBandwidth: nil),
        Memory(
          id: "device", kind: .device, holds: [.weights, .activations],
          capacity: sourced(.mebibytes(8)), reserved: nil, bandwidth: sourced(BytesPerSecond(50e9)),
          singleCoreBandwidth: nil),
      ],
      units: [
        ComputeUnit(
          id: "cpu", name: "CPU", kind: .cpuOutOfOrder,
          clusters: [
            CoreCluster(
              name: "core", count: cores, clock: nil,
              peakRates: [.float32: sourced(FLOPsPerSecond(100e9))])
          ], levels: levels, tile: tile.map { sourced($0) }, residentWeights: nil, memory: "dram",
          link: nil, runtimes: ["host"]),
        ComputeUnit(
          id: "npu", name: "NPU", kind: .npu,
          clusters: [
            CoreCluster(
              name: "array", count: 1, clock: nil,
              peakRates: [.int8: sourced(FLOPsPerSecond(1e12))])
          ], levels: [], tile: nil, residentWeights: sourced(.mebibytes(1)), memory: "device",
          link: "usb", runtimes: ["npu"]),
      ],
      links: [
        Link(
          id: "usb", name: "USB", bandwidth: sourced(BytesPerSecond(1e9)),
          latency: sourced(Seconds(100e-6)))
      ],
      powerModes: [
        PowerMode(id: "default", power: sourced(Watts(5)), units: [:], memoryScale: nil)
      ])
  }
}
