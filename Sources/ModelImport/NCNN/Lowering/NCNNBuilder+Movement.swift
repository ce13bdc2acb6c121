import ModelIR
import TensorTypes

let movementLayers: [String: LowerLayer] = [
  "Concat": { builder, view, inputs throws(LayerError) in
    let parts = try builder.several(inputs, view, 1...65_536)
    var result = try builder.extents(parts[0])
    let stated = try view.int(0)
    let axis = stated < 0 ? stated + result.count : stated
    guard result.indices.contains(axis) else { throw .invalid("concatenates along axis \(stated)") }
    for part in parts.dropFirst() {
      let extents = try builder.extents(part)
      guard extents.count == result.count else {
        throw .invalid("concatenates blobs of \(result.count) and \(extents.count) axes")
      }
      for position in result.indices {
        if position == axis {
          result[axis] = result[axis].flatMap { sum in
            extents[axis].map { sum.addingReportingOverflow($0).partialValue }
          }
        } else {
          result[position] = result[position] ?? extents[position]
        }
      }
    }
    return [
      builder.emit(.movement(.concat(axis: axis + 1)), view.name, parts, extents: result)
    ]
  },
  "Slice": { builder, view, inputs throws(LayerError) in try builder.slice(view, inputs) },
  "Crop": { builder, view, inputs throws(LayerError) in try builder.crop(view, inputs) },
  "Permute": { builder, view, inputs throws(LayerError) in
    let input = try builder.only(inputs, view)
    let extents = try builder.extents(input)
    let order = try view.int(0)
    guard extents.count > 1, order != 0 else { return [input] }
    // Names from the width outwards, so that the value's axes are read from the end.
    let names = [["WH", "HW"], planeOrders, volumeOrders][extents.count - 2]
    guard names.indices.contains(order) else { throw .invalid("order_type is \(order)") }
    let axes = Array(["HW", "CHW", "CDHW"][extents.count - 2])
    let places = names[order].reversed().compactMap { axes.firstIndex(of: $0) }
    return [
      builder.emit(
        .movement(.transpose(permutation: [0] + places.map { $0 + 1 })), view.name, [input],
        extents: places.map { extents[$0] })
    ]
  },
  "ShuffleChannel": { builder, view, inputs throws(LayerError) in
    try builder.shuffle(view, inputs)
  },
  "PixelShuffle": { builder, view, inputs throws(LayerError) in
    let input = try builder.only(inputs, view)
    let extents = try builder.extents(input)
    guard extents.count == 3 else { throw .notModelled }
    let factor = try view.positive(0, "upscale_factor", default: 1)
    let area = try view.product(factor, factor, of: "upscale_factor")
    return [
      builder.emit(
        .movement(
          .depthToSpace(blockSize: factor, channelsOutermost: try view.int(1) == 0)), view.name,
        [input], extents: [extents[0].map { $0 / area }, nil, nil])
    ]
  },
  "Reorg": { builder, view, inputs throws(LayerError) in
    let input = try builder.only(inputs, view)
    let extents = try builder.extents(input)
    guard extents.count == 3 else { throw .notModelled }
    let factor = try view.positive(0, "stride", default: 1)
    let area = try view.product(factor, factor, of: "stride")
    return [
      builder.emit(
        .movement(
          .spaceToDepth(blockSize: factor, channelsOutermost: try view.int(1) == 0)), view.name,
        [input],
        extents: [
          extents[0].map { $0.multipliedReportingOverflow(by: area).partialValue }, nil, nil,
        ])
    ]
  },
  "Tile": { builder, view, inputs throws(LayerError) in
    var input = try builder.only(inputs, view)
    var extents = try builder.extents(input)
    var counts: [Int]
    if let stated = try view.ints(2) {
      counts = stated
    } else {
      let axis = try view.int(0)
      counts = Array(repeating: 1, count: extents.count)
      guard counts.indices.contains(axis) else { throw .invalid("tiles axis \(axis)") }
      counts[axis] = try view.int(1, default: 1)
    }
    guard counts.count <= 4, counts.allSatisfy({ (1...1 << 24).contains($0) }) else {
      throw .invalid("tiles by \(counts)")
    }
    if counts.count > extents.count {
      let added = counts.count - extents.count
      extents = Array(repeating: 1, count: added) + extents
      input = builder.emit(
        .view(.unsqueeze(axes: Array(1...added))), "\(view.name)/axes", [input], extents: extents)
    }
    counts = Array(repeating: 1, count: extents.count - counts.count) + counts
    let repeats = builder.constant("\(view.name)/repeats", [1] + counts)
    return [
      builder.emit(
        .movement(.tile), view.name, [input, repeats],
        extents: zip(extents, counts).map { extent, count in
          extent.map { $0.multipliedReportingOverflow(by: count).partialValue }
        })
    ]
  },
  "Padding": { builder, view, inputs throws(LayerError) in
    let input = try builder.only(inputs, view)
    let extents = try builder.extents(input)
    // A value for each channel is stored with the weights.
    guard try view.int(6) == 0, extents.count <= 3 else { throw .notModelled }
    let begins = [try view.int(7), try view.int(0), try view.int(2)].suffix(extents.count)
    let ends = [try view.int(8), try view.int(1), try view.int(3)].suffix(extents.count)
    let filling: Movement.Filling
    switch try view.int(4) {
    case 0: filling = .value(try view.real(5))
    case 1: filling = .edge
    case 2: filling = .reflection
    case let other: throw .invalid("type is \(other)")
    }
    let result: [Int?] = zip(extents, zip(begins, ends)).map { extent, pads in
      extent.map { $0.addingReportingOverflow(pads.0 + pads.1).partialValue }
    }
    return [
      builder.emit(
        .movement(.pad(pads: [0] + begins + [0] + ends, filling: filling)), view.name, [input],
        extents: result)
    ]
  },
  "Interp": { builder, view, inputs throws(LayerError) in try builder.resize(view, inputs) },
]

private let planeOrders = ["WHC", "HWC", "WCH", "CWH", "HCW", "CHW"]
private let volumeOrders = [
  "WHDC", "HWDC", "WDHC", "DWHC", "HDWC", "DHWC", "WHCD", "HWCD", "WCHD", "CWHD", "HCWD", "CHWD",
  "WDCH", "DWCH", "WCDH", "CWDH", "DCWH", "CDWH", "HDCW", "DHCW", "HCDW", "CHDW", "DCHW", "CDHW",
]

extension NCNNBuilder {
  fileprivate mutating func slice(
    _ view: LayerView, _ inputs: [Value.ID]
  ) throws(LayerError) -> [Value.ID] {
    let input = try only(inputs, view)
    let extents = try self.extents(input)
    let stated = try view.int(1)
    let axis = stated < 0 ? stated + extents.count : stated
    guard extents.indices.contains(axis) else { throw .invalid("slices axis \(stated)") }
    // Newer files may state where parts begin instead.
    guard let slices = try view.ints(0), try view.ints(2) == nil else { throw .notModelled }
    let count = view.layer.outputs.count
    guard slices.count == count else {
      throw .invalid("has \(slices.count) parts for \(count) outputs")
    }
    guard slices.allSatisfy({ $0 > 0 || $0 == -233 }) else { throw .invalid("slices \(slices)") }
    let names = count == 1 ? [view.name] : (0..<count).map { "\(view.name)/\($0)" }
    var sizes: [Int]?
    if let extent = extents[axis] {
      var rest = extent
      var found: [Int] = []
      for (position, size) in slices.enumerated() {
        // −233 is an equal part of what is left.
        let part = size == -233 ? rest / (count - position) : size
        guard part > 0, part <= rest else { throw .invalid("slices \(slices) of \(extent)") }
        found.append(part)
        rest -= part
      }
      guard rest == 0 else { throw .invalid("slices \(slices) of \(extent)") }
      sizes = found
    } else if slices.allSatisfy({ $0 == -233 }) {
      sizes = nil
    } else if !slices.contains(-233) {
      sizes = slices
    } else {
      throw .notModelled
    }
    let results: [[Int?]?] = (0..<count).map { position in
      var result = extents
      result[axis] = sizes?[position]
      return result
    }
    return emit(
      .movement(.split(Movement.Split(axis: axis + 1, sizes: sizes))), view.name, [input],
      names: names, extents: results)
  }

  fileprivate mutating func crop(
    _ view: LayerView, _ inputs: [Value.ID]
  ) throws(LayerError) -> [Value.ID] {
    let operands = try several(inputs, view, 1...2)
    let extents = try self.extents(operands[0])
    var starts: [Int] = []
    var ends: [Int] = []
    var axes: [Int] = []
    if let first = try view.ints(9), let last = try view.ints(10) {
      let stated = try view.ints(11) ?? Array(0..<first.count)
      guard first.count == last.count, stated.count == first.count else {
        throw .invalid("has starts, ends and axes of different counts")
      }
      for (position, axis) in stated.enumerated() {
        starts.append(first[position] == -233 ? 0 : first[position])
        ends.append(last[position] == -233 ? .max : last[position])
        axes.append(axis < 0 ? axis + extents.count : axis)
      }
    } else {
      guard extents.count <= 3 else { throw .notModelled }
      let offsets = [try view.int(2), try view.int(1), try view.int(0)].suffix(extents.count)
      var sizes = [try view.int(5), try view.int(4), try view.int(3)].suffix(extents.count).map {
        $0
      }
      let tails = [try view.int(8), try view.int(7), try view.int(6)].suffix(extents.count)
      if operands.count == 2 {
        // To the extents of the second blob, which leaves channels alone where it has none.
        let reference = try self.extents(operands[1])
        guard reference.allSatisfy({ $0 != nil }), reference.count <= extents.count else {
          throw .notModelled
        }
        sizes =
          Array(repeating: -233, count: extents.count - reference.count)
          + reference.compactMap { $0 }
      }
      for (axis, (offset, (size, tail))) in zip(offsets, zip(sizes, tails)).enumerated() {
        guard offset >= 0, tail >= 0, size >= 0 || size == -233 else {
          throw .invalid("crops \(size) from \(offset)")
        }
        let (end, overflow) = offset.addingReportingOverflow(size)
        guard !overflow else { throw .invalid("crops \(size) from \(offset)") }
        starts.append(offset)
        ends.append(size > 0 ? end : tail > 0 ? -tail : .max)
        axes.append(axis)
      }
    }
    guard axes.allSatisfy(extents.indices.contains) else { throw .invalid("crops axes \(axes)") }
    var result = extents
    for (position, axis) in axes.enumerated() {
      let (start, end) = (starts[position], ends[position])
      result[axis] = start >= 0 && end > start && end != .max ? end - start : nil
    }
    return [
      emit(
        .movement(
          .slice(Movement.Slice(starts: starts, ends: ends, axes: axes.map { $0 + 1 }))),
        view.name, [operands[0]], extents: result)
    ]
  }

  /// Channels as a matrix of groups, transposed.
  fileprivate mutating func shuffle(
    _ view: LayerView, _ inputs: [Value.ID]
  ) throws(LayerError) -> [Value.ID] {
    let input = try only(inputs, view)
    let extents = try self.extents(input)
    guard extents.count == 3, let channels = extents[0] else { throw .notModelled }
    let stated = try view.positive(0, "group", default: 1)
    let part = try view.quotient(channels, stated, "the channels over group")
    let groups = try view.flag(1) ? [part, stated] : [stated, part]
    let plane = [1] + groups
    let known = extents.dropFirst().compactMap { $0 }
    let isKnown = known.count == 2
    let grouped = emit(
      .view(.reshape(to: plane + (isKnown ? known : [-1]))), "\(view.name)/groups", [input],
      extents: groups + (isKnown ? known : [nil]))
    let order = isKnown ? [0, 2, 1, 3, 4] : [0, 2, 1, 3]
    let shuffled = emit(
      .movement(.transpose(permutation: order)), view.name, [grouped],
      extents: [groups[1], groups[0]] + (isKnown ? known : [nil]))
    if isKnown {
      return [
        emit(
          .view(.reshape(to: [1, channels] + known)), "\(view.name)/channels", [shuffled],
          extents: extents)
      ]
    }
    let shape = emit(
      .generator(.shape()), "\(view.name)/shape", [input], extents: nil)
    return [
      emit(.view(.reshape()), "\(view.name)/channels", [shuffled, shape], extents: extents)
    ]
  }

  fileprivate mutating func resize(
    _ view: LayerView, _ inputs: [Value.ID]
  ) throws(LayerError) -> [Value.ID] {
    guard inputs.count == 1, try view.int(5) == 0 else { throw .notModelled }
    var input = try only(inputs, view)
    var extents = try self.extents(input)
    if extents.count == 1 {
      // A vector is as many channels of one place.
      extents += [1, 1]
      input = emit(
        .view(.unsqueeze(axes: [2, 3])), "\(view.name)/plane", [input], extents: extents)
    }
    let isPlane = extents.count == 3
    guard extents.count <= 3 else { throw .notModelled }
    let type = try view.int(0)
    guard (1...3).contains(type) else { throw .invalid("resize_type is \(type)") }
    let mode: Resize.Mode = type == 1 ? .nearest : type == 2 ? .linear : .cubic
    let alignsCorners = try view.flag(6)
    let sampling: Resize.Sampling =
      mode == .nearest ? .corners : Resize.Sampling(alignsCorners ? .alignedCorners : .centers)
    let sizes = isPlane ? [try view.int(3), try view.int(4)] : [try view.int(4)]
    let axes = isPlane ? [2, 3] : [2]
    var operands = [input]
    let resize: Resize
    var result: [Int?] = [extents[0]]
    if sizes.allSatisfy({ $0 > 0 }) {
      operands.append(constant("\(view.name)/sizes", sizes))
      resize = Resize(mode, sizesInput: 1, axes: axes, sampling: sampling)
      result += sizes.map { $0 }
    } else {
      let scales =
        isPlane
        ? [try view.real(1, default: 1), try view.real(2, default: 1)]
        : [try view.real(2, default: 1)]
      guard scales.allSatisfy({ $0 > 0 }) else { throw .invalid("scales by \(scales)") }
      resize = Resize(mode, scales: scales, axes: axes, sampling: sampling)
      result += axes.map { _ in nil }
    }
    return [emit(.movement(.resize(resize)), view.name, operands, extents: result)]
  }
}
