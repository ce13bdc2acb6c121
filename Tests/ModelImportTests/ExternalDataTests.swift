import Foundation
import ModelIR
import TestSupport
import Testing

@testable import ModelImport

@Suite struct ExternalDataTests {
  private func file(_ entries: [(String, String)]) -> ONNXFile {
    ONNXFile(
      ONNXFile.GraphPart(
        [],
        initializers: [
          ONNXFile.Tensor("w", [4]) { tensor in
            for (key, value) in entries {
              tensor.message(13) {
                $0.text(1, key)
                $0.text(2, value)
              }
            }
            tensor.int(14, 1)
          }
        ]))
  }

  @Test func `a reference is kept and not followed`() throws {
    let bytes = file([("location", "no/such.bin"), ("offset", "64"), ("checksum", "0")]).bytes
    let model = try importModel(bytes.span, path: "/nowhere/model.onnx")
    #expect(
      model.graph.values[0].origin
        == .weight(.external(location: "no/such.bin", offset: 64, length: nil)))
    #expect(
      model.warnings == ["1 files with weights are missing beside the model: 'no/such.bin'"])
  }

  @Test(arguments: [
    [], [("offset", "0")], [("location", "a"), ("offset", "")],
    [("location", "a"), ("offset", "+1")],
    [("location", "a"), ("offset", "99999999999999999999")], [("location", "a"), ("length", "15")],
    [("location", "a"), ("length", "-16")], [("location", "a"), ("length", "0x10")],
  ])
  func `a reference is complete and its numbers are`(entries: [(String, String)]) {
    let error = #expect(throws: ImportError.self) {
      try importModel(file(entries).bytes.span, path: "model.onnx")
    }
    #expect(error?.description.contains("tensor 'w'") == true)
  }

  @Test(arguments: [
    "", "/etc/passwd", "..", "../w.bin", "a/../../w.bin", "a/..", ".", "./", "a/", "w.bin\0.txt",
    "..\\w.bin", "a\\b", "C:w.bin", "c:/w.bin", "//host/w.bin",
  ])
  func `a location cannot lead out of the folder`(location: String) throws {
    let error = #expect(throws: ExternalDataError.self) {
      try ExternalData.components(of: location)
    }
    guard case .unsafeLocation(location, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(throws: ImportError.self) {
      try importModel(file([("location", location)]).bytes.span, path: "model.onnx")
    }
  }

  @Test func `harmless locations are accepted`() throws {
    #expect(try ExternalData.components(of: "model.onnx.data") == ["model.onnx.data"])
    #expect(try ExternalData.components(of: "./a//b.bin") == ["a", "b.bin"])
    #expect(try ExternalData.components(of: "a..b/..c") == ["a..b", "..c"])
  }

  /// Places a location in a tensor that no initializer holds.
  @Test(arguments: ["Constant", "sparse", "body"])
  func `locations are checked wherever a tensor may stand`(place: String) {
    let bad = ONNXFile.Tensor("w", [4]) {
      $0.message(13) {
        $0.text(1, "location")
        $0.text(2, "../w.bin")
      }
      $0.int(14, 1)
    }
    let constant = ONNXFile.NodePart(
      "Constant", [], ["k"], attributes: [ONNXFile.Attribute("value", .tensor(bad))])
    var bytes: [UInt8]
    switch place {
    case "Constant": bytes = ONNXFile(ONNXFile.GraphPart([constant])).bytes
    case "sparse":
      var writer = ProtobufWriter()
      writer.message(7) { graph in
        graph.message(15) { sparse in
          sparse.message(1) { values in
            values.int(1, 4)
            values.int(2, 1)
            values.text(8, "w")
            bad.data(&values)
          }
          sparse.int(3, 4)
        }
      }
      bytes = ONNXFile(ONNXFile.GraphPart([])).bytes
      bytes += writer.bytes
    default:
      bytes =
        ONNXFile(
          ONNXFile.GraphPart([
            ONNXFile.NodePart(
              "Foo", [], ["k"],
              attributes: [
                ONNXFile.Attribute("body", .graph(ONNXFile.GraphPart([], initializers: [bad])))
              ])
          ])
        ).bytes
    }
    let error = #expect(throws: ImportError.self) {
      try importModel(bytes.span, path: "model.onnx")
    }
    #expect(error?.description.contains("leaves the model's folder") == true)
  }

  @Test func `only a regular file of the model's folder is opened`() throws {
    try withTemporaryFolder { folder in
      let inside = folder.appending(path: "model")
      let files = FileManager.default
      try files.createDirectory(
        at: inside.appending(path: "sub"), withIntermediateDirectories: true)
      try Data([1, 2, 3, 4]).write(to: inside.appending(path: "w.bin"))
      try Data([5, 6]).write(to: inside.appending(path: "sub/v.bin"))
      try Data([7]).write(to: folder.appending(path: "secret"))
      try files.createSymbolicLink(
        at: inside.appending(path: "link"), withDestinationURL: folder.appending(path: "secret"))
      try files.createSymbolicLink(
        at: inside.appending(path: "linked"), withDestinationURL: inside.appending(path: "sub"))
      try files.linkItem(
        at: folder.appending(path: "secret"), to: inside.appending(path: "hard"))
      let model = inside.appending(path: "model.onnx").path

      func bytes(
        _ location: String, offset: Int = 0, length: Int? = nil
      ) throws(ExternalDataError) -> [UInt8] {
        let file = try ExternalData.open(
          location, offset: offset, length: length, besides: model)
        return file.withBytes { bytes in bytes.indices.map { bytes[$0] } }
      }
      #expect(try bytes("w.bin") == [1, 2, 3, 4])
      #expect(try bytes("./sub/v.bin", offset: 1, length: 1) == [5, 6])
      #expect(throws: ExternalDataError.link(location: "link")) { try bytes("link") }
      #expect(throws: ExternalDataError.link(location: "linked/v.bin")) {
        try bytes("linked/v.bin")
      }
      #expect(throws: ExternalDataError.link(location: "hard")) { try bytes("hard") }
      #expect(throws: ExternalDataError.file(location: "sub", .notAFile)) { try bytes("sub") }
      #expect(throws: ExternalDataError.file(location: "none", .notFound)) { try bytes("none") }
      #expect(throws: ExternalDataError.file(location: "w.bin/x", .notFound)) {
        try bytes("w.bin/x")
      }
      #expect(
        throws: ExternalDataError.outOfBounds(location: "w.bin", needed: 5, available: 4)
      ) {
        try bytes("w.bin", offset: 2, length: 3)
      }
      #expect(
        throws: ExternalDataError.outOfBounds(location: "w.bin", needed: .max, available: 4)
      ) {
        try bytes("w.bin", offset: .max, length: .max)
      }
      #expect(throws: ExternalDataError.invalidNumber(key: "offset", value: "-1")) {
        try bytes("w.bin", offset: -1)
      }
    }
  }

  @Test func `a device is not a file`() {
    // The root folder may be a model's folder; "dev/null" lies within it and is still no file.
    #expect(throws: ExternalDataError.file(location: "dev/null", .notAFile)) {
      _ = try ExternalData.open("dev/null", besides: "/model.onnx")
    }
    #expect(throws: FileError.notAFile) { _ = try MappedFile(path: "/dev/zero") }
  }

  @Test func `an empty file maps to no bytes`() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "empty").path
      #expect(FileManager.default.createFile(atPath: path, contents: nil))
      let file = try MappedFile(path: path)
      #expect(file.count == 0)
      #expect(file.withBytes { $0.count } == 0)
    }
  }
}
