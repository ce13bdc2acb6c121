import ModelIR
import Platform
import TestSupport
import Testing

@testable import ModelImport

@Suite struct NCNNReaderTests {
  @Test(arguments: [
    (NCNNFile("Input x 0 1 x", layerCount: 2), "line 3: expected 2 layers as the file states"),
    (
      NCNNFile("Input x 0 1 x", blobCount: 3),
      "line 2: expected 3 blobs as the file states, found 1"
    ),
    (NCNNFile("Input x 0 1 x", layerCount: -1), "line 2: expected the count of layers"),
    (NCNNFile("Input x 0 1 x", layerCount: 9_999_999), "line 2: expected the count of layers"),
    (NCNNFile("Input x 0 99999999 x", blobCount: 1), "line 3: expected the count of outputs"),
    (NCNNFile("Input x 0 2 x"), "line 3: expected the names of 2 inputs and outputs"),
    (NCNNFile("Input x 0"), "line 3: expected a layer's type"),
    (NCNNFile("Input x 0 1 x", "ReLU r 1 1 y r"), "line 4: blob 'y' is written nowhere"),
    (NCNNFile("Input x 0 1 x", "ReLU r 1 1 x x"), "line 4: blob 'x' is written twice"),
    (
      NCNNFile("ReLU a 1 1 z y", "ReLU b 1 1 y z"),
      "line 3: blob 'z' is written only in line 4: the layers are cyclic or out of order"
    ),
    (NCNNFile("Input x 0 1 x 0"), "line 3: expected a parameter NUMBER=VALUE, found '0'"),
    (NCNNFile("Input x 0 1 x 32=1"), "line 3: expected a parameter NUMBER=VALUE"),
    (NCNNFile("Input x 0 1 x 0=1 0=2"), "line 3: parameter 0 is set twice"),
    (NCNNFile("Input x 0 1 x 0=4294967296"), "line 3: expected a number of 32 bits"),
    (NCNNFile("Input x 0 1 x 0=1e99"), "line 3: expected a number of 32 bits"),
    (NCNNFile("Input x 0 1 x -23300=3,1,2"), "line 3: expected a list of 3 numbers"),
    (NCNNFile("Input x 0 1 x -23300=99999999,1"), "line 3: expected the count of elements"),
    (.over("Convolution c 1 1 x c 0=8 1=3 6=100"), "line 4: layer 'c': weight_data_size: 100"),
    (.over("Convolution c 1 1 x c 0=0 1=3 6=100"), "line 4: layer 'c': num_output"),
    (
      .over("Convolution c 1 1 x c 0=2147483647 1=2147483647 6=2147483647"),
      "line 4: layer 'c': the weights is too large"
    ),
    (.over("Softmax s 2 1 x x s"), "line 4: layer 's': has 2 inputs, expected 1"),
    (.over("ReLU r 1 2 x y z"), "line 4: layer 'r': has 2 outputs, expected 1"),
    (.over("Permute r 1 1 x y 0=6"), "line 4: layer 'r': order_type is 6"),
    (
      .over("PriorBox p 2 1 x x p -23300=2,6,9 -23301=1,9 9=-233 10=-233"),
      "line 4: layer 'p': has 1 max_sizes"
    ),
    (
      .over("YoloDetectionOutput d 1 1 x d 1=2 -23304=2,1,2"),
      "line 4: layer 'd': has no anchor 1 of input 0"
    ),
    (
      .over("Yolov3DetectionOutput d 1 1 x d 1=1 -23304=2,1,2 -23305=1,0"),
      "line 4: layer 'd': has no scale of input 0"
    ),
    (.over("Slice r 1 2 x y z -23300=2,3,3"), "line 4: layer 'r': slices [3, 3] of 4"),
  ])
  func `a wrong file is named with its line`(file: NCNNFile, expected: String) {
    let error = #expect(throws: ImportError.self) { try file.imported() }
    #expect(error?.description.hasPrefix("m.param: \(expected)") == true, "\(error as Any)")
  }

  @Test func `another version is refused`() {
    let bytes = Array("77675171\n1 1\nInput x 0 1 x\n".utf8)
    let error = #expect(throws: ImportError.self) { try importModel(bytes.span, path: "m") }
    #expect(error?.description == "m: line 1: expected the version 7767517, found '77675171'")
  }

  @Test func `lines behind the stated count are ignored with a warning`() throws {
    let file = NCNNFile("Input x 0 1 x 0=3", "ReLU r 1 1 x y", layerCount: 1, blobCount: 1)
    let model = try file.imported()
    #expect(model.graph.nodes.isEmpty)
    #expect(
      model.warnings == ["1 lines behind the stated count of layers are ignored, as ncnn does"])
  }

  @Test func `carriage returns and tabs separate fields too`() throws {
    let text = NCNNFile.varied.text.replacing("\n", with: "\r\n").replacing(" ", with: "\t")
    let model = try importModel(Array(text.utf8).span, path: "m")
    #expect(model.graph == (try NCNNFile.varied.imported().graph))
  }

  // MARK: Damage

  @Test func `every prefix of a file is refused or understood`() throws {
    let bytes = Array(NCNNFile.varied.text.utf8)
    var stages = FuzzTests.Stages()
    for count in bytes.indices { stages.run(Array(bytes.prefix(count))) }
    #expect(stages.accepted + stages.refused == bytes.count)
    #expect(stages.refused > bytes.count * 9 / 10)
    stages.run(bytes)
    #expect(stages.flattened > 0)
  }

  @Test func `flipped bytes are refused or understood`() throws {
    let bytes = Array(NCNNFile.varied.text.utf8)
    var generator = SeededGenerator(seed: 2026)
    var stages = FuzzTests.Stages()
    for round in 0..<max(FuzzTests.rounds / 4, 100) {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = Int.random(in: damaged.indices, using: &generator)
        // Digits go far: every other round draws only them.
        damaged[place] =
          round.isMultiple(of: 2)
          ? UInt8.random(in: 0...255, using: &generator)
          : UInt8.random(in: 0x2d...0x39, using: &generator)
      }
      stages.run(damaged)
    }
    #expect(stages.accepted > 0)
    #expect(stages.refused > 0)
    #expect(stages.flattened > 0)
  }
}
