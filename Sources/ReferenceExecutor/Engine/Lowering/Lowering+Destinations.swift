import ModelIR
import Quantities
import TensorTypes

/// Where a result is wanted.
enum Destination {
  /// The memory of a result of the model.
  case output(Int)
  /// A part of what a concatenation makes.
  case part(of: Node.ID, axis: Int, start: Int)
}

extension Lowering {
  /// Finds the values that can be written where they are wanted: results of the model, and the
  /// parts of concatenations that nothing else holds.
  func findDestinations() {
    for (position, id) in graph.outputs.enumerated()
    where destinations[id] == nil && !uses.isConstant[id.index] && graph[id].origin != .input {
      destinations[id] = .output(position)
    }
    for node in graph.nodes.reversed() {
      guard case .movement(.concat(let axis)) = node.op, let result = node.outputs.first ?? nil,
        let type = graph[result].type, type.rank > 0, type.elementCount > 0,
        type.dtype.block.elements == 1, type.dtype != .string, axis >= -type.rank, axis < type.rank
      else { continue }
      let inputs = node.inputs.compactMap { $0 }
      guard !inputs.allSatisfy({ uses.isConstant[$0.index] }) else { continue }
      let resolved = axis < 0 ? axis + type.rank : axis
      var start = 0
      placeSplitSources(inputs, of: node.id, axis: resolved)
      for input in inputs {
        guard let extents = graph[input].type?.dimensions, extents.count == type.rank else { break }
        if destinations[input] == nil, !uses.isConstant[input.index],
          case .node = graph[input].origin
        {
          destinations[input] = .part(of: node.id, axis: resolved, start: start)
        }
        start += extents[resolved]
      }
    }
  }

  /// What is split into neighbouring parts of a concatenation is written there whole.
  private func placeSplitSources(_ parts: [Value.ID], of node: Node.ID, axis: Int) {
    var start = 0
    for (position, part) in parts.enumerated() {
      guard let type = graph[part].type, type.rank > axis else { return }
      if let split = uses.producers[part.index].map({ graph[$0] }),
        case .movement(.split(let own)) = split.op,
        own.axis == axis || own.axis == axis - type.rank, let source = split.inputs[0],
        destinations[source] == nil, !uses.isConstant[source.index],
        case .node = graph[source].origin,
        parts[position...].prefix(split.outputs.count).elementsEqual(
          split.outputs.compactMap { $0 })
      {
        destinations[source] = .part(of: node, axis: axis, start: start)
      }
      start += type.dimensions[axis]
    }
  }

  /// The view in which a result is wanted; its storage is made when first asked for.
  func wantedView(of value: Value.ID) -> TensorView? {
    switch destinations[value] {
    case nil: return nil
    case .output(let position):
      guard let type = graph[value].type else { return nil }
      if let view = assembled[value] { return view }
      let view = TensorView(
        type, storage: addStorage(bytes: type.storageSize.rawValue, .output(position)))
      assembled[value] = view
      return view
    case .part(let node, let axis, let start):
      guard let result = graph[node].outputs.first ?? nil,
        let extents = graph[value].type?.dimensions
      else { return nil }
      return assembly(of: result)?.sliced(axis: axis, start: start, count: extents[axis])
    }
  }

  /// The memory in which a concatenation's parts come together.
  func assembly(of result: Value.ID) -> TensorView? {
    if let view = assembled[result] { return view }
    guard let type = graph[result].type else { return nil }
    var view: TensorView
    if let wanted = wantedView(of: result) {
      view = wanted
    } else {
      let order =
        uses.prefersChannelsLast[result.index]
        ? channelsLastOrder(rank: type.rank) : Array(0..<type.rank)
      view = allocate(type, order: order)
      storages[view.storage].isAssembled = true
    }
    assembled[result] = view
    return view
  }
}
