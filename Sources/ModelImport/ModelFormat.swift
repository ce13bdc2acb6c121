/// A file format that this package imports; recognised by content, never by name.
public enum ModelFormat: String, Sendable, Hashable, CaseIterable {
  case onnx = "ONNX"
  case ncnn
  case tflite = "TFLite"

  /// ncnn's files start with a text that is theirs alone, TFLite's have a mark behind the first
  /// offset; all others are tried as ONNX, which has no magic number.
  static func recognize(_ bytes: Span<UInt8>) -> Self {
    if bytes.starts(with: "TFL3", at: 4) { return .tflite }
    return bytes.starts(with: NCNNReader.version, at: 0) ? .ncnn : .onnx
  }
}

/// What a file is when it is no model that this package imports.
public enum ForeignContent: Sendable, Hashable, CaseIterable, CustomStringConvertible {
  case empty
  case gitLFSPointer
  case webPage
  case gguf
  case ncnnBinary
  case safetensors
  case ortFormat
  case zipArchive
  case pickle
  case hdf5
  case xml
  case json
  case gzip
  /// Valid as the format's encoding, but without a graph.
  case noModel

  public var description: String {
    switch self {
    case .empty: "the file is empty; was the download or the export interrupted?"
    case .gitLFSPointer: "this is a Git LFS pointer, not the model: run `git lfs pull`"
    case .webPage: "this is a web page, not a model; the download returned an HTML document"
    case .gguf: "this is a GGUF model; export the original model to ONNX"
    case .ncnnBinary: "this is ncnn's binary parameter file; use the text file (.param)"
    case .safetensors: "this is a safetensors file: weights without a graph; export to ONNX"
    case .ortFormat: "this is an ORT-format model; use the ONNX file that it was made from"
    case .zipArchive:
      "this is a ZIP archive, as PyTorch and Keras write; export with torch.onnx.export or tf2onnx"
    case .pickle: "this is a Python pickle, as older PyTorch writes; export with torch.onnx.export"
    case .hdf5: "this is an HDF5 file, as Keras writes; convert it with tf2onnx"
    case .xml: "this is an XML file, as OpenVINO writes; use the ONNX file that it was made from"
    case .json: "this is a JSON file, not a model"
    case .gzip: "this is a gzip archive; unpack it first"
    case .noModel: "this is not an ONNX model: it holds no graph"
    }
  }

  /// What the bytes are known to be, `nil` when nothing speaks against an ONNX model. ONNX files
  /// have no magic number: they start with a protobuf tag.
  static func recognize(_ bytes: Span<UInt8>) -> ForeignContent? {
    func has(_ magic: [UInt8], at offset: Int = 0) -> Bool {
      bytes.count >= offset + magic.count
        && magic.indices.allSatisfy { bytes[offset + $0] == magic[$0] }
    }
    func starts(with text: String, at offset: Int = 0) -> Bool {
      bytes.starts(with: text, at: offset)
    }

    guard !bytes.isEmpty else { return .empty }
    // The first four bytes are an offset, which may look like anything.
    if starts(with: "TFL3", at: 4) { return nil }
    if starts(with: "version https://git-lfs.github.com/spec") { return .gitLFSPointer }
    if starts(with: "ORTM", at: 4) { return .ortFormat }
    if starts(with: "GGUF") || starts(with: "FUGG") { return .gguf }
    // The version 7767517 as a 32-bit integer.
    if has([0xdd, 0x85, 0x76, 0x00]) { return .ncnnBinary }
    if has([0x50, 0x4b, 0x03, 0x04]) { return .zipArchive }
    if has([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]) { return .hdf5 }
    if has([0x1f, 0x8b]) { return .gzip }
    if has([0x80]), bytes.count > 1, (2...5).contains(bytes[1]) { return .pickle }
    // A 64-bit header length below 4 GiB, then the header, which is JSON.
    if has([0, 0, 0, 0, UInt8(ascii: "{")], at: 4) { return .safetensors }
    return recognizeText(bytes)
  }

  private static func recognizeText(_ bytes: Span<UInt8>) -> ForeignContent? {
    var start = 0
    let blank: [UInt8] = [0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]
    while start < min(bytes.count, 64), blank.contains(bytes[start]) { start += 1 }
    let end = min(bytes.count, start + 64)
    let head = (start..<end).map { index in
      let byte = bytes[index]
      return (0x41...0x5a).contains(byte) ? byte | 0x20 : byte
    }
    let text = String(decoding: head, as: UTF8.self)
    if text.hasPrefix("<!doctype html") || text.hasPrefix("<html") || text.hasPrefix("<head") {
      return .webPage
    }
    if text.hasPrefix("<?xml") { return .xml }
    if text.hasPrefix("{") { return .json }
    return nil
  }
}

extension Span<UInt8> {
  fileprivate func starts(with text: String, at offset: Int) -> Bool {
    let magic = Array(text.utf8)
    return count >= offset + magic.count
      && magic.indices.allSatisfy { self[offset + $0] == magic[$0] }
  }
}
