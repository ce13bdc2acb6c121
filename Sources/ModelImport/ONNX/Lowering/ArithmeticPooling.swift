import ModelIR

let poolingLowerings: [String: Lower] = [
  "MaxPool": { node throws(LoweringError) in
    .pooling(
      Pooling(
        .max(try node.sliding(), countsColumnsFirst: try node.flag("storage_order"))))
  },
  "AveragePool": { node throws(LoweringError) in
    .pooling(
      Pooling(
        .average(try node.sliding(), includesPadding: try node.flag("count_include_pad"))))
  },
  "LpPool": { node throws(LoweringError) in
    .pooling(Pooling(.lp(try node.sliding(), power: try node.int("p", default: 2))))
  },
  "GlobalMaxPool": { _ in .pooling(Pooling(.globalMax)) },
  "GlobalAveragePool": { _ in .pooling(Pooling(.globalAverage)) },
  "GlobalLpPool": { node throws(LoweringError) in
    .pooling(Pooling(.globalLp(power: try node.int("p", default: 2))))
  },
  "MaxRoiPool": { node throws(LoweringError) in
    guard let shape = try node.ints("pooled_shape") else {
      throw node.error(.missingAttribute("pooled_shape"))
    }
    return .pooling(
      Pooling(
        .maxRegion(
          pooledShape: shape, spatialScale: try node.float("spatial_scale", default: 1))))
  },
  "MaxUnpool": { node throws(LoweringError) in
    .pooling(Pooling(.maxUnpool(window: try node.spatialWindow())))
  },
  "RoiAlign": { node throws(LoweringError) in
    let mode: Pooling.RegionMode
    switch try node.string("mode", default: "avg") {
    case "avg": mode = .average
    case "max": mode = .max
    case let other: throw node.error(.invalidAttribute("mode", reason: "is '\(other)'"))
    }
    // Opset 16 brought the attribute, and the shift as its default.
    let coordinates = try node.string(
      "coordinate_transformation_mode",
      default: node.opset < 16 ? "output_half_pixel" : "half_pixel")
    return .pooling(
      Pooling(
        .regionAlign(
          Pooling.RegionAlignment(
            mode: mode, outputHeight: try node.int("output_height", default: 1),
            outputWidth: try node.int("output_width", default: 1),
            samplingRatio: try node.int("sampling_ratio", default: 0),
            spatialScale: try node.float("spatial_scale", default: 1),
            usesHalfPixel: coordinates == "half_pixel"))))
  },
  "QLinearAveragePool": { node throws(LoweringError) in
    .pooling(
      Pooling(
        .qLinearAverage(
          try node.sliding(channelsLast: try node.flag("channels_last")),
          includesPadding: try node.flag("count_include_pad"))))
  },
  "QLinearGlobalAveragePool": { node throws(LoweringError) in
    .pooling(Pooling(.qLinearGlobalAverage(channelsLast: try node.flag("channels_last"))))
  },
]

extension NodeView {
  fileprivate func sliding(
    channelsLast: Bool = false
  ) throws(LoweringError) -> Pooling.Sliding {
    guard has("kernel_shape") else { throw error(.missingAttribute("kernel_shape")) }
    return Pooling.Sliding(
      window: try spatialWindow(), roundsUp: try flag("ceil_mode"), channelsLast: channelsLast)
  }
}
