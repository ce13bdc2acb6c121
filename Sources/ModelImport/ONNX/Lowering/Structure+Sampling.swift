import ModelIR

let samplingLowerings: [String: Lower] = [
  "DFT": { node throws(LoweringError) in
    // Before operator set 20 the axis is an attribute; the second axis by default.
    let axis = node.opset < 20 ? try node.int("axis", default: 1) : try node.int("axis")
    return .signal(
      .dft(
        axis: axis, inverse: try node.flag("inverse"), onesided: try node.flag("onesided")))
  },
  "STFT": { node throws(LoweringError) in
    .signal(.stft(onesided: try node.flag("onesided", default: true)))
  },
  "AffineGrid": { node throws(LoweringError) in
    .geometry(.affineGrid(alignsCorners: try node.flag("align_corners")))
  },
  "GridSample": { node throws(LoweringError) in
    let mode: Geometry.Interpolation =
      switch try node.string("mode", default: "linear") {
      case "nearest": .nearest
      case "linear", "bilinear": .linear
      case "cubic", "bicubic": .cubic
      case let other:
        throw node.error(.invalidAttribute("mode", reason: "is '\(other)', not a mode"))
      }
    let outside: Geometry.Outside =
      switch try node.string("padding_mode", default: "zeros") {
      case "zeros": .zero
      case "border": .border
      case "reflection": .reflection
      case let other:
        throw node.error(.invalidAttribute("padding_mode", reason: "is '\(other)', not a mode"))
      }
    return .geometry(
      .gridSample(mode, outside: outside, alignsCorners: try node.flag("align_corners")))
  },
  "NonMaxSuppression": { node throws(LoweringError) in
    .geometry(.nonMaxSuppression(centersBoxes: try node.flag("center_point_box")))
  },
  "Det": { _ in .geometry(.det) },
  "Inverse": { _ in .geometry(.inverse) },
]
