public import ModelIR
import Quantities
import TensorTypes

/// The bytes of a model's stored tensors: mapped, as the file has them, where they are contiguous.
public struct StoredWeights: Sendable {
  /// Bytes of one tensor, as its dtype stores them.
  public enum Elements: Sendable {
    case mapped(MappedBytes, Range<Int>)
    case decoded([UInt8])
  }

  private let model: MappedBytes
  private let path: String
  private let files: [String: MappedBytes]

  /// Maps the model's file, and files beside it that hold weights, under the rules of
  /// ``ExternalData``; one that is missing leaves its weights without elements.
  public init(of imported: ImportedModel) throws(StoredWeightError) {
    path = imported.path
    let file: MappedFile
    do throws(FileError) {
      file = try MappedFile(path: imported.path, readsAll: true)
    } catch {
      throw .file(error)
    }
    guard file.count == imported.fileSize.rawValue else { throw .changed }
    model = MappedBytes(file)
    var locations: Set<String> = []
    imported.graph.collectExternalFiles(into: &locations)
    var files: [String: MappedBytes] = [:]
    for location in locations where ExternalData.exists(location, besides: imported.path) {
      do throws(ExternalDataError) {
        files[location] = MappedBytes(try ExternalData.open(location, besides: imported.path))
      } catch {
        throw .external(error)
      }
    }
    self.files = files
  }

  /// `nil` for a value that is no weight, and where the model comes without its elements.
  public func elements(of value: Value) throws(StoredWeightError) -> Elements? {
    guard case .weight(let storage) = value.origin, let type = value.type else { return nil }
    return try elements(type, storage)
  }

  private func elements(
    _ type: TensorType, _ storage: WeightStorage
  ) throws(StoredWeightError) -> Elements? {
    let size = type.storageSize.rawValue
    switch storage {
    case .stated, .absent: return nil
    case .file(let range):
      guard range.upperBound <= model.count, range.count == size else { throw .changed }
      return .mapped(model, range)
    case .external(let location, let offset, let length):
      guard let file = files[location] else { return nil }
      let (end, overflow) = offset.addingReportingOverflow(size)
      guard offset >= 0, (length ?? size) == size, !overflow, end <= file.count else {
        throw .external(
          .outOfBounds(
            location: location, needed: overflow ? .max : end, available: file.count))
      }
      return .mapped(file, offset..<end)
    case .listed(let message):
      return try model.withBytes { bytes throws(StoredWeightError) in
        guard message.upperBound <= bytes.count else { throw .changed }
        do throws(MalformedFile) {
          let packed = try TensorData(message: ProtobufCursor(message)).packed(type, bytes)
          return packed.map { .decoded($0) }
        } catch {
          throw .malformed(error)
        }
      }
    case .sparse: throw .sparse
    }
  }
}

/// Why the elements of a weight cannot be had.
public enum StoredWeightError: Error, Hashable, Sendable, CustomStringConvertible {
  case file(FileError)
  /// The file is no longer the one that was imported.
  case changed
  case external(ExternalDataError)
  case malformed(MalformedFile)
  case sparse

  public var description: String {
    switch self {
    case .file(let error): error.description
    case .changed: "the file changed since it was read"
    case .external(let error): error.description
    case .malformed(let error): error.description
    case .sparse: "is sparse, and only dense ones are run"
    }
  }
}

/// A mapped file with several owners.
public final class MappedBytes: Sendable {
  private let file: MappedFile
  public var count: Int { file.count }

  init(_ file: consuming MappedFile) { self.file = file }

  public func withBytes<Result, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try file.withBytes(body)
  }

  /// What reading one byte brings into memory at most, on each side: a large page.
  private static let reach = 2 << 20

  /// Lets go of the memory that reading a range took, its neighbourhood included; it comes again from
  /// the file when read.
  public func giveBack(_ range: Range<Int>) {
    let start = max(0, range.lowerBound - Self.reach)
    let (end, overflow) = range.upperBound.addingReportingOverflow(Self.reach)
    file.giveBack(start..<max(start, overflow ? count : min(end, count)))
  }
}

extension Graph {
  fileprivate func collectExternalFiles(into locations: inout Set<String>) {
    for value in values {
      if case .weight(.external(let location, _, _)) = value.origin { locations.insert(location) }
    }
    for node in nodes {
      for subgraph in node.op.subgraphs {
        subgraph.body.collectExternalFiles(into: &locations)
      }
    }
  }
}
