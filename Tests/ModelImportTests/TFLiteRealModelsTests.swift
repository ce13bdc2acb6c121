import ModelIR
import Quantities
import TensorTypes
import Testing

@testable import ModelImport

@Suite struct TFLiteRealModelsTests {
  static let names = [
    "ad01_fp32", "ad01_int8", "mobilenet_v1_0.25_128_quant", "mobilenet_v1_0.5_160_quant",
    "mobilenet_v2_1.0_224_quant", "pretrainedResnet", "pretrainedResnet_quant", "tinyengine_vww",
    "vww_96_float", "vww_96_int8",
  ]

  /// Inference gives every tensor the type that the converter wrote into the file.
  @Test(arguments: names)
  func `every tensor has the shape and the dtype of the file`(name: String) throws {
    let path = "graphs/tflite/\(name).tflite"
    let bytes = try SharedFiles.bytes(path)
    let file = try TFLiteReader.model(in: bytes.span)
    let model = try importModel(at: SharedFiles.path(path))
    #expect(model.format == .tflite)
    #expect(model.warnings == [])
    let graph = try model.graph.inferred().graph
    let tensors = file.subgraphs[0].tensors
    #expect(tensors.count > 10)
    let stated = tensors.map { "\($0.name) \(dtypeNames[$0.type] ?? "?") \($0.shape)" }
    let inferred = graph.values.prefix(tensors.count).map { value in
      "\(value.name) \(value.type?.dtype.rawValue ?? "?") \(value.type?.dimensions ?? [])"
    }
    #expect(inferred == stated)
  }

  /// Of the numbers of `TensorType` that these files use.
  private let dtypeNames = [0: "float32", 2: "int32", 3: "uint8", 9: "int8"]

  /// Convolutions: result elements × kernel × input channels; the last layer is a matrix.
  @Test(arguments: [
    // ResNet-8: 32²·16·27 + 2·32²·16·144, 16²·32·144 + 16²·32·288 + 16²·32·16,
    // 8²·64·288 + 8²·64·576 + 8²·64·32, 64·10.
    ("pretrainedResnet", 12_501_632), ("pretrainedResnet_quant", 12_501_632),
    // MobileNet v1 of width ¼ at 96: 48²·8·27; 48²·8·9 + 48²·8·16; 24²·16·9 + 24²·16·32;
    // 24²·32·9 + 24²·32·32; 12²·32·9 + 12²·32·64; 12²·64·9 + 12²·64·64; 6²·64·9 + 6²·64·128;
    // 5 · (6²·128·9 + 6²·128·128); 3²·128·9 + 3²·128·256; 3²·256·9 + 3²·256·256; 256·2.
    ("vww_96_float", 7_489_664), ("vww_96_int8", 7_489_664),
    // 640·128 + 3·128² + 128·8 + 8·128 + 3·128² + 128·640.
    ("ad01_fp32", 264_192), ("ad01_int8", 264_192),
  ])
  func `multiply-accumulates are those of a hand count`(name: String, macs: Int) throws {
    let model = try importModel(at: SharedFiles.path("graphs/tflite/\(name).tflite"))
    let workload = try model.graph.inferred().workload()
    #expect(workload.macs == MACs(macs))
    #expect(workload.unknownSteps == [])
  }
}
