import ModelIR

let movementLowerings: [String: Lower] = [
  "Transpose": { node throws(LoweringError) in
    .movement(.transpose(permutation: try node.ints("perm")))
  },
  "Concat": { node throws(LoweringError) in
    .movement(.concat(axis: try node.required("axis")))
  },
  "QLinearConcat": { node throws(LoweringError) in
    .movement(.qLinearConcat(axis: try node.required("axis")))
  },
  "Split": { node throws(LoweringError) in
    .movement(
      .split(
        Movement.Split(
          axis: try node.int("axis", default: 0), sizes: try node.ints("split"),
          partCount: try node.int("num_outputs"))))
  },
  "Slice": { node throws(LoweringError) in
    .movement(
      .slice(
        Movement.Slice(
          starts: try node.ints("starts"), ends: try node.ints("ends"),
          axes: try node.ints("axes"))))
  },
  "Pad": { node throws(LoweringError) in
    .movement(.pad(pads: try node.padding(), filling: try node.filling()))
  },
  "Expand": { _ in .movement(.expand) },
  "Tile": { _ in .movement(.tile) },
  "DepthToSpace": { node throws(LoweringError) in
    .movement(
      .depthToSpace(
        blockSize: try node.required("blocksize"), channelsLast: try node.flag("channels_last"),
        channelsOutermost: try node.isColumnMajor()))
  },
  "SpaceToDepth": { node throws(LoweringError) in
    .movement(
      .spaceToDepth(
        blockSize: try node.required("blocksize"), channelsLast: try node.flag("channels_last"),
        channelsOutermost: try node.isColumnMajor()))
  },
  "Resize": { node throws(LoweringError) in .movement(.resize(try node.resize())) },
  "Upsample": { node throws(LoweringError) in
    .movement(
      .upsample(
        Resize(
          try node.resizeMode(), scales: try node.floats("scales"), scalesInput: 1,
          sampling: .corners)))
  },
  "ReverseSequence": { node throws(LoweringError) in
    .movement(
      .reverseSequence(
        timeAxis: try node.int("time_axis", default: 0),
        batchAxis: try node.int("batch_axis", default: 1)))
  },
  "Trilu": { node throws(LoweringError) in
    .movement(.trilu(upper: try node.flag("upper", default: true)))
  },
  "Cast": { node throws(LoweringError) in
    .movement(
      .cast(to: try node.dtype("to"), saturates: try node.flag("saturate", default: true)))
  },
  "CastLike": { node throws(LoweringError) in
    .movement(.castLike(saturates: try node.flag("saturate", default: true)))
  },
  "CenterCropPad": { node throws(LoweringError) in
    .movement(.centerCropPad(axes: try node.ints("axes")))
  },
  "Col2Im": { node throws(LoweringError) in
    .movement(
      .col2Im(
        dilations: try node.ints("dilations"), pads: try node.ints("pads"),
        strides: try node.ints("strides")))
  },
]

extension NodeView {
  /// Inputs are the data and the scales in operator set 10; a region stands between them from 11
  /// on, and sizes behind.
  fileprivate func resize() throws(LoweringError) -> Resize {
    guard isNewest || opset >= 11 else {
      return Resize(try resizeMode(), scalesInput: 1, sampling: .corners)
    }
    let usesRegion =
      try string("coordinate_transformation_mode", default: "half_pixel") == "tf_crop_and_resize"
    let policy: Resize.AspectRatioPolicy =
      switch try string("keep_aspect_ratio_policy", default: "stretch") {
      case "stretch": .stretch
      case "not_larger": .notLarger
      case "not_smaller": .notSmaller
      case let other:
        throw error(
          .invalidAttribute("keep_aspect_ratio_policy", reason: "is '\(other)', not a policy"))
      }
    return Resize(
      try resizeMode(), scalesInput: 2, sizesInput: 3, axes: try ints("axes"), policy: policy,
      antialiases: try flag("antialias"), regionInput: usesRegion ? 1 : nil,
      sampling: Resize.Sampling(
        try coordinates(), rounding: try rounding(),
        cubicCoefficient: try float("cubic_coeff_a", default: -0.75),
        excludesOutside: try flag("exclude_outside"),
        extrapolation: try float("extrapolation_value", default: 0)))
  }

  private func coordinates() throws(LoweringError) -> Resize.Coordinates {
    switch try string("coordinate_transformation_mode", default: "half_pixel") {
    case "half_pixel": .centers
    case "half_pixel_symmetric": .symmetricCenters
    case "pytorch_half_pixel": .centersButSingle
    case "align_corners": .alignedCorners
    case "asymmetric": .corners
    case "tf_crop_and_resize": .region
    case "tf_half_pixel_for_nn": .centersUnshifted
    case let other:
      throw error(
        .invalidAttribute("coordinate_transformation_mode", reason: "is '\(other)', not a mode"))
    }
  }

  private func rounding() throws(LoweringError) -> Resize.Rounding {
    switch try string("nearest_mode", default: "round_prefer_floor") {
    case "round_prefer_floor": .halfDown
    case "round_prefer_ceil": .halfUp
    case "floor": .down
    case "ceil": .up
    case let other:
      throw error(.invalidAttribute("nearest_mode", reason: "is '\(other)', not a mode"))
    }
  }

  /// Operator set 1 called the pads "paddings".
  fileprivate func padding() throws(LoweringError) -> [Int]? {
    if let pads = try ints("pads") { return pads }
    return try ints("paddings")
  }

  fileprivate func filling() throws(LoweringError) -> Movement.Filling {
    let value = try float("value", default: 0)
    return switch try string("mode", default: "constant") {
    case "constant": .value(value)
    case "reflect": .reflection
    case "edge": .edge
    case "wrap": .wrapped
    case let other: throw error(.invalidAttribute("mode", reason: "is '\(other)', not a mode"))
    }
  }

  fileprivate func isColumnMajor() throws(LoweringError) -> Bool {
    switch try string("mode", default: "DCR") {
    case "DCR": false
    case "CRD": true
    case let other: throw error(.invalidAttribute("mode", reason: "is '\(other)', not a mode"))
    }
  }

  fileprivate func resizeMode() throws(LoweringError) -> Resize.Mode {
    switch try string("mode", default: "nearest") {
    case "nearest": .nearest
    case "linear", "bilinear": .linear
    case "cubic": .cubic
    case let other: throw error(.invalidAttribute("mode", reason: "is '\(other)', not a mode"))
    }
  }
}
