import Foundation
import ModelIR
import Quantities
import TensorTypes
import Testing

@testable import ModelImport

/// The graphs that ncnn's own benchmark runs, read where they lie and never copied.
@Suite struct NCNNRealGraphTests {
  /// Multiply-accumulates and parameters without scales, counted apart from the importer from the
  /// hints and `weight_data_size` of each file. ncnn's ResNet-50 has 3.858 GMAC, not the 4.1 of other
  /// files: its blocks stride in the first convolution, of 1 × 1, not in the second, of 3 × 3.
  struct Count: Sendable {
    let name: String
    let macs: Int
    let parameters: Int
    init(_ name: String, _ macs: Int, _ parameters: Int) {
      self.name = name
      self.macs = macs
      self.parameters = parameters
    }
  }

  static let counts = [
    Count("alexnet", 724_406_816, 60_965_224),
    Count("googlenet", 1_582_671_872, 6_998_552),
    Count("mnasnet", 314_415_872, 4_364_352),
    Count("mobilenet", 568_740_352, 4_221_032),
    Count("mobilenet_ssd", 1_148_479_168, 5_783_417),
    Count("mobilenet_v2", 313_619_328, 3_488_872),
    Count("mobilenet_yolo", 2_605_271_552, 5_058_938),
    Count("mobilenetv2_yolov3", 1_182_555_264, 3_720_822),
    Count("nanodet_m", 342_223_200, 941_818),
    Count("proxylessnasnet", 336_483_904, 4_064_560),
    Count("resnet18", 1_826_918_400, 11_688_872),
    Count("resnet50", 3_857_973_248, 25_530_472),
    Count("shufflenet", 127_061_304, 1_802_866),
    Count("shufflenet_v2", 144_907_992, 2_270_514),
    Count("vgg16", 15_470_264_320, 138_357_544),
    Count("yolo-fastest-1.1", 125_437_600, 326_166),
    Count("yolo-fastestv2", 106_382_232, 245_782),
    Count("yolov4-tiny", 3_453_938_176, 6_053_502),
  ]

  /// The blobs of a line with the extents that it states, outermost first.
  private static func hints(_ fields: [String]) -> [(blob: String, extents: [Int])] {
    // The hint of a detector's result is no shape of it; Split names its input again.
    guard fields.count > 4, !fields[0].hasSuffix("DetectionOutput"), fields[0] != "Split" else {
      return []
    }
    let first = 4 + (Int(fields[2]) ?? 0)
    let count = Int(fields[3]) ?? 0
    guard let hint = fields.first(where: { $0.hasPrefix("-23330=") }) else { return [] }
    let numbers = hint.dropFirst(7).split(separator: ",").compactMap { Int($0) }
    var result: [(blob: String, extents: [Int])] = []
    for index in 0..<count {
      let start = 1 + 4 * index
      let extents = Array(numbers[start + 1...start + numbers[start]].reversed())
      result.append((fields[first + index], extents))
    }
    return result
  }

  private func model(_ name: String) throws -> ImportedModel {
    let file = "graphs/ncnn/\(name).param"
    let bytes = try SharedFiles.bytes(file)
    return try importModel(bytes.span, path: file)
  }

  @Test(arguments: counts)
  func `work and parameters are those counted apart`(count: Count) throws {
    let inferred = try model(count.name).graph.inferred()
    #expect(inferred.workload().macs == MACs(count.macs))
    #expect(inferred.parameterCount == count.parameters)
  }

  /// Prior boxes, or cells of all maps times anchors: of 19, 10, 5, 3, 2 and 1 cells a side with 3 or 6
  /// boxes; 13² · 5 + 26² · 5; 11² · 3 + 22² · 3, and the same of 10 and 20, and 13 and 26.
  @Test(arguments: [
    ("mobilenet_ssd", 1917), ("mobilenet_ssd_int8", 1917), ("mobilenet_yolo", 4225),
    ("mobilenetv2_yolov3", 1815), ("yolo-fastest-1.1", 1500), ("yolov4-tiny", 2535),
  ])
  func `a detector is understood whole, and its candidate boxes counted`(
    name: String, candidates: Int
  ) throws {
    let model = try model(name)
    #expect(model.warnings.isEmpty)
    let workload = try model.graph.inferred().workload()
    #expect(workload.unknownSteps.isEmpty)
    #expect(
      workload.steps.reduce(0) { $0 + workload.candidateBoxCount(of: $1) } == candidates)
  }

  /// The three places where extents halve behind ResNet-50's pooling: the first convolutions of
  /// three stages and of their shortcuts stride, and no 3 × 3 does.
  @Test func `resnet50 strides in convolutions of 1 by 1`() throws {
    var kernels: [[Int]] = []
    for node in try model("resnet50").graph.nodes {
      guard case .convolution(let convolution) = node.op,
        convolution.window.strides.contains(where: { $0 > 1 })
      else { continue }
      kernels.append(convolution.window.kernel ?? [])
    }
    #expect(kernels == [[7, 7]] + Array(repeating: [1, 1], count: 6))
  }

  @Test(arguments: ["googlenet", "mobilenet", "mobilenet_ssd", "resnet18", "resnet50", "vgg16"])
  func `integer graphs do the same work on int8 weights`(name: String) throws {
    let real = try model(name).graph.inferred().workload()
    let inferred = try model("\(name)_int8").graph.inferred()
    #expect(inferred.workload().macs == real.macs)
    let bytes = inferred.graph.values.count { $0.type?.dtype == .int8 && $0.isConstant }
    #expect(bytes > 10)
    #expect(inferred.graph.nodes.contains { $0.op.kind == .quantizeLinear })
  }

  @Test(arguments: counts)
  func `every hint equals what is inferred`(count: Count) throws {
    let name = count.name
    let text = String(decoding: try SharedFiles.bytes("graphs/ncnn/\(name).param"), as: UTF8.self)
    let graph = try model(name).graph.inferred().graph
    var types: [String: [Int]] = [:]
    for value in graph.values { types[value.name] = value.type?.dimensions }
    var compared = 0
    for line in text.split(separator: "\n").dropFirst(2) {
      for (blob, extents) in Self.hints(line.split(separator: " ").map { String($0) }) {
        let found = types[blob] ?? []
        #expect(found == [1] + extents, "\(blob)")
        compared += 1
      }
    }
    #expect(compared > 10)
  }

  @Test(arguments: [
    ("hunyuan_0.5b_instruct", 415_292_416), ("llama3.2_1b", 973_146_112),
    ("minicpm4_0.5b", 358_663_168), ("tinyllama_1.1b", 968_976_384),
  ])
  func `decoders are counted at stated lengths`(name: String, parameters: Int) throws {
    let graph = try model("\(name)_decoder.ncnn").graph
    let lengthless = try? graph.inferred()
    #expect(lengthless == nil)
    var options = InferenceOptions()
    options.dimensions = [
      "sequence_length": 1, "past_sequence_length": 127, "total_sequence_length": 128,
    ]
    let inferred = try graph.inferred(options)
    #expect(inferred.parameterCount == parameters)
    let workload = inferred.workload()
    #expect(workload.steps.allSatisfy { $0.work != nil })
    // Every weight of a matrix is used once for one token, and attention adds to that.
    #expect(workload.macs > MACs(parameters * 99 / 100))
  }

  @Test(arguments: ["FastestDet", "blazeface"])
  func `graphs without hints are inferred`(name: String) throws {
    var options = InferenceOptions()
    if name == "FastestDet" { options.shapes["in0"] = [1, 3, 352, 352] }
    let workload = try model(name).graph.inferred(options).workload()
    #expect(workload.steps.allSatisfy { $0.work != nil })
    #expect(workload.macs > MACs(10_000_000))
  }
}
