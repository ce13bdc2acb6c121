import ModelIR
import TensorTypes

let viewLayers: [String: LowerLayer] = [
  "Flatten": { builder, view, inputs throws(LayerError) in
    let input = try builder.only(inputs, view)
    let extents = try builder.extents(input)
    let known = extents.compactMap { $0 }
    let count = known.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
    return [
      builder.emit(
        .view(.flatten(axis: 1)), view.name, [input],
        extents: [known.count == extents.count ? count : nil])
    ]
  },
  "Reshape": { builder, view, inputs throws(LayerError) in try builder.reshape(view, inputs) },
  "ExpandDims": { builder, view, inputs throws(LayerError) in
    let input = try builder.only(inputs, view)
    let extents = try builder.extents(input)
    guard let axes = try view.ints(3), !axes.isEmpty else { throw .notModelled }
    let rank = extents.count + axes.count
    var positions = Set<Int>()
    for axis in axes {
      let position = axis < 0 ? axis + rank : axis
      guard (0..<rank).contains(position), positions.insert(position).inserted else {
        throw .invalid("expands axis \(axis)")
      }
    }
    var rest = extents
    let result: [Int?] = (0..<rank).map { positions.contains($0) ? 1 : rest.removeFirst() }
    return [
      builder.emit(
        .view(.unsqueeze(axes: positions.map { $0 + 1 }.sorted())), view.name, [input],
        extents: result)
    ]
  },
  "Squeeze": { builder, view, inputs throws(LayerError) in
    let input = try builder.only(inputs, view)
    let extents = try builder.extents(input)
    var positions = Set<Int>()
    if let axes = try view.ints(3) {
      for axis in axes {
        let position = axis < 0 ? axis + extents.count : axis
        guard extents.indices.contains(position) else { throw .invalid("squeezes axis \(axis)") }
        positions.insert(position)
      }
    } else {
      // Width, height and channels have a flag each, which holds where the extent is 1.
      let flags = [try view.flag(0), try view.flag(1), try view.flag(2)]
      let places = [extents.count - 1, extents.count - 2, extents.count > 2 ? 0 : -1]
      for (flag, place) in zip(flags, places) where flag && extents.indices.contains(place) {
        guard let extent = extents[place] else { throw .notModelled }
        if extent == 1 { positions.insert(place) }
      }
    }
    guard !positions.isEmpty, positions.count < extents.count else { return [input] }
    return [
      builder.emit(
        .view(.squeeze(axes: positions.map { $0 + 1 }.sorted())), view.name, [input],
        extents: extents.indices.filter { !positions.contains($0) }.map { extents[$0] })
    ]
  },
]

extension NCNNBuilder {
  fileprivate mutating func reshape(
    _ view: LayerView, _ inputs: [Value.ID]
  ) throws(LayerError) -> [Value.ID] {
    // An expression of the extents of several blobs.
    guard !view.has(6) else { throw .notModelled }
    var input = try only(inputs, view)
    var extents = try self.extents(input)
    let dropped = -233
    let width = try view.int(0, default: dropped)
    let height = try view.int(1, default: dropped)
    let depth = try view.int(11, default: dropped)
    let channels = try view.int(2, default: dropped)
    var target: [Int]
    switch (height, channels, depth) {
    case (dropped, _, _): target = [width]
    case (_, dropped, _): target = [height, width]
    case (_, _, dropped): target = [channels, height, width]
    default: target = [channels, depth, height, width]
    }
    let isHWC = try view.flag(3)
    if isHWC, extents.count == 3 {
      input = emit(
        .movement(.transpose(permutation: [0, 2, 3, 1])), "\(view.name)/hwc", [input],
        extents: [extents[1], extents[2], extents[0]])
      extents = [extents[1], extents[2], extents[0]]
    }
    if isHWC, target.count == 3 { target = [target[1], target[2], target[0]] }
    // 0 copies the extent of the same name: counted from the width, and the channels first.
    for (position, extent) in target.enumerated() where extent == 0 {
      let source =
        position == 0 && target.count >= 3 && extents.count >= 3
        ? 0 : position - target.count + extents.count
      guard extents.indices.contains(source) else { throw .invalid("copies an axis it lacks") }
      if let known = extents[source] {
        target[position] = known
      } else if source != position {
        guard !target.contains(-1) else { throw .notModelled }
        target[position] = -1
      }
    }
    guard target.allSatisfy({ $0 >= -1 }), target.filter({ $0 == -1 }).count <= 1 else {
      throw .invalid("reshapes to \(target)")
    }
    var result: [Int?] = []
    for (position, extent) in target.enumerated() {
      result.append(
        extent > 0 ? extent : extent == 0 && position < extents.count ? extents[position] : nil)
    }
    // The batch is 1 whatever the blob's shape.
    let value = emit(.view(.reshape(to: [1] + target)), view.name, [input], extents: result)
    guard isHWC, target.count == 3 else { return [value] }
    return [
      emit(
        .movement(.transpose(permutation: [0, 3, 1, 2])), "\(view.name)/chw", [value],
        extents: [result[2], result[0], result[1]])
    ]
  }
}
