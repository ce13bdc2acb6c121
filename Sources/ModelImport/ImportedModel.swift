public import ModelIR
public import Quantities

/// A model as read from a file: what is known before any shape is inferred.
public struct ImportedModel: Sendable {
  public let path: String
  public let format: ModelFormat
  public let fileSize: Bytes
  /// The program that wrote the file, as the file says; may be empty.
  public let producer: String
  /// The version of each operator set; the default domain is "ai.onnx". Only ONNX has any.
  public let operatorSets: [String: Int]
  public let graph: Graph
  /// What is not modelled or not known, one line each.
  public let warnings: [String]

  /// "ONNX, ai.onnx 17, com.microsoft 1".
  public var formatSummary: String {
    switch format {
    case .onnx:
      ([format.rawValue]
        + operatorSets.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })
        .joined(separator: ", ")
    case .ncnn: "ncnn parameters, version \(NCNNReader.version)"
    case .tflite: "TFLite, schema version \(TFLiteReader.schemaVersion)"
    }
  }
}

/// Reads a model file. Weights are not read, and files beside the model are not opened.
public func importModel(at path: String) throws(ImportError) -> ImportedModel {
  let file: MappedFile
  do throws(FileError) {
    file = try MappedFile(path: path)
  } catch {
    throw ImportError(path: path, cause: .file(error))
  }
  return try file.withReleasableBytes { bytes, release throws(ImportError) in
    try importModel(bytes, path: path, release: release)
  }
}

/// Reads a model from bytes; `path` is for messages, and says which folder other files would be in.
/// `release` is told of bytes that are not needed again.
package func importModel(
  _ bytes: Span<UInt8>, path: String, release: (Range<Int>) -> Void = { _ in }
) throws(ImportError) -> ImportedModel {
  do throws(ImportError.Cause) {
    if let content = ForeignContent.recognize(bytes) { throw .format(content) }
    switch ModelFormat.recognize(bytes) {
    case .onnx: return try importONNX(bytes, path: path, release: release)
    case .ncnn: return try importNCNN(bytes, path: path)
    case .tflite: return try importTFLite(bytes, path: path)
    }
  } catch {
    throw ImportError(path: path, cause: error)
  }
}

private func importONNX(
  _ bytes: Span<UInt8>, path: String, release: (Range<Int>) -> Void
) throws(ImportError.Cause) -> ImportedModel {
  let model: ONNXModel
  do throws(MalformedFile) {
    model = try ONNXReader.model(in: bytes, release: release)
  } catch {
    throw .malformed(error)
  }
  guard let root = model.graph else { throw .format(.noModel) }
  var builder = GraphBuilder(model)
  let graph = try builder.build(root)
  return ImportedModel(
    path: path, format: .onnx, fileSize: Bytes(bytes.count), producer: model.producer,
    operatorSets: Dictionary(
      model.opsets.map { ($0.key.isEmpty ? "ai.onnx" : $0.key, $0.value) },
      uniquingKeysWith: { first, _ in first }),
    graph: graph, warnings: builder.notes.lines(besides: path))
}

private func importNCNN(
  _ bytes: Span<UInt8>, path: String
) throws(ImportError.Cause) -> ImportedModel {
  var builder = NCNNBuilder()
  let graph: Graph
  do throws(MalformedLine) {
    graph = try builder.build(try NCNNReader.model(in: bytes))
  } catch {
    throw .line(error)
  }
  return ImportedModel(
    path: path, format: .ncnn, fileSize: Bytes(bytes.count), producer: "", operatorSets: [:],
    graph: graph, warnings: builder.notes.lines(besides: path))
}

private func importTFLite(
  _ bytes: Span<UInt8>, path: String
) throws(ImportError.Cause) -> ImportedModel {
  let model: TFLiteModel
  var builder: TFLiteBuilder
  do throws(MalformedFile) {
    model = try TFLiteReader.model(in: bytes)
    builder = try TFLiteBuilder(model, bytes)
  } catch {
    throw .malformed(error)
  }
  let graph = try builder.build()
  return ImportedModel(
    path: path, format: .tflite, fileSize: Bytes(bytes.count), producer: model.producer,
    operatorSets: [:], graph: graph,
    warnings: builder.notes.lines(besides: path))
}
