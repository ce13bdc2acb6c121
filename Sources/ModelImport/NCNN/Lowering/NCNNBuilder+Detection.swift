import ModelIR
import TensorTypes

let detectionLayers: [String: LowerLayer] = [
  "PriorBox": { builder, view, inputs throws(LayerError) in try builder.priorBoxes(view, inputs) },
  "DetectionOutput": { builder, view, inputs throws(LayerError) in
    let operands = try builder.several(inputs, view, 3...3)
    let classCount = try view.int(0)
    // MXNet's layout: priors without variances, scores by class.
    guard classCount != unstated else { throw .notModelled }
    guard classCount > 0 else { throw .invalid("num_class (parameter 0) is \(classCount)") }
    let selection = Detection.Selection(
      confidence: try view.real(4, default: 0.5), overlap: try view.real(1, default: 0.05),
      candidatesPerClass: try view.positive(2, "nms_top_k", default: 300),
      limit: try view.positive(3, "keep_top_k", default: 100))
    return [builder.detection(.priors(classCount: classCount), selection, view, operands)]
  },
  "YoloDetectionOutput": { builder, view, inputs throws(LayerError) in
    try builder.anchored(view, inputs, scoring: .softmax)
  },
  "Yolov3DetectionOutput": { builder, view, inputs throws(LayerError) in
    try builder.anchored(view, inputs, scoring: .sigmoid)
  },
]

/// What parameters hold where the layer takes the value from its inputs.
private let unstated = -233

extension NCNNBuilder {
  fileprivate mutating func priorBoxes(
    _ view: LayerView, _ inputs: [Value.ID]
  ) throws(LayerError) -> [Value.ID] {
    let operands = try several(inputs, view, 1...2)
    func stated<Number: Equatable>(_ number: Number, but missing: Number) -> Number? {
      number == missing ? nil : number
    }
    let image = [
      stated(try view.int(10), but: unstated), stated(try view.int(9), but: unstated),
    ]
    let leastSizes = try view.reals(0) ?? []
    let greatestSizes = try view.reals(1) ?? []
    // Without an image, sizes are parts of one: MXNet's boxes.
    guard operands.count == 2 || !image.contains(nil) else { throw .notModelled }
    guard image.allSatisfy({ $0.map { $0 > 0 } ?? true }) else {
      throw .invalid("has an image of \(image.map { $0 ?? 0 })")
    }
    guard greatestSizes.isEmpty || greatestSizes.count == leastSizes.count else {
      throw .invalid("has \(greatestSizes.count) max_sizes for \(leastSizes.count) min_sizes")
    }
    var variances: [Double] = []
    for (id, value) in zip(3...6, [0.1, 0.1, 0.2, 0.2]) {
      variances.append(try view.real(id, default: value))
    }
    let missing = Double(unstated)
    let boxes = Generator.PriorBoxes(
      leastSizes: leastSizes, greatestSizes: greatestSizes, aspectRatios: try view.reals(2) ?? [],
      flips: try view.flag(7, default: true), clips: try view.flag(8), variances: variances,
      imageSize: image,
      steps: [
        stated(try view.real(12, default: missing), but: missing),
        stated(try view.real(11, default: missing), but: missing),
      ], offset: try view.real(13))
    return [
      emit(.generator(.priorBoxes(boxes)), view.name, operands.map { $0 }, extents: [2, nil])
    ]
  }

  /// Boxes of maps, with anchors in cells of the map, or in pixels of its cells' size.
  fileprivate mutating func anchored(
    _ view: LayerView, _ inputs: [Value.ID], scoring: Detection.ClassScoring
  ) throws(LayerError) -> [Value.ID] {
    let operands = try several(inputs, view, 1...Int.max)
    let classCount = try view.positive(0, "num_class", default: 20)
    let boxCount = try view.positive(1, "num_box", default: 5)
    let sides = try view.reals(4) ?? []
    let anchors = (0..<sides.count / 2).map {
      Detection.Anchor(width: sides[2 * $0], height: sides[2 * $0 + 1])
    }
    let masks = scoring == .sigmoid ? try view.reals(5) ?? [] : nil
    let strides = scoring == .sigmoid ? try view.reals(6) ?? [] : nil
    var maps: [Detection.AnchorMap] = []
    for (index, operand) in operands.enumerated() {
      settle(
        operand,
        [
          .fixed(try view.product(boxCount, classCount + 5, of: "the channels")), .named("height"),
          .named("width"),
        ])
      var chosen: [Detection.Anchor] = []
      for box in 0..<boxCount {
        // Each map has the anchors that its part of the mask names.
        var position: Int? = box
        if let masks {
          let (place, overflow) = index.multipliedReportingOverflow(by: boxCount)
          let entry = overflow ? masks.count : place + box
          position = masks.indices.contains(entry) ? Int(exactly: masks[entry]) : nil
        }
        guard let position, anchors.indices.contains(position) else {
          throw .invalid("has no anchor \(box) of input \(index)")
        }
        chosen.append(anchors[position])
      }
      let stride = strides.map { index < $0.count ? $0[index] : 0 } ?? 1
      guard stride > 0, stride.isFinite else {
        throw .invalid("has no scale of input \(index)")
      }
      maps.append(Detection.AnchorMap(chosen, stride: stride))
    }
    let selection = Detection.Selection(
      confidence: try view.real(2, default: 0.01), overlap: try view.real(3, default: 0.45))
    let decoding = Detection.Decoding.anchors(classCount: classCount, maps, scoring)
    return [detection(decoding, selection, view, operands)]
  }

  /// ncnn hands on as many rows as there are boxes, and no blob where there is none.
  fileprivate mutating func detection(
    _ decoding: Detection.Decoding, _ selection: Detection.Selection, _ view: LayerView,
    _ operands: [Value.ID]
  ) -> Value.ID {
    let result = emit(
      .geometry(.detection(Detection(decoding, selection))), view.name, operands.map { $0 },
      extents: [nil, 6])
    runTimeShapes.insert(result)
    return result
  }
}
