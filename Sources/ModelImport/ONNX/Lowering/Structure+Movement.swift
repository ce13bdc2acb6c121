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
    .movement(.pad(pads: try node.ints("pads")))
  },
  "Expand": { _ in .movement(.expand) },
  "Tile": { _ in .movement(.tile) },
  "DepthToSpace": { node throws(LoweringError) in
    .movement(.depthToSpace(blockSize: try node.required("blocksize")))
  },
  "SpaceToDepth": { node throws(LoweringError) in
    .movement(.spaceToDepth(blockSize: try node.required("blocksize")))
  },
  "Resize": { node throws(LoweringError) in .movement(.resize(try node.resize())) },
  "Upsample": { node throws(LoweringError) in
    .movement(
      .upsample(
        Resize(
          try node.resizeMode(), scales: try node.floats("scales"), scalesInput: 1)))
  },
  "ReverseSequence": { _ in .movement(.reverseSequence) },
  "Trilu": { node throws(LoweringError) in
    .movement(.trilu(upper: try node.flag("upper", default: true)))
  },
  "Cast": { node throws(LoweringError) in .movement(.cast(to: try node.dtype("to"))) },
  "CastLike": { _ in .movement(.castLike) },
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
    guard isNewest || opset >= 11 else { return Resize(try resizeMode(), scalesInput: 1) }
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
      antialiases: try flag("antialias"), regionInput: usesRegion ? 1 : nil)
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
