import Foundation
import ModelIR
import Testing

@testable import ModelImport

/// Every ONNX and TFLite file of the malformed set, and what must become of it.
@Suite struct MalformedFilesTests {
  enum Outcome: Sendable {
    case accepted
    /// Accepted, with a warning that contains the text.
    case warned(String)
    /// Refused, with an error that contains the text.
    case refused(String)
  }

  static let expected: [String: Outcome] = [
    "onnx_control_ok.onnx": .accepted,
    "onnx_ext_control_ok.onnx": .accepted,
    "onnx_ext_dotdot.onnx": .refused("tensor 'w' refers to the external file"),
    "onnx_ext_mid_dotdot.onnx": .refused("leaves the model's folder"),
    "onnx_ext_absolute.onnx": .refused("is an absolute path"),
    "onnx_ext_backslash.onnx": .refused("contains a backslash"),
    "onnx_ext_nul.onnx": .refused("contains a NUL character"),
    "onnx_ext_empty.onnx": .refused("is empty"),
    "onnx_ext_dir.onnx": .refused("names no file"),
    "onnx_ext_dev_zero.onnx": .refused("is an absolute path"),
    "onnx_ext_neg_offset.onnx": .refused("offset \"-1\", expected a non-negative integer"),
    "onnx_ext_huge_length.onnx": .refused(
      "16 bytes of data by its type, found 1152921504606846976"),
    "onnx_ext_nan_offset.onnx": .refused("offset \"1e9\", expected a non-negative integer"),
    "onnx_ext_dunder_key.onnx": .accepted,
    "onnx_ext_missing_file.onnx": .warned("does_not_exist.bin"),
    "onnx_raw_shorter_than_dims.onnx":
      .refused("tensor 'w' should have 4000 bytes of data by its type, found 16"),
    "onnx_dims_overflow.onnx": .refused("product does not fit"),
    "onnx_neg_dim_init.onnx": .refused("negative extent -5"),
    "onnx_dtype_9999.onnx": .refused("unknown data type 9999"),
    "onnx_cycle.onnx": .refused("node 'Add_0': input 'b' is computed only later, by 'Relu'"),
    "onnx_dup_output_name.onnx": .refused("value 'y' is defined twice"),
    "onnx_undefined_input.onnx": .refused("node 'Relu_0': input 'nope' is defined nowhere"),
    "onnx_no_opset.onnx": .refused("opset_import"),
    "onnx_opset_999.onnx": .warned("operator set 999"),
    "onnx_unknown_domain.onnx": .warned("operator acme.custom::Foo is not modelled"),
    // Its nodes are well formed; shape inference finds the strides.
    "onnx_conv_group_zero.onnx": .accepted,
    "onnx_if_depth14_exponential.onnx": .accepted,
    "onnx_nested_2000.onnx": .refused("at most 100 nested messages"),
    "onnx_truncated.onnx": .refused("at byte"),
    "onnx_len_past_eof.onnx": .refused("field 7 of 1099511627776 bytes, but only 8 remain"),
    "onnx_varint_11_bytes.onnx": .refused("at most 64 bits in 10 bytes"),
    "onnx_empty.onnx": .refused("the file is empty"),
    "onnx_is_html.onnx": .refused("web page"),
    "onnx_is_lfs_pointer.onnx": .refused("git lfs pull"),
    "tfl_control_ok.tflite": .accepted,
    "tfl_input_index_oob.tflite": .refused(
      "node 'RESHAPE_0': an input is tensor 9999, but the subgraph has 10 tensors"),
    "tfl_output_index_minus1.tflite": .refused("an output is tensor -1"),
    "tfl_opcode_index_oob.tflite": .refused("has the operator code 9999"),
    "tfl_buffer_index_oob.tflite": .refused("has the buffer 99999, but the model has 12 buffers"),
    "tfl_neg_shape.tflite": .refused("negative extent -7"),
    "tfl_shape_overflow.tflite": .refused("product does not fit"),
    "tfl_no_subgraphs.tflite": .refused("the model has no subgraph"),
    "tfl_custom_op.tflite": .warned("operator custom::acme_op is not modelled"),
    "tfl_cycle.tflite": .refused("is computed only later"),
    "tfl_buffer_offset_past_eof.tflite": .refused("expected a buffer of"),
    // Without the identifier it is taken for ONNX.
    "tfl_bad_identifier.tflite": .refused("at byte"),
    "tfl_root_offset_oob.tflite": .refused("expected 'root table' below byte 18800"),
    "tfl_truncated.tflite": .refused("at byte"),
    "tfl_vtable_wild.tflite": .refused("expected the field list of 'root table'"),
  ]

  private struct Entry: Decodable { var file: String }

  private static func names() throws -> [String] {
    let manifest = Data(try SharedFiles.bytes("formats/samples/malformed/MANIFEST.json"))
    return try JSONDecoder().decode([Entry].self, from: manifest).map(\.file)
      .filter { $0.hasPrefix("onnx_") || $0.hasPrefix("tfl_") }
  }

  @Test func `every listed file has an expected outcome`() throws {
    #expect(try Self.names().sorted() == Self.expected.keys.sorted())
  }

  @Test(arguments: expected.keys.sorted())
  func `a malformed file has its expected outcome`(name: String) throws {
    let path = SharedFiles.path("formats/samples/malformed/\(name)")
    let result = Result { () throws(ImportError) in try importModel(at: path) }
    switch (try #require(Self.expected[name]), result) {
    case (.accepted, .success(let model)):
      #expect(model.warnings.filter { !$0.contains("is not modelled") } == [])
      #expect(!model.graph.nodes.isEmpty)
    case (.warned(let text), .success(let model)):
      #expect(model.warnings.contains { $0.contains(text) }, "\(model.warnings)")
    case (.refused(let text), .failure(let error)):
      #expect(error.description.contains(text), "\(error)")
      #expect(error.description.hasPrefix(path + ": "))
      #expect(!error.description.contains("\n"))
      #expect(!error.isMissingFile)
    case (let outcome, let result):
      Issue.record("\(name): expected \(outcome), found \(result)")
    }
  }

  @Test func `a missing file is told apart from a bad one`() throws {
    let missing = #expect(throws: ImportError.self) { try importModel(at: "/nowhere/model.onnx") }
    #expect(missing?.isMissingFile == true)
    #expect(missing?.description == "/nowhere/model.onnx: no such file")
    let folder = SharedFiles.path("formats")
    let error = #expect(throws: ImportError.self) { try importModel(at: folder) }
    #expect(error?.cause == .file(.notAFile))
  }
}
