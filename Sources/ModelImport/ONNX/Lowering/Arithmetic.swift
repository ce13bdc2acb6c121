import ModelIR

let arithmeticLowerings: [String: Lower] = [
  "Softmax": { node throws(LoweringError) in
    .softmax(
      Softmax(
        .softmax, axis: try node.int("axis", default: node.opset < 13 ? 1 : -1),
        flattensTrailingAxes: node.opset < 13))
  }
]
