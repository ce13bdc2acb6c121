import ModelIR
import TensorTypes

let tfliteViews: [String: TFLiteLower] = [
  // The new shape is an input, an option, or only that of the result.
  "RESHAPE": { node, builder throws(LoweringError) in
    let (input, output) = (try node.required(0), try node.output())
    if let target = builder.ints(node.input(1)) ?? (node.input(1) == nil ? node.options.list : nil)
    {
      builder.append(
        .view(.reshape(to: target, allowsZero: true)), named: node.name, [input], [output])
    } else if let shape = node.input(1) {
      builder.append(
        .view(.reshape(allowsZero: true)), named: node.name, [input, shape], [output])
    } else {
      builder.append(
        .view(.reshape(to: builder.type(output)?.dimensions ?? [], allowsZero: true)),
        named: node.name, [input], [output])
    }
  },
  "SQUEEZE": { node, builder throws(LoweringError) in
    let axes = node.options.list ?? []
    builder.append(
      .view(.squeeze(axes: axes.isEmpty ? nil : axes)), named: node.name, [try node.required(0)],
      [try node.output()])
  },
  "EXPAND_DIMS": { node, builder throws(LoweringError) in
    guard let axis = builder.ints(node.input(1))?.first else { return builder.addOpaque(node) }
    builder.append(
      .view(.unsqueeze(axes: [axis])), named: node.name, [try node.required(0)],
      [try node.output()])
  },
  "BITCAST": { node, builder throws(LoweringError) in
    let (input, output) = (try node.required(0), try node.output())
    guard let dtype = builder.type(output)?.dtype else { return builder.addOpaque(node) }
    builder.append(.view(.bitCast(to: dtype)), named: node.name, [input], [output])
  },
  // Weights that are stored sparsely and used densely.
  "DENSIFY": { node, builder throws(LoweringError) in
    builder.append(
      .view(.identity), named: node.name, [try node.required(0)], [try node.output()])
  },
]
