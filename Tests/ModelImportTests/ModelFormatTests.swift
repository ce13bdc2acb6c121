import Testing

@testable import ModelImport

@Suite struct ModelFormatTests {
  @Test(arguments: [
    ("formats/samples/gguf/tiny_llama_valid.gguf", ForeignContent.gguf),
    ("formats/samples/safetensors/tiny_valid.safetensors", .safetensors),
    ("formats/samples/malformed/MANIFEST.json", .noModel),
    ("formats/samples/malformed/onnx_is_html.onnx", .webPage),
    ("formats/samples/malformed/onnx_is_lfs_pointer.onnx", .gitLFSPointer),
  ])
  func `a file of another kind is named`(name: String, expected: ForeignContent) throws {
    let bytes = try SharedFiles.bytes(name)
    #expect(ForeignContent.recognize(bytes.span) ?? .noModel == expected)
    #expect(throws: ImportError.self) { try importModel(bytes.span, path: name) }
  }

  @Test(arguments: [
    ("", ForeignContent.empty), ("PK\u{3}\u{4}", .zipArchive),
    ("\u{feff} <!DOCTYPE HTML><html>", .webPage), ("<HTML>", .webPage), (" {\"a\": 1}", .json),
    ("<?xml version=\"1.0\"?><net name=\"m\">", .xml), ("\u{8}\u{0}\u{0}\u{0}ORTM", .ortFormat),
  ])
  func `content tells the format`(text: String, expected: ForeignContent) {
    #expect(ForeignContent.recognize(Array(text.utf8).span) == expected)
  }

  @Test(arguments: [
    ([0x80, 0x02, 0x8a], ForeignContent.pickle), ([0xdd, 0x85, 0x76, 0], .ncnnBinary),
    ([0x1f, 0x8b, 0x08], .gzip),
    ([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a], .hdf5),
  ])
  func `magic numbers tell the format`(bytes: [UInt8], expected: ForeignContent) {
    #expect(ForeignContent.recognize(bytes.span) == expected)
  }

  @Test func `a message without a graph is no model`() {
    let bytes: [UInt8] = [0x08, 0x09]
    let error = #expect(throws: ImportError.self) {
      try importModel(bytes.span, path: "m.onnx")
    }
    #expect(error?.description == "m.onnx: this is not an ONNX model: it holds no graph")
  }

  @Test func `an error is one line`() {
    #expect(singleLine("a\nb\u{1b}[2Jc\u{2028}") == #"a\nb\u{1B}[2Jc\u{2028}"#)
    let long = singleLine(String(repeating: "x", count: 100_000))
    #expect(long.count < 1000)
    #expect(long.contains("…"))
  }
}
