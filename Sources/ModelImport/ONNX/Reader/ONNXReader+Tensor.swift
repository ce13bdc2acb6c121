import ModelIR
import Quantities
import TensorTypes

extension ONNXReader {
  /// `TensorProto`: the type is checked against the stored bytes, which stay where they are.
  mutating func readTensor(
    _ field: ProtobufField, _ name: String, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> ONNXTensor {
    try readTensor(try enter(field, name), at: field.offset, bytes)
  }

  mutating func readTensor(
    _ start: ProtobufCursor, at offset: Int, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> ONNXTensor {
    var message = start
    var tensor = ONNXTensor()
    tensor.offset = offset
    var external = ExternalReference()
    var isExternal = false
    var data = TensorData(message: start)
    while let field = try message.next(in: bytes) {
      switch field.number {
      case 1: try field.appendInts("dims", to: &tensor.dimensions, limit: Limit.rank, in: bytes)
      case 2: tensor.dataType = try field.int("data_type")
      case 4, 5, 7, 10, 11:
        data.typedBytes[field.number] = (data.typedBytes[field.number] ?? 0) + field.range.count
      case 6: data.stringCount += 1
      case 8: tensor.name = try field.text("name", in: bytes)
      case 9: data.raw = try field.bytes("raw_data")
      case 13: try external.add(try enter(field, "external_data"), bytes)
      case 14: isExternal = try field.int("data_location") == 1
      default: break
      }
    }
    let type: TensorType
    do throws(MalformedFile.TensorDefect) {
      type = try checkedType(tensor)
      if isExternal {
        tensor.storage = try external.storage(of: type)
        return tensor
      }
      tensor.hasData = try data.check(type)
    } catch {
      throw MalformedFile(at: offset, .tensor(name: tensor.name, error))
    }
    if let raw = data.raw {
      tensor.storage = .file(raw)
    } else if tensor.hasData {
      tensor.storage = .listed(start.offset..<start.end)
    }
    tensor.literal = try data.literal(type, bytes)
    return tensor
  }

  /// `SparseTensorProto`: its type is the dense one, and its name that of its values.
  mutating func readSparseTensor(
    _ field: ProtobufField, _ name: String, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> ONNXTensor {
    var message = try enter(field, name)
    var tensor = ONNXTensor()
    tensor.offset = field.offset
    tensor.storage = .sparse(message.offset..<message.end)
    while let field = try message.next(in: bytes) {
      switch field.number {
      case 1:
        let values = try readTensor(field, "values", bytes)
        tensor.name = values.name
        tensor.dataType = values.dataType
      case 2: _ = try readTensor(field, "indices", bytes)
      case 3: try field.appendInts("dims", to: &tensor.dimensions, limit: Limit.rank, in: bytes)
      default: break
      }
    }
    tensor.isSparse = true
    do throws(MalformedFile.TensorDefect) {
      _ = try checkedType(tensor)
    } catch {
      throw MalformedFile(at: field.offset, .tensor(name: tensor.name, error))
    }
    return tensor
  }

  /// The type that the file states, once its extents and its size are found to be possible.
  private func checkedType(
    _ tensor: ONNXTensor
  ) throws(MalformedFile.TensorDefect) -> TensorType {
    guard let dtype = dtype(ofDataType: tensor.dataType) else {
      throw .unknownDataType(tensor.dataType)
    }
    if let negative = tensor.dimensions.first(where: { $0 < 0 }) {
      throw .negativeDimension(negative)
    }
    let type = TensorType(dtype, tensor.dimensions)
    guard type.elementCount < .max, !type.storageSize.isSaturated else {
      throw .tooLarge(dimensions: tensor.dimensions)
    }
    return type
  }
}

/// The entries of `external_data`. Keys other than these are ignored, as the format asks.
private struct ExternalReference {
  var location: String?
  var offset: String?
  var length: String?

  mutating func add(
    _ message: ProtobufCursor, _ bytes: Span<UInt8>
  ) throws(MalformedFile) {
    var message = message
    var key = ""
    var value = ""
    while let field = try message.next(in: bytes) {
      switch field.number {
      case 1: key = try field.text("key", in: bytes)
      case 2: value = try field.text("value", in: bytes)
      default: break
      }
    }
    switch key {
    case "location": location = value
    case "offset": offset = value
    case "length": length = value
    default: break
    }
  }

  func storage(of type: TensorType) throws(MalformedFile.TensorDefect) -> WeightStorage {
    guard let location else { throw .externalData(.missingLocation) }
    do throws(ExternalDataError) {
      _ = try ExternalData.components(of: location)
    } catch {
      throw .externalData(error)
    }
    let start = try number("offset", offset) ?? 0
    let size = try number("length", length)
    let expected = type.storageSize.rawValue
    if let size, size != expected, type.dtype != .string {
      throw .dataSize(expected: expected, found: size)
    }
    return .external(location: location, offset: start, length: size)
  }

  /// Digits only: no sign, no exponent, no spaces.
  private func number(
    _ key: String, _ text: String?
  ) throws(MalformedFile.TensorDefect) -> Int? {
    guard let text else { return nil }
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int(text) else {
      throw .externalData(.invalidNumber(key: key, value: text))
    }
    return value
  }
}
