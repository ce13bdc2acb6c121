public import CostModel
public import Decision
public import HardwareModel
public import ModelIR
public import Quantities

/// Realistic values for reports: two small networks on the sample boards, through the cost model.
public enum SampleComparison {
  /// Inverted residual blocks, as phone networks have them.
  public static func mobileNetwork() throws(InferenceError) -> Workload {
    var net = SampleGraph("mobile-net", channels: 3, extent: 224)
    net.convolution("stem", channels: 32, kernel: 3, stride: 2)
    net.activate("stem.relu")
    let stages = [(24, 2, 2), (32, 2, 3), (64, 2, 4), (96, 1, 3), (160, 2, 3), (320, 1, 1)]
    var inputs = 32
    for (stage, (outputs, stride, count)) in stages.enumerated() {
      for block in 0..<count {
        let name = "stage\(stage + 1).block\(block + 1)"
        let before = net.position
        net.convolution("\(name).expand", channels: inputs * 6)
        net.activate("\(name).expand.relu")
        net.depthwise("\(name).depthwise", stride: block == 0 ? stride : 1)
        net.activate("\(name).depthwise.relu")
        net.convolution("\(name).project", channels: outputs)
        if block > 0 { net.add("\(name).add", to: before) }
        inputs = outputs
      }
    }
    net.convolution("head", channels: 1280)
    net.activate("head.relu")
    net.classify("classifier", classes: 1000)
    return try net.workload()
  }

  /// A keyword spotter, small enough for a microcontroller.
  public static func tinyNetwork() throws(InferenceError) -> Workload {
    var net = SampleGraph("tiny-net", inputName: "spectrogram", channels: 1, extent: 48)
    net.convolution("stem", channels: 32, kernel: 3, stride: 2)
    net.activate("stem.relu")
    for block in 1...4 {
      net.depthwise("block\(block).depthwise")
      net.activate("block\(block).depthwise.relu")
      net.convolution("block\(block).pointwise", channels: 32)
      net.activate("block\(block).pointwise.relu")
    }
    net.classify("classifier", classes: 12)
    return try net.workload()
  }

  /// A network with an operator that nobody models, under names of the caller's choice.
  public static func partlyUnknown(
    layer: String, operatorName: String
  ) throws(InferenceError) -> Workload {
    var net = SampleGraph(layer, inputName: layer, channels: 3, extent: 32)
    net.convolution(layer, channels: 16, kernel: 3)
    net.unknown("\(layer) 2", operatorName)
    return try net.workload()
  }

  public static func model(
    _ name: String, _ workload: Workload, warnings: [String] = []
  ) -> ComparedModel {
    ComparedModel(
      name: name, path: "\(name).onnx", digest: String(repeating: "5a", count: 32),
      workload: workload, warnings: warnings)
  }

  /// Every model on every deployment of the catalog.
  public static func compare(
    _ models: [ComparedModel], catalog: Catalog = SampleBoards.catalog,
    requirements: Requirements = Requirements(deadline: Seconds(0.020), margin: Fraction(0.1)),
    precision: Precision = .stored
  ) throws -> Comparison {
    let deployments = try catalog.deployments(for: DeploymentRequest(precision: precision))
    let entries = models.map {
      Comparison.Entry($0, on: deployments, from: catalog, against: requirements)
    }
    return Comparison(requirements: requirements, entries: entries)
  }

  /// Both networks on all sample boards within 20 ms.
  public static func standard() throws -> Comparison {
    try compare([
      model("mobile-net", try mobileNetwork()), model("tiny-net", try tinyNetwork()),
    ])
  }
}
