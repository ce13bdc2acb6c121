import ModelIR
import Quantities
import TensorTypes
import Testing

@testable import ModelImport

/// The meaning of each layer type, over an input of 4 channels, 6 rows and 5 columns.
@Suite struct NCNNLayerTests {
  @Test(arguments: [
    ("Convolution y 1 1 x y 0=8 1=3 6=288", [1, 8, 4, 3]),
    ("Convolution y 1 1 x y 0=8 1=3 11=1 6=96 3=2 13=1", [1, 8, 6, 2]),
    ("Convolution y 1 1 x y 0=8 1=3 3=2 4=-233 6=288", [1, 8, 3, 3]),
    ("Convolution y 1 1 x y 0=8 1=3 4=1 15=0 6=288", [1, 8, 6, 4]),
    ("Convolution y 1 1 x y 0=8 1=3 2=2 4=2 6=288 9=2 -23310=1,0.1", [1, 8, 6, 5]),
    ("ConvolutionDepthWise y 1 1 x y 0=4 1=3 6=36 7=4 4=1", [1, 4, 6, 5]),
    ("Deconvolution y 1 1 x y 0=2 1=4 3=2 4=1 6=128", [1, 2, 12, 10]),
    ("DeconvolutionDepthWise y 1 1 x y 0=4 1=1 3=2 6=4 7=4", [1, 4, 11, 9]),
    ("InnerProduct y 1 1 x y 0=7 1=1 2=840", [1, 7]),
    ("Pooling y 1 1 x y 1=3 2=2", [1, 4, 3, 2]),
    ("Pooling y 1 1 x y 1=3 2=2 5=1", [1, 4, 2, 2]),
    ("Pooling y 1 1 x y 1=2 2=2 3=1", [1, 4, 4, 4]),
    ("Pooling y 1 1 x y 1=3 2=2 5=2", [1, 4, 3, 3]),
    ("Pooling y 1 1 x y 0=1 4=1", [1, 4]),
    ("Pooling y 1 1 x y 0=1 7=1 8=1 18=2", [1, 4, 2, 1]),
    ("Flatten y 1 1 x y", [1, 120]), ("Dropout y 1 1 x y 0=0.5", [1, 4, 6, 5]),
    ("BatchNorm y 1 1 x y 0=4 1=0.001", [1, 4, 6, 5]), ("Scale y 1 1 x y 0=4 1=1", [1, 4, 6, 5]),
    ("PReLU y 1 1 x y 0=4", [1, 4, 6, 5]), ("HardSwish y 1 1 x y", [1, 4, 6, 5]),
    ("UnaryOp y 1 1 x y 0=6", [1, 4, 6, 5]), ("BinaryOp y 1 1 x y 0=7 1=1 2=1.0", [1, 4, 6, 5]),
    ("Eltwise y 2 1 x x y 0=1 -23301=2,1.0,-1.0", [1, 4, 6, 5]),
    ("LRN y 1 1 x y 2=0.0001", [1, 4, 6, 5]), ("Softmax y 1 1 x y 0=2", [1, 4, 6, 5]),
    ("LayerNorm y 1 1 x y 0=5", [1, 4, 6, 5]), ("RMSNorm y 1 1 x y 0=30", [1, 4, 6, 5]),
    ("InstanceNorm y 1 1 x y 0=4", [1, 4, 6, 5]), ("GroupNorm y 1 1 x y 0=2 1=4", [1, 4, 6, 5]),
    ("Normalize y 1 1 x y 3=4 4=1", [1, 4, 6, 5]), ("MVN y 1 1 x y 0=1", [1, 4, 6, 5]),
    ("Reduction y 1 1 x y 0=3 1=0 -23303=1,2", [1, 4, 6]),
    ("Reduction y 1 1 x y 0=3 1=0 -23303=2,1,2 4=1", [1, 4, 1, 1]),
    ("Reduction y 1 1 x y 0=0", [1, 1]), ("Permute y 1 1 x y 0=1", [1, 4, 5, 6]),
    ("Permute y 1 1 x y 0=2", [1, 6, 4, 5]), ("Permute y 1 1 x y 0=3", [1, 6, 5, 4]),
    ("Permute y 1 1 x y 0=4", [1, 5, 4, 6]), ("Permute y 1 1 x y 0=5", [1, 5, 6, 4]),
    ("Reshape y 1 1 x y 0=-1", [1, 120]), ("Reshape y 1 1 x y 0=10 1=-1", [1, 12, 10]),
    ("Reshape y 1 1 x y 0=0 1=2 2=-1", [1, 12, 2, 5]),
    ("Reshape y 1 1 x y 0=4 1=5 11=3 2=2", [1, 2, 3, 5, 4]),
    ("Padding y 1 1 x y 0=1 1=2 2=3 3=4 8=8", [1, 12, 9, 12]),
    ("Crop y 1 1 x y -23309=1,1 -23310=1,3 -23311=1,0", [1, 2, 6, 5]),
    ("Crop y 1 1 x y 0=1 1=2 2=1 3=3 4=-233 5=2", [1, 2, 4, 3]),
    ("Interp y 1 1 x y 0=2 1=2.0 2=0.5", [1, 4, 12, 2]),
    ("Interp y 1 1 x y 0=1 3=7 4=9", [1, 4, 7, 9]),
    ("ShuffleChannel y 1 1 x y 0=2 1=1", [1, 4, 6, 5]),
    ("PixelShuffle y 1 1 x y 0=2", [1, 1, 12, 10]),
    ("Tile y 1 1 x y 0=1 1=3", [1, 4, 18, 5]),
    ("Tile y 1 1 x y -23302=4,2,1,1,1", [1, 2, 4, 6, 5]),
    ("ExpandDims y 1 1 x y -23303=1,1", [1, 4, 1, 6, 5]),
    (
      "PriorBox y 2 1 x x y -23300=1,60.0 -23301=1,90.0 -23302=2,2.0,3.0 9=-233 10=-233",
      [1, 2, 720]
    ),
    ("PriorBox y 1 1 x y -23300=2,60.0,90.0 -23302=1,2.0 7=0 9=300 10=300", [1, 2, 480]),
  ])
  func `a layer gives its result's extents`(layer: String, expected: [Int]) throws {
    let file = NCNNFile.over(layer)
    #expect(try file.imported().warnings.isEmpty)
    #expect(try file.inferred().extents("y") == expected)
  }

  @Test func `defaults and groups decide the weights`() throws {
    let graph = try NCNNFile.over("ConvolutionDepthWise y 1 1 x y 0=6 1=3 6=108 7=2").inferred()
    #expect(graph.extents("y/weight") == [6, 2, 3, 3])
    let workload = try NCNNFile.over("ConvolutionDepthWise y 1 1 x y 0=6 1=3 6=108 7=2").imported()
      .graph.inferred().workload()
    #expect(workload.macs == MACs(108 * 4 * 3))
  }

  @Test func `a fused activation is a node of its own`() throws {
    let graph = try NCNNFile.over("Convolution y 1 1 x y 0=8 1=1 6=32 9=1").inferred()
    #expect(graph.nodes.map(\.op.kind) == [.conv, .relu])
    #expect(graph.nodes.map(\.name) == ["y", "y/activation"])
    #expect(graph.outputs.map { graph[$0].name } == ["y"])
  }

  @Test func `an integer layer quantizes its input and hands on what its term says`() throws {
    let file = NCNNFile(
      "Input x 0 1 x 0=5 1=6 2=4", "Convolution a 1 1 x a 0=8 1=1 6=32 8=102 9=1",
      "Convolution b 1 1 a b 0=2 1=1 6=16 8=2")
    let graph = try file.inferred()
    #expect(
      graph.nodes.map(\.op.kind) == [
        .quantizeLinear, .dequantizeLinear, .dequantizeLinear, .conv, .relu, .quantizeLinear,
        .dequantizeLinear, .dequantizeLinear, .conv,
      ])
    #expect(graph.values.first { $0.name == "a" }?.type == TensorType(.int8, [1, 8, 6, 5]))
    #expect(graph.values.first { $0.name == "b" }?.type == TensorType(.float32, [1, 2, 6, 5]))
    #expect(graph.values.first { $0.name == "a/weight" }?.type?.dtype == .int8)
  }

  @Test func `a vector is broadcast over channels, a smaller one over columns`() throws {
    let channels = try NCNNFile(
      "Input x 0 1 x 0=5 1=6 2=4", "Input v 0 1 v 0=4", "BinaryOp y 2 1 x v y 0=2"
    ).inferred()
    #expect(channels.extents("y/align") == [1, 4, 1, 1])
    let columns = try NCNNFile(
      "Input x 0 1 x 0=5 1=6 2=4", "Input v 0 1 v 0=5", "BinaryOp y 2 1 v x y 0=2"
    ).inferred()
    #expect(columns.extents("y/align") == [1, 1, 1, 5])
  }

  @Test func `a detector's result has a row for each box that it may find`() throws {
    let priors = NCNNFile(
      "Input l 0 1 l 0=720", "Input c 0 1 c 0=540", "Input p 0 1 p 0=720 1=2",
      "DetectionOutput y 3 1 l c p y 0=3 2=100 3=50")
    #expect(try priors.imported().warnings.isEmpty)
    #expect(try priors.inferred().extents("y") == [1, 50, 6])
    let workload = try priors.imported().graph.inferred().workload()
    #expect(workload.steps.map { workload.candidateBoxCount(of: $0) } == [180])

    let cells = NCNNFile(
      "Input a 0 1 a", "YoloDetectionOutput y 1 1 a y 0=3 1=2 -23304=4,1.0,2.0,3.0,4.0")
    var options = InferenceOptions()
    options.dimensions = ["height": 3, "width": 5]
    #expect(try cells.inferred(options).extents("a") == [1, 16, 3, 5])
    #expect(try cells.inferred(options).extents("y") == [1, 30, 6])

    // The mask is of numbers that converters write as bits: 1, 0, 0, 1.
    let maps = NCNNFile(
      "Input a 0 1 a 0=5 1=3 2=16", "Input b 0 1 b 0=2 1=2 2=16",
      "Yolov3DetectionOutput y 2 1 a b y 0=3 1=2 -23304=4,10,14,23,27 "
        + "-23305=4,1065353216,0,0,1065353216 -23306=2,16.0,32.0")
    #expect(try maps.inferred().extents("y") == [1, 38, 6])
    guard case .geometry(.detection(let detection)) = try maps.inferred().nodes[0].op,
      case .anchors(classCount: 3, let anchors, .sigmoid) = detection.decoding
    else {
      Issue.record("no detection")
      return
    }
    #expect(anchors.map { $0.anchors.map(\.width) } == [[23, 10], [10, 23]])
    #expect(anchors.map(\.stride) == [16, 32])
  }

  @Test func `a recurrent layer runs along the rows`() throws {
    let file = NCNNFile(
      "Input x 0 1 x 0=6 1=9", "LSTM a 1 1 x a 0=5 1=240 2=2", "GRU b 1 1 a b 0=4 1=120",
      "Input h 0 1 h", "RNN c 2 2 b h y state 0=3 1=12 2=1")
    #expect(try file.imported().warnings.isEmpty)
    let graph = try file.inferred()
    #expect(graph.extents("a") == [1, 9, 10])
    #expect(graph.extents("b") == [1, 9, 4])
    #expect(graph.extents("y") == [1, 9, 3])
    #expect(graph.extents("h") == [1, 1, 3])
    #expect(graph.extents("state") == [1, 1, 3])
    // Two directions of 4 gates over 6 + 5, 3 gates over 10 + 4, 1 gate over 4 + 3; 9 steps each.
    let macs = 9 * (2 * 4 * 5 * 11 + 3 * 4 * 14 + 3 * 7)
    #expect(try file.imported().graph.inferred().workload().macs == MACs(macs))
  }

  @Test func `an unknown layer is counted as unknown and its hint believed`() throws {
    let file = NCNNFile(
      "Input x 0 1 x 0=5 1=6 2=4", "Whatever w 1 1 x w -23330=4,3,3,2,7", "ReLU y 1 1 w y")
    let model = try file.imported()
    #expect(
      model.warnings == ["operator ncnn::Whatever is not modelled: the work of node 'w' is unknown"]
    )
    #expect(try file.inferred().extents("y") == [1, 7, 2, 3])
    let steps = try model.graph.inferred().workload().steps
    #expect(steps.map { $0.work == nil } == [true, false])
  }

  @Test func `a hint that contradicts the layers is named`() throws {
    let file = NCNNFile.over("Convolution y 1 1 x y -23330=4,3,9,9,8 0=8 1=3 6=288")
    #expect(
      try file.imported().warnings == ["1 blobs have other shapes than the file's hints state: 'y'"]
    )
  }

  @Test func `an input without a size takes the shape that its reader needs`() throws {
    let file = NCNNFile(
      "Input x 0 1 x", "Convolution y 1 1 x y 0=8 1=3 6=216", "ShuffleChannel z 1 1 y z 0=2")
    #expect(throws: InferenceError.self) { try file.inferred() }
    var options = InferenceOptions()
    options.shapes["x"] = [1, 3, 10, 12]
    #expect(try file.inferred(options).extents("z") == [1, 8, 8, 10])
    options = InferenceOptions()
    options.dimensions = ["height": 5, "width": 4]
    #expect(try file.inferred(options).extents("z") == [1, 8, 3, 2])
  }

  @Test func `attention takes its lengths from named dimensions`() throws {
    let file = NCNNFile(
      "Input q 0 1 q", "Gemm g 1 1 q g 10=-1 3=1 5=1 6=1 8=8 9=6", "Reshape h 1 1 g h 0=4 1=2 2=-1",
      "Permute p 1 1 h p 0=2", "Split s 1 3 p a b c", "Input m 0 1 m",
      "Input cache 0 2 k v", "SDPA t 6 3 a b c m k v y nk nv 5=1 6=0.5 7=1")
    var options = InferenceOptions()
    options.dimensions = [
      "sequence_length": 3, "past_sequence_length": 5, "total_sequence_length": 8,
    ]
    let graph = try file.inferred(options)
    #expect(graph.extents("y") == [1, 2, 3, 4])
    #expect(graph.extents("nk") == [1, 2, 8, 4])
    #expect(graph.extents("m") == [1, 3, 8])
    #expect(graph.extents("k") == [1, 2, 5, 4])
  }
}
