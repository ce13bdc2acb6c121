import ModelIR
import Platform
import Quantities
import TensorTypes

/// What interpreting a graph takes, as far as the types of its values are known; sums saturate.
struct MemoryEstimate {
  /// Weights that stay in the file.
  private(set) var mapped = 0
  private(set) var decoded = 0
  /// The most that values alive at the same time take.
  private(set) var arena = 0
  private(set) var scratch = 0

  /// Bytes that a reference kernel holds for each element it reads or makes: the number itself and
  /// the positions it is taken from, each also while lists grow.
  private static let scratchBytes = 32

  /// What must fit: mapped pages can be dropped and read again.
  var total: Int { saturatingSum(saturatingSum(decoded, arena), scratch) }

  mutating func add(_ graph: Graph, depth: Int) {
    guard depth <= 64 else { return }
    for value in graph.values {
      guard case .weight(let storage) = value.origin, let type = value.type else { continue }
      switch storage {
      case .file, .external: mapped = saturatingSum(mapped, bytes(type))
      case .listed, .sparse, .stated, .absent: decoded = saturatingSum(decoded, bytes(type))
      }
    }
    var alive = 0
    var peak = 0
    func size(_ id: Value.ID) -> Int {
      if case .weight = graph[id].origin { return 0 }
      return graph[id].type.map(bytes) ?? 0
    }
    for input in graph.inputs { alive = saturatingSum(alive, size(input.value)) }
    for (node, released) in zip(graph.nodes, graph.lastUses) {
      for subgraph in node.op.subgraphs { add(subgraph.body, depth: depth + 1) }
      let outputs = node.outputs.compactMap { $0 }
      for id in outputs { alive = saturatingSum(alive, size(id)) }
      peak = max(peak, alive)
      if alive < .max { for id in released { alive = max(0, alive - size(id)) } }
      let elements = (node.inputs.compactMap { $0 } + outputs).reduce(0) {
        saturatingSum($0, graph[$1].type?.elementCount ?? 0)
      }
      if case .view = node.op { continue }
      scratch = max(scratch, saturatingProduct(elements, Self.scratchBytes))
    }
    arena = saturatingSum(arena, peak)
  }

  private func bytes(_ type: TensorType) -> Int { type.storageSize.rawValue }

  /// Memory that the system can give without paging, and that the control group allows; `nil` when
  /// it does not say.
  static var availableBytes: Int? {
    let system = number(after: "MemAvailable:", in: "/proc/meminfo").map { $0 * 1024 }
    let limit = number(after: "", in: "/sys/fs/cgroup/memory.max")
    let used = number(after: "", in: "/sys/fs/cgroup/memory.current") ?? 0
    let group = limit.map { max(0, $0 - used) }
    return [system, group].compactMap { $0 }.min()
  }

  /// The first whole number of the line that begins so.
  private static func number(after label: String, in path: String) -> Int? {
    guard let file = unsafe fopen(path, "r") else { return nil }
    defer { unsafe fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while unsafe fgets(&line, Int32(line.count), file) != nil {
      let text = String(
        decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      guard text.hasPrefix(label) else { continue }
      let digits = text.dropFirst(label.count).drop { $0 == " " }.prefix {
        $0.isASCII && $0.isNumber
      }
      return Int(digits)
    }
    return nil
  }
}

func saturatingSum(_ lhs: Int, _ rhs: Int) -> Int {
  let (sum, overflow) = lhs.addingReportingOverflow(rhs)
  return overflow ? .max : sum
}
