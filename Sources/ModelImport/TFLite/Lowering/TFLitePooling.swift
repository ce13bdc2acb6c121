import ModelIR
import TensorTypes

let tflitePooling: [String: TFLiteLower] = [
  "AVERAGE_POOL_2D": { node, builder throws(LoweringError) in
    let (input, output) = (try node.required(0), try node.output())
    let activation = try node.activation(5)
    let sliding = try node.sliding()
    let bounds = builder.bounds(of: activation, on: output)
    // TFLite's mean is one of stored numbers: it knows no other scale of the result.
    if bounds.isSupported, builder.isByteTensor(input), builder.haveSameNumbers(input, output),
      let x = builder.parameters(input), let y = builder.parameters(output)
    {
      return builder.emitQuantized(
        .pooling(
          Pooling(
            .qLinearAverage(sliding, includesPadding: false), requantization: .fixedPoint)),
        [input, x.scale, x.zeroPoint, y.scale, y.zeroPoint], node, to: output,
        bounds: bounds.range)
    }
    builder.emitReal(
      .pooling(Pooling(.average(sliding, includesPadding: false))), [input], node, to: output,
      activation: activation)
  },
  "MAX_POOL_2D": { node, builder throws(LoweringError) in
    let (input, output) = (try node.required(0), try node.output())
    let activation = try node.activation(5)
    let op = Operator.pooling(Pooling(.max(try node.sliding(), countsColumnsFirst: false)))
    let bounds = builder.bounds(of: activation, on: output)
    if builder.affine(output) != nil, bounds.isSupported, builder.haveSameNumbers(input, output) {
      return builder.emitQuantized(op, [input], node, to: output, bounds: bounds.range)
    }
    builder.emitReal(op, [input], node, to: output, activation: activation)
  },
]

extension TFLiteNode {
  fileprivate func sliding() throws(LoweringError) -> Pooling.Sliding {
    Pooling.Sliding(
      window: try window(kernel: [int(4), int(3)], strides: [int(2), int(1)]), channelsLast: true)
  }
}
