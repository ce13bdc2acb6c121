import ModelIR
import TensorTypes

let poolingLayers: [String: LowerLayer] = [
  "Pooling": { builder, view, inputs throws(LayerError) in
    try builder.pooling(view, inputs, rank: 2)
  },
  "Pooling1D": { builder, view, inputs throws(LayerError) in
    try builder.pooling(view, inputs, rank: 1)
  },
]

extension NCNNBuilder {
  fileprivate mutating func pooling(
    _ view: LayerView, _ inputs: [Value.ID], rank: Int
  ) throws(LayerError) -> [Value.ID] {
    let input = try only(inputs, view)
    let extents = try self.extents(input)
    guard extents.count == rank + 1 else {
      throw .invalid("has an input of \(extents.count) axes, expected \(rank + 1)")
    }
    let type = try view.int(0)
    guard type == 0 || type == 1 else { throw .invalid("pooling_type is \(type)") }
    let isMean = type == 1
    if try view.flag(4) {
      let plane = emit(
        .pooling(Pooling(isMean ? .globalAverage : .globalMax)), view.name, [input],
        extents: [extents[0]] + [Int?](repeating: 1, count: rank))
      // ncnn hands on a vector.
      return [
        emit(
          .view(.flatten(axis: 1)), "\(view.name)/flatten", [plane], extents: [extents[0]])
      ]
    }
    let sliding =
      try view.flag(7)
      ? try adaptive(view, Array(extents.dropFirst()))
      : try windowed(view, Array(extents.dropFirst()))
    let function: Pooling.Function =
      isMean
      ? .average(sliding, includesPadding: try view.flag(6))
      : .max(sliding, countsColumnsFirst: false)
    return [
      emit(
        .pooling(Pooling(function)), view.name, [input],
        extents: [extents[0]] + [Int?](repeating: nil, count: rank))
    ]
  }

  private func windowed(
    _ view: LayerView, _ spatial: [Int?]
  ) throws(LayerError) -> Pooling.Sliding {
    let width = try view.positive(1, "the kernel")
    let step = try view.positive(2, "the stride", default: 1)
    let left = try view.int(3)
    let right = try view.int(14, default: left)
    let top = try view.int(13, default: left)
    let bottom = try view.int(15, default: top)
    let isPlane = spatial.count > 1
    let kernel = isPlane ? [try view.positive(11, "the kernel", default: width), width] : [width]
    let strides = isPlane ? [try view.positive(12, "the stride", default: step), step] : [step]
    let begins = isPlane ? [top, left] : [left]
    var ends = isPlane ? [bottom, right] : [right]
    guard (begins + ends).allSatisfy({ $0 >= 0 }) else {
      throw .invalid("has the padding \(begins + ends)")
    }
    let mode = try view.int(5)
    var roundsUp = false
    var padding: SpatialWindow.Padding?
    switch mode {
    case 0:
      // A last window counts wherever it starts; the IR drops one that starts in the padding, so
      // that what it needs is padded where the extents are known.
      let known = spatial.compactMap { $0 }
      roundsUp = known.count < spatial.count || ends.allSatisfy { $0 == 0 }
      for (axis, extent) in known.enumerated() where !roundsUp {
        let (padded, overflow) = extent.addingReportingOverflow(begins[axis] + ends[axis])
        guard !overflow, padded >= kernel[axis] else { continue }
        let rest = (padded - kernel[axis]) % strides[axis]
        if rest > 0 { ends[axis] += strides[axis] - rest }
      }
    case 1: break
    case 2: padding = .sameUpper
    case 3: padding = .sameLower
    default: throw .invalid("pad_mode is \(mode)")
    }
    return Pooling.Sliding(
      window: SpatialWindow(
        kernel: kernel, strides: strides, padding: padding ?? .explicit(begins + ends)),
      roundsUp: roundsUp)
  }

  /// Windows that give the stated extents; only those that divide the input's evenly are modelled.
  private func adaptive(
    _ view: LayerView, _ spatial: [Int?]
  ) throws(LayerError) -> Pooling.Sliding {
    let width = try view.int(8)
    let stated = spatial.count > 1 ? [try view.int(18, default: width), width] : [width]
    var kernel: [Int] = []
    for (extent, result) in zip(spatial, stated) {
      guard let extent else { throw .notModelled }
      // −233 keeps the extent.
      guard result > 0 || result == -233 else { throw .invalid("out_w or out_h is \(result)") }
      guard result == -233 || extent % result == 0 else { throw .notModelled }
      kernel.append(result == -233 ? 1 : extent / result)
    }
    return Pooling.Sliding(window: SpatialWindow(kernel: kernel, strides: kernel))
  }
}
