import ModelIR
public import TensorTypes

/// A file that holds one tensor as ONNX spells it (`TensorProto`), such as the inputs of its
/// operator tests.
public struct TensorFile: Sendable {
  public let name: String
  public let type: TensorType
  /// `nil` when the file gives none.
  public let elements: StoredWeights.Elements?

  public init(path: String) throws(ImportError) {
    do throws(ImportError.Cause) {
      try self.init(reading: path)
    } catch {
      throw ImportError(path: path, cause: error)
    }
  }

  private init(reading path: String) throws(ImportError.Cause) {
    let file: MappedFile
    do throws(FileError) {
      file = try MappedFile(path: path, readsAll: true)
    } catch {
      throw .file(error)
    }
    let shared = MappedBytes(file)
    do throws(MalformedFile) {
      (name, type, elements) = try shared.withBytes { bytes throws(MalformedFile) in
        let tensor = try ONNXReader.tensor(in: bytes)
        guard let dtype = dtype(ofDataType: tensor.dataType) else {
          throw MalformedFile(at: 0, .missing("an element type"))
        }
        let type = TensorType(dtype, tensor.dimensions)
        let elements: StoredWeights.Elements? =
          switch tensor.storage {
          case .file(let range): .mapped(shared, range)
          case .listed(let range):
            try TensorData(message: ProtobufCursor(range)).packed(type, bytes).map { .decoded($0) }
          case .external, .sparse, .stated, .absent: nil
          }
        return (tensor.name, type, elements)
      }
    } catch {
      throw .malformed(error)
    }
  }
}
