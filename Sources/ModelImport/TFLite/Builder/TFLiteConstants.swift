import ModelIR
import Quantities
import TensorTypes

/// What a file says of a tensor, checked, with the constants that operators take settings from.
struct TFLiteFacts: Sendable {
  var name: String
  /// `nil` for resources and variants.
  var type: TensorType?
  /// With its free extents.
  var shape: Shape
  /// Where the elements are; `nil` for what is fed or computed.
  var storage: WeightStorage?
  var literal: TensorLiteral?
  var affine: TFLiteAffine?

  /// Whether every extent is fixed.
  var isStatic: Bool {
    shape.dimensions.allSatisfy { if case .fixed = $0 { true } else { false } }
  }
}

/// What the numbers of a quantized tensor stand for.
struct TFLiteAffine: Sendable, Hashable {
  /// `nil` where they are too many to be settings.
  var scales: TensorLiteral?
  var scaleType: TensorType
  var scaleStorage: WeightStorage
  /// One for all, or one for each scale, in the tensor's own dtype.
  var zeroPoint: TensorLiteral
  /// The axis that several scales are for.
  var axis: Int

  var isPerTensor: Bool { scaleType.rank == 0 }

  /// Scale and zero point of the whole tensor, where it has only one of each.
  var whole: (scale: Double, zeroPoint: Int)? {
    guard isPerTensor, let scale = scales?.reals.first, scale > 0, scale.isFinite,
      let zero = zeroPoint.integers?.first
    else { return nil }
    return (scale, zero)
  }
}

/// Reads what the tensors of a model say, once, so that nobody else needs the bytes.
struct TFLiteConstants {
  /// Elements of constants that are read in all: tensors may share one buffer.
  private static let literalLimit = 4_000_000

  let model: TFLiteModel
  private var remaining = Self.literalLimit

  init(_ model: TFLiteModel) { self.model = model }

  mutating func facts(
    of subgraph: TFLiteSubgraph, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> [TFLiteFacts] {
    var facts: [TFLiteFacts] = []
    facts.reserveCapacity(subgraph.tensors.count)
    for (index, tensor) in subgraph.tensors.enumerated() {
      let name = tensor.name.isEmpty ? "tensor_\(index)" : tensor.name
      do throws(MalformedFile.TensorDefect) {
        facts.append(try self.facts(of: tensor, named: name, bytes))
      } catch {
        throw MalformedFile(at: tensor.offset, .tensor(name: name, error))
      }
    }
    return facts
  }

  private mutating func facts(
    of tensor: TFLiteTensor, named name: String, _ bytes: Span<UInt8>
  ) throws(MalformedFile.TensorDefect) -> TFLiteFacts {
    for extent in tensor.shape where extent < 0 { throw .negativeDimension(extent) }
    var facts = TFLiteFacts(name: name, shape: shape(of: tensor))
    guard let dtype = try dtype(ofTensorType: tensor.type) else { return facts }
    let type = TensorType(dtype, tensor.shape)
    guard type.elementCount < .max, !type.storageSize.isSaturated else {
      throw .tooLarge(dimensions: tensor.shape)
    }
    facts.type = type
    if let quantization = tensor.quantization {
      facts.affine = try affine(quantization, of: type, bytes)
    }
    try setStorage(of: tensor, type, &facts, bytes)
    return facts
  }

  /// A free extent has −1 in the signature and some number in the shape.
  private func shape(of tensor: TFLiteTensor) -> Shape {
    Shape(
      tensor.shape.enumerated().map { axis, extent in
        (tensor.signature?[axis] ?? extent) < 0 ? .unknown : .fixed(extent)
      })
  }

  private mutating func setStorage(
    of tensor: TFLiteTensor, _ type: TensorType, _ facts: inout TFLiteFacts, _ bytes: Span<UInt8>
  ) throws(MalformedFile.TensorDefect) {
    guard tensor.buffer < model.buffers.count else {
      throw .bufferIndex(tensor.buffer, count: model.buffers.count)
    }
    let data = model.buffers[tensor.buffer].data
    if tensor.externalBuffer != 0 {
      facts.storage = try external(tensor.externalBuffer, type)
    } else if tensor.isSparse, !data.isEmpty {
      facts.storage = .sparse(data)
    } else if !data.isEmpty {
      let expected = type.storageSize.rawValue
      guard type.dtype == .string || data.count == expected else {
        throw .dataSize(expected: expected, found: data.count)
      }
      facts.storage = .file(data)
      facts.literal = literal(data, type, bytes)
    } else if type.elementCount == 0, tensor.buffer > 0, !tensor.isVariable {
      // An empty list, such as the axes of a reduction or the shape of a scalar.
      facts.storage = .file(data)
      facts.literal = literal(data, type, bytes)
    }
  }

  private func external(
    _ id: Int, _ type: TensorType
  ) throws(MalformedFile.TensorDefect) -> WeightStorage {
    guard let buffer = model.externalBuffers[id] else { throw .externalData(.missingLocation) }
    do throws(ExternalDataError) {
      _ = try ExternalData.components(of: buffer.location)
    } catch {
      throw .externalData(error)
    }
    let expected = type.storageSize.rawValue
    guard buffer.length == expected else {
      throw .dataSize(expected: expected, found: buffer.length)
    }
    return .external(location: buffer.location, offset: buffer.offset, length: buffer.length)
  }

  private mutating func literal(
    _ range: Range<Int>, _ type: TensorType, _ bytes: Span<UInt8>
  ) -> TensorLiteral? {
    guard type.elementCount <= TensorData.literalLimit(type.dtype),
      type.elementCount <= remaining
    else { return nil }
    remaining -= type.elementCount
    return TensorLiteral(stored: range, as: type, bytes)
  }

  private mutating func affine(
    _ quantization: TFLiteQuantization, of type: TensorType, _ bytes: Span<UInt8>
  ) throws(MalformedFile.TensorDefect) -> TFLiteAffine? {
    guard let range = type.dtype.storedIntegers else { return nil }
    let count = quantization.scaleCount
    if count > 1 {
      guard type.dimensions.indices.contains(quantization.axis),
        type.dimensions[quantization.axis] == count
      else {
        throw .scaleCount(count, dimensions: type.dimensions, axis: quantization.axis)
      }
    }
    let scaleType = TensorType(.float32, count == 1 ? [] : [count])
    var scales: TensorLiteral?
    if count <= min(TensorLiteral.maximumElementCount, remaining) {
      remaining -= count
      scales = TensorLiteral(stored: quantization.scales, as: scaleType, bytes)
    }
    var zeros: [Int] = []
    let zeroCount = quantization.zeroPoints.count / 8
    if zeroCount == count, count <= min(TensorLiteral.maximumElementCount, remaining) {
      remaining -= count
      zeros = (0..<count).map {
        let bits = littleEndian(8, from: bytes, at: quantization.zeroPoints.lowerBound + 8 * $0)
        return min(max(Int(Int64(bitPattern: bits)), range.lowerBound), range.upperBound)
      }
    }
    if zeros.allSatisfy({ $0 == zeros.first }) { zeros = [zeros.first ?? 0] }
    let zeroType = TensorType(type.dtype, zeros.count == 1 ? [] : [zeros.count])
    guard let zeroPoint = TensorLiteral(zeroType, .integers(zeros)) else { return nil }
    return TFLiteAffine(
      scales: scales, scaleType: scaleType,
      scaleStorage: scales == nil ? .file(quantization.scales) : .stated, zeroPoint: zeroPoint,
      axis: quantization.axis)
  }
}

extension DType {
  /// The numbers that a quantized tensor of this dtype stores; `nil` for dtypes that none has.
  var storedIntegers: ClosedRange<Int>? {
    switch self {
    case .int8: -128...127
    case .uint8: 0...255
    case .int16: -32768...32767
    case .uint16: 0...65535
    case .int32: Int(Int32.min)...Int(Int32.max)
    case .int64: Int.min...Int.max
    case .int4: -8...7
    case .uint4: 0...15
    case .int2: -2...1
    case .uint2, .float32, .float16, .bfloat16, .float64, .float8e4m3fn, .float8e4m3fnuz,
      .float8e5m2, .float8e5m2fnuz, .float8e8m0, .float4e2m1, .uint32, .uint64, .bool, .complex64,
      .complex128, .string, .q4_0, .q8_0:
      nil
    }
  }
}

/// The dtype that a `TensorType` number stands for; `nil` for resources and variants, which have no
/// elements.
func dtype(ofTensorType number: Int) throws(MalformedFile.TensorDefect) -> DType? {
  switch number {
  case 0: .float32
  case 1: .float16
  case 2: .int32
  case 3: .uint8
  case 4: .int64
  case 5: .string
  case 6: .bool
  case 7: .int16
  case 8: .complex64
  case 9: .int8
  case 10: .float64
  case 11: .complex128
  case 12: .uint64
  case 13, 14: nil
  case 15: .uint32
  case 16: .uint16
  case 17: .int4
  case 18: .bfloat16
  case 19: .int2
  case 20: .uint4
  default: throw .unknownDataType(number)
  }
}
