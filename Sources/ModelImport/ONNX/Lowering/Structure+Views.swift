import ModelIR

let viewLowerings: [String: Lower] = [
  "Reshape": { node throws(LoweringError) in
    .view(.reshape(to: try node.ints("shape"), allowsZero: try node.flag("allowzero")))
  },
  "Flatten": { node throws(LoweringError) in
    .view(.flatten(axis: try node.int("axis", default: 1)))
  },
  "Squeeze": { node throws(LoweringError) in .view(.squeeze(axes: try node.ints("axes"))) },
  "Unsqueeze": { node throws(LoweringError) in .view(.unsqueeze(axes: try node.ints("axes"))) },
  "Identity": { _ in .view(.identity) },
  // A value of the graph is always there.
  "OptionalGetElement": { _ in .view(.identity) },
  "Dropout": { node in .view(.dropout(masksInInputDType: node.opset < 10)) },
  "BitCast": { node throws(LoweringError) in
    .view(.bitCast(to: try node.dtype("to")))
  },
]
