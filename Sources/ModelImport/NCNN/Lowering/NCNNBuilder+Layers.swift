import ModelIR
import TensorTypes

/// What a layer becomes: the values of its outputs.
typealias LowerLayer =
  @Sendable (inout NCNNBuilder, LayerView, [Value.ID]) throws(LayerError) -> [Value.ID]

/// A family is one dictionary entry a layer type, in a file by the IR's families.
private let layerLowerings: [String: LowerLayer] = [
  inputLayers, productLayers, poolingLayers, elementwiseLayers, normalizationLayers, movementLayers,
  viewLayers, attentionLayers, detectionLayers, recurrentLayers,
].reduce(into: [:]) { $0.merge($1) { first, _ in first } }

extension NCNNBuilder {
  mutating func lower(_ view: LayerView, _ inputs: [Value.ID]) throws(LayerError) -> [Value.ID] {
    if let function = plainLayers[view.layer.type] {
      return [applied(function, try only(inputs, view), view.name)]
    }
    guard let lowering = layerLowerings[view.layer.type] else { throw .notModelled }
    return try lowering(&self, view, inputs)
  }

  /// The value as real numbers: an integer blob is dequantized by the scale that it was made with.
  mutating func real(_ value: Value.ID, _ view: LayerView) -> Value.ID {
    guard let scale = facts[value.index].scale else { return value }
    return dequantized(value, by: scale, "\(view.name)/dequantize")
  }

  /// The layer's only input, as real numbers.
  mutating func only(
    _ inputs: [Value.ID], _ view: LayerView
  ) throws(LayerError) -> Value.ID {
    guard inputs.count == 1 else { throw .invalid("has \(inputs.count) inputs, expected 1") }
    return real(inputs[0], view)
  }

  /// The layer's inputs, as real numbers.
  mutating func several(
    _ inputs: [Value.ID], _ view: LayerView, _ count: ClosedRange<Int>
  ) throws(LayerError) -> [Value.ID] {
    guard count.contains(inputs.count) else {
      throw .invalid("has \(inputs.count) inputs, expected \(count.lowerBound) or more")
    }
    var values: [Value.ID] = []
    for input in inputs { values.append(real(input, view)) }
    return values
  }
}

/// Where blobs come from, and layers that only name them again.
let inputLayers: [String: LowerLayer] = [
  "Input": { builder, view, _ throws(LayerError) in
    var extents: [Int]?
    let stated = [
      try view.int(0), try view.int(1), try view.int(11), try view.int(2),
    ]
    if stated[0] > 0 { extents = stated.filter { $0 > 0 }.reversed() }
    var values: [Value.ID] = []
    for (position, name) in view.layer.outputs.enumerated() {
      let hints = view.shapeHints
      let id = Value.ID(builder.graph.values.count)
      builder.graph.values.append(Value(id: id, name: name, origin: .input))
      builder.facts.append(.init())
      if let extents = extents ?? (position < hints.count ? hints[position] : nil) {
        builder.settle(id, extents.map { .fixed($0) })
      }
      values.append(id)
    }
    return values
  },
  "MemoryData": { builder, view, _ throws(LayerError) in
    let stated = [try view.int(0), try view.int(1), try view.int(11), try view.int(2)]
    let extents = stated.filter { $0 != 0 }
    guard !extents.isEmpty, extents.allSatisfy({ $0 > 0 }) else {
      throw .invalid("has no size")
    }
    let value = builder.weight(view.name, [1] + extents.reversed())
    builder.facts[value.index].extents = extents.reversed()
    return [value]
  },
  "Split": { _, view, inputs throws(LayerError) in
    guard inputs.count == 1 else { throw .invalid("has \(inputs.count) inputs, expected 1") }
    return view.layer.outputs.map { _ in inputs[0] }
  },
  "Noop": { _, view, inputs throws(LayerError) in
    // With other counts it gathers the results of the model under one name.
    if inputs.count == view.layer.outputs.count { return inputs }
    guard let first = inputs.first else { throw .invalid("has no input") }
    return view.layer.outputs.map { _ in first }
  },
  "Dropout": { builder, view, inputs throws(LayerError) in
    let input = try builder.only(inputs, view)
    let scale = try view.real(0, default: 1)
    return [scale == 1 ? input : builder.scaled(input, by: scale, view)]
  },
]
