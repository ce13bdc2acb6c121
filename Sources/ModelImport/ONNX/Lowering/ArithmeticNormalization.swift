import ModelIR
import TensorTypes

let normalizationLowerings: [String: Lower] = [
  "BatchNormalization": { node throws(LoweringError) in
    // Before opset 14 the extra outputs alone said that a step of training is meant.
    let isTraining =
      node.opset < 14 ? node.node.outputs.count > 1 : try node.flag("training_mode")
    return .normalization(
      Normalization(
        .batch(
          Normalization.Batch(
            momentum: try node.float("momentum", default: 0.9), isTraining: isTraining,
            isPerChannel: try node.flag("spatial", default: true))),
        epsilon: try node.float("epsilon", default: 1e-5)))
  },
  "LayerNormalization": { node throws(LoweringError) in
    .normalization(
      Normalization(
        .layer(
          axis: try node.int("axis", default: -1), statistics: try node.statisticsDType()),
        epsilon: try node.float("epsilon", default: 1e-5)))
  },
  "RMSNormalization": { node throws(LoweringError) in
    .normalization(
      Normalization(
        .rms(axis: try node.int("axis", default: -1), statistics: try node.statisticsDType()),
        epsilon: try node.float("epsilon", default: 1e-5)))
  },
  "SimplifiedLayerNormalization": { node throws(LoweringError) in
    .normalization(
      Normalization(
        .simplifiedLayer(
          axis: try node.int("axis", default: -1), statistics: try node.statisticsDType()),
        epsilon: try node.float("epsilon", default: 1e-5)))
  },
  "SkipLayerNormalization": { node throws(LoweringError) in
    .normalization(
      Normalization(.skipLayer, epsilon: try node.float("epsilon", default: 1e-12)))
  },
  "SkipSimplifiedLayerNormalization": { node throws(LoweringError) in
    .normalization(
      Normalization(.skipSimplifiedLayer, epsilon: try node.float("epsilon", default: 1e-12)))
  },
  "InstanceNormalization": { node throws(LoweringError) in
    .normalization(Normalization(.instance, epsilon: try node.float("epsilon", default: 1e-5)))
  },
  "GroupNormalization": { node throws(LoweringError) in
    .normalization(
      Normalization(
        .group(
          Normalization.Group(
            count: try node.required("num_groups"), statistics: try node.statisticsDType(),
            scalesChannels: node.opset >= 21)),
        epsilon: try node.float("epsilon", default: 1e-5)))
  },
  "GroupNorm": { node throws(LoweringError) in
    .normalization(
      Normalization(
        .group(
          Normalization.Group(
            count: try node.required("groups"),
            channelsLast: try node.flag("channels_last", default: true),
            activation: try node.flag("activation") ? .swish(alpha: 1) : nil)),
        epsilon: try node.float("epsilon", default: 1e-5)))
  },
  "LRN": { node throws(LoweringError) in
    .normalization(
      Normalization(
        .localResponse(
          size: try node.required("size"), alpha: try node.float("alpha", default: 1e-4),
          beta: try node.float("beta", default: 0.75), bias: try node.float("bias", default: 1))))
  },
  "LpNormalization": { node throws(LoweringError) in
    .normalization(
      Normalization(
        .lp(axis: try node.int("axis", default: -1), power: try node.int("p", default: 2))))
  },
  "MeanVarianceNormalization": { node throws(LoweringError) in
    .normalization(
      Normalization(.meanVariance(axes: try node.ints("axes") ?? [0, 2, 3]), epsilon: 1e-9))
  },
  "Softmax": { node throws(LoweringError) in try node.softmax(.softmax) },
  "LogSoftmax": { node throws(LoweringError) in try node.softmax(.logSoftmax) },
  "SoftmaxCrossEntropyLoss": { node throws(LoweringError) in
    .softmax(Softmax(.loss(try node.loss(), normalizes: true), axis: 1))
  },
  "NegativeLogLikelihoodLoss": { node throws(LoweringError) in
    .softmax(Softmax(.loss(try node.loss(), normalizes: false), axis: 1))
  },
  "Hardmax": { node throws(LoweringError) in try node.softmax(.hardmax) },
  "QLinearSoftmax": { node throws(LoweringError) in
    .softmax(
      Softmax(
        .qLinearSoftmax, axis: try node.int("axis", default: -1),
        flattensTrailingAxes: try node.required("opset") < 13))
  },
]

extension NodeView {
  fileprivate func loss() throws(LoweringError) -> Softmax.Loss {
    let ignored = try int("ignore_index")
    return switch try string("reduction", default: "mean") {
    case "none": Softmax.Loss(.none, ignored: ignored)
    case "mean": Softmax.Loss(.mean, ignored: ignored)
    case "sum": Softmax.Loss(.sum, ignored: ignored)
    case let other:
      throw error(.invalidAttribute("reduction", reason: "is '\(other)', not a reduction"))
    }
  }

  fileprivate func softmax(_ function: Softmax.Function) throws(LoweringError) -> Operator {
    .softmax(
      Softmax(
        function, axis: try int("axis", default: opset < 13 ? 1 : -1),
        flattensTrailingAxes: opset < 13))
  }

  /// The dtype that statistics are kept in.
  fileprivate func statisticsDType() throws(LoweringError) -> DType {
    let number = try int("stash_type", default: 1)
    guard let type = ModelImport.dtype(ofDataType: number) else {
      throw error(.invalidAttribute("stash_type", reason: "is \(number)"))
    }
    return type
  }
}
