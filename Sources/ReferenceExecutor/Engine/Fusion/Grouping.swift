import ModelIR
import TensorTypes

/// Groups nodes into kernels.
///
/// A group hands on one result, that of its last node in the order of the graph, and nothing else
/// that it computes is read outside. So groups in the order of their last nodes can run.
struct Grouping {
  let lowering: Lowering
  var graph: Graph { lowering.graph }
  var uses: GraphUses { lowering.uses }
  private(set) var isTaken: [Bool]
  private(set) var groups: [KernelGroup] = []

  init(_ lowering: Lowering) {
    self.lowering = lowering
    isTaken = Array(repeating: false, count: lowering.graph.nodes.count)
  }

  /// The groups of all nodes that a run must evaluate, in an order in which they can run.
  mutating func run() throws(ExecutionError) -> [KernelGroup] {
    for node in graph.nodes where isAtLoad(node) { isTaken[node.id.index] = true }
    for node in graph.nodes where !isTaken[node.id.index] && isDynamic(node) {
      take(KernelGroup(nodes: [node.id]))
    }
    for node in graph.nodes where !isTaken[node.id.index] {
      if let pattern = try attention(around: node) {
        take(pattern)
      } else if let pattern = try normalization(around: node) {
        take(pattern)
      }
    }
    for node in graph.nodes where !isTaken[node.id.index] {
      if let pattern = try quantized(around: node) { take(pattern) }
    }
    for node in graph.nodes where !isTaken[node.id.index] {
      if let stages = try epilogue(of: node) { take(stages) }
    }
    for node in graph.nodes where !isTaken[node.id.index] {
      if let chain = try chain(from: node) { take(chain) }
    }
    for node in graph.nodes where !isTaken[node.id.index] {
      take(KernelGroup(nodes: [node.id]))
    }
    return needed(groups.sorted { $0.last < $1.last })
  }

  private mutating func take(_ group: KernelGroup) {
    for node in group.nodes { isTaken[node.index] = true }
    groups.append(group)
  }

  /// Whether all that the node makes is constant.
  private func isAtLoad(_ node: Node) -> Bool {
    node.outputs.allSatisfy { $0.map { uses.isConstant[$0.index] } ?? true }
  }

  private func isDynamic(_ node: Node) -> Bool {
    (node.inputs + node.outputs).contains { $0.map { uses.isDynamic[$0.index] } ?? false }
  }

  /// Without the groups whose results nobody reads.
  private func needed(_ groups: [KernelGroup]) -> [KernelGroup] {
    var isRead = uses.isOutput
    return groups.reversed().filter { group in
      let isNeeded = group.nodes.contains { node in
        graph[node].outputs.contains { $0.map { isRead[$0.index] } ?? false }
      }
      if isNeeded {
        for node in group.nodes {
          for case let input? in graph[node].inputs { isRead[input.index] = true }
        }
      }
      return isNeeded
    }.reversed()
  }

  func isFree(_ node: Node.ID) -> Bool { !isTaken[node.index] }

  func producer(of value: Value.ID) -> Node? { uses.producers[value.index].map { graph[$0] } }

  func isFloat(_ value: Value.ID) -> Bool { graph[value].type?.dtype == .float32 }
}
