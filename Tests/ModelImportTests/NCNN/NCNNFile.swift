import ModelIR
import TensorTypes

@testable import ModelImport

/// An ncnn parameter file, line for line; the counts in front are right unless stated.
struct NCNNFile {
  var layers: [String]
  var layerCount: Int?
  var blobCount: Int?

  init(_ layers: String..., layerCount: Int? = nil, blobCount: Int? = nil) {
    self.layers = layers
    self.layerCount = layerCount
    self.blobCount = blobCount
  }

  var text: String {
    let blobs = layers.reduce(0) { sum, layer in
      sum + (Int(layer.split(separator: " ").dropFirst(3).first ?? "") ?? 0)
    }
    let counts = "\(layerCount ?? layers.count) \(blobCount ?? blobs)"
    return (["7767517", counts] + layers).joined(separator: "\n") + "\n"
  }

  func imported() throws(ImportError) -> ImportedModel {
    try importModel(Array(text.utf8).span, path: "m.param")
  }

  func inferred(_ options: InferenceOptions = InferenceOptions()) throws -> Graph {
    try imported().graph.inferred(options).graph
  }
}

extension Graph {
  /// The extents of the value of this name.
  func extents(_ name: String) -> [Int]? {
    values.first { $0.name == name }?.type?.dimensions
  }
}

extension NCNNFile {
  /// One layer behind an input of 4 channels, 6 rows and 5 columns.
  static func over(_ layer: String) -> Self { Self("Input x 0 1 x 0=5 1=6 2=4", layer) }

  /// Most families, an integer layer among them.
  static let varied = Self(
    "Input data 0 1 data -23330=4,3,9,8,3 0=9 1=8 2=3",
    "Convolution c1 1 1 data c1 0=8 1=3 3=2 4=1 5=1 6=216 9=1",
    "Split s 1 2 c1 a b",
    "ConvolutionDepthWise d 1 1 a d 0=8 1=3 4=1 5=1 6=72 7=8 9=3 -23310=2,0.0,6.000000e+00",
    "Eltwise e 2 1 d b e 0=1",
    "ShuffleChannel g 1 1 e g 0=2",
    "Slice l 1 2 g l0 l1 -23300=2,-233,-233",
    "Concat k 2 1 l0 l1 k 0=0",
    "Convolution q 1 1 k q 0=6 1=1 5=1 6=48 8=102 9=1",
    "Convolution r 1 1 q r 0=4 1=1 5=1 6=24 8=2",
    "Interp i 1 1 r i 0=1 1=2.000000e+00 2=2.000000e+00",
    "Pooling p 1 1 i p 0=1 4=1",
    "InnerProduct f 1 1 p f 0=10 1=1 2=40",
    "Softmax o 1 1 f o")
}
