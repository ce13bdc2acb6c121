public import ModelIR
public import ModelImport
public import ReferenceExecutor
import TensorTypes

/// The weights of an imported model as tensors; those that the file stores in one piece stay mapped,
/// at whatever alignment the file has them.
public struct FileWeights: WeightSource {
  private let stored: StoredWeights

  /// Maps the model's files. Throws `weights` with the model's path when that fails.
  public init(_ model: ImportedModel) throws(ExecutionError) {
    do throws(StoredWeightError) {
      stored = try StoredWeights(of: model)
    } catch {
      throw .weights(value: model.path, reason: error.description)
    }
  }

  public func tensor(of weight: Value) throws(ExecutionError) -> Tensor? {
    do throws(StoredWeightError) {
      guard let type = weight.type, let elements = try stored.elements(of: weight) else {
        return nil
      }
      guard let tensor = Tensor(type, elements) else { throw .changed }
      return tensor
    } catch {
      throw .weights(value: weight.name, reason: error.description)
    }
  }
}

extension Tensor {
  /// `nil` when the file gives no elements.
  public init?(_ file: TensorFile) {
    guard let elements = file.elements else { return nil }
    self.init(file.type, elements)
  }

  fileprivate init?(_ type: TensorType, _ elements: StoredWeights.Elements) {
    switch elements {
    case .decoded(let bytes): self.init(type, bytes: bytes)
    case .mapped(let file, let range):
      let tensor = file.withBytes { bytes in
        unsafe bytes.extracting(range).withUnsafeBytes {
          unsafe Tensor(type, borrowing: $0, from: file) { part in
            file.giveBack(range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound)
          }
        }
      }
      guard let tensor else { return nil }
      self = tensor
    }
  }
}
