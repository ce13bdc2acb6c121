import ModelIR
import Quantities
import TensorTypes
import Testing

@testable import ModelImport

@Suite struct RealModelsTests {
  /// Nodes and stored tensors, counted by another reader.
  static let counts = [
    ("ad_deep_autoencoder.onnx", 52, 104), ("ic_resnet.onnx", 67, 121),
    ("light_bvlc_alexnet.onnx", 40, 17), ("light_inception_v1.onnx", 237, 118),
    ("light_inception_v2.onnx", 916, 486), ("light_resnet50.onnx", 415, 269),
    ("light_shufflenet.onnx", 446, 281), ("light_vgg19.onnx", 82, 39),
    ("vww_mobilenet_v1.onnx", 148, 289),
  ]

  @Test(arguments: counts)
  func `a real model is read whole`(name: String, nodes: Int, weights: Int) throws {
    let model = try importModel(at: SharedFiles.path("graphs/onnx/\(name)"))
    let graph = model.graph
    #expect(graph.nodes.count == nodes)
    #expect(graph.inputs.count == 1)
    #expect(graph.outputs.count == 1)
    var stored = 0
    for value in graph.values {
      guard case .weight(let storage) = value.origin else { continue }
      stored += 1
      let type = try #require(value.type)
      if case .file(let range) = storage {
        #expect(range.count == type.storageSize.rawValue)
        #expect(range.upperBound <= model.fileSize.rawValue)
      }
    }
    #expect(stored == weights)
  }

  @Test(arguments: counts)
  func `nodes stand in an order in which they can run`(
    name: String, nodes: Int, weights: Int
  ) throws {
    let graph = try importModel(at: SharedFiles.path("graphs/onnx/\(name)")).graph
    for node in graph.nodes {
      for input in node.inputs.compactMap({ $0 }) {
        guard case .node(let producer) = graph[input].origin else { continue }
        #expect(producer < node.id)
        #expect(graph[producer].outputs.contains(input))
      }
    }
    #expect(Set(graph.nodes.map(\.name)).count == nodes)
  }
}
