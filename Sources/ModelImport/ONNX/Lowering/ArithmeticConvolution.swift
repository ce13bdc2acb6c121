import ModelIR

let convolutionLowerings: [String: Lower] = [
  "Conv": { node throws(LoweringError) in try node.convolution(.conv) },
  "ConvInteger": { node throws(LoweringError) in try node.convolution(.convInteger) },
  "QLinearConv": { node throws(LoweringError) in
    try node.convolution(.qLinearConv, channelsLast: try node.flag("channels_last"))
  },
  "ConvTranspose": { node throws(LoweringError) in
    try node.convolution(
      .convTranspose(
        outputPadding: try node.ints("output_padding") ?? [],
        outputShape: try node.ints("output_shape")))
  },
  "FusedConv": { node throws(LoweringError) in
    let parameters = try node.floats("activation_params") ?? []
    let activation = try node.fusedActivation(
      parameters.first, parameters.count > 1 ? parameters[1] : nil)
    return try node.convolution(.fusedConv(activation: activation))
  },
  "DeformConv": { node throws(LoweringError) in
    try node.convolution(.deformConv(offsetGroup: try node.int("offset_group", default: 1)))
  },
  "CausalConvWithState": { node throws(LoweringError) in
    // ONNX Runtime's windows of states and other layouts are not modelled.
    for name in [
      "channels_last", "input_channels", "input_channel_offset", "state_length", "state_window",
      "state_update_capacity",
    ] where try node.int(name, default: 0) > 0 {
      return node.opaque
    }
    guard try node.int("ndim", default: 1) == 1 else { return node.opaque }
    return try node.convolution(
      .causalConvWithState(
        activation: try node.fusedActivation(nil, nil),
        dilation: try node.int("dilation", default: 1)
      ))
  },
]

extension NodeView {
  fileprivate func convolution(
    _ function: Convolution.Function, channelsLast: Bool = false
  ) throws(LoweringError) -> Operator {
    .convolution(
      Convolution(
        function, window: try spatialWindow(), group: try int("group", default: 1),
        channelsLast: channelsLast))
  }

  func spatialWindow() throws(LoweringError) -> SpatialWindow {
    let padding: SpatialWindow.Padding
    switch try string("auto_pad", default: "NOTSET") {
    case "NOTSET", "": padding = .explicit(try ints("pads") ?? [])
    case "SAME_UPPER": padding = .sameUpper
    case "SAME_LOWER": padding = .sameLower
    case "VALID": padding = .valid
    case let other: throw error(.invalidAttribute("auto_pad", reason: "is '\(other)'"))
    }
    return SpatialWindow(
      kernel: try ints("kernel_shape"), strides: try ints("strides") ?? [],
      dilations: try ints("dilations") ?? [], padding: padding)
  }
}
