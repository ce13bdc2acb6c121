import ModelIR
import TensorTypes

extension View {
  /// The elements stay; the shape rule says what they are called.
  func reference<S: KernelScalar>(_ use: KernelUse<S>) throws(ReferenceError) -> [ReferenceTensor<
    S
  >] {
    let input = try use.required(0)
    let shape = use.types.first??.dimensions ?? input.dimensions
    switch self {
    case .reshape, .flatten, .squeeze, .unsqueeze, .identity:
      return [try use.result(shape, input.elements)]
    case .dropout:
      let mask = input.mapping { _ in .one }
      return [
        try use.result(shape, input.elements), try use.result(shape, mask.elements, output: 1),
      ]
    case .bitCast(let dtype):
      var elements: [S] = []
      for element in input.elements {
        guard let bits = input.type.dtype.bits(of: element.doubleValue),
          let value = dtype.value(ofBits: bits)
        else { throw .notEvaluated("BitCast of \(input.type.dtype) to \(dtype)") }
        elements.append(S(value))
      }
      return [try use.result(shape, elements)]
    }
  }
}

extension DType {
  /// The bits of an element of up to 32; `nil` for wider ones, which `Double` cannot hold whole.
  fileprivate func bits(of value: Double) -> UInt32? {
    switch self {
    case .float32: return Float(value).bitPattern
    case .bfloat16: return Float(value).bitPattern >> 16
    case .float16, .float64, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz,
      .float8e8m0, .float4e2m1, .int64, .uint64, .complex64, .complex128, .string, .q4_0, .q8_0:
      return nil
    case .int8, .int16, .int32, .uint8, .uint16, .uint32, .bool, .int4, .uint4, .int2, .uint2:
      guard let range = wholeNumberRange else { return nil }
      let count = range.upperBound - range.lowerBound + 1
      return UInt32(exactly: value < 0 ? value + count : value)
    }
  }

  fileprivate func value(ofBits bits: UInt32) -> Double? {
    switch self {
    case .float32: return Double(Float(bitPattern: bits))
    case .bfloat16: return Double(Float(bitPattern: bits << 16))
    case .float16, .float64, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz,
      .float8e8m0, .float4e2m1, .int64, .uint64, .complex64, .complex128, .string, .q4_0, .q8_0:
      return nil
    case .int8, .int16, .int32, .uint8, .uint16, .uint32, .bool, .int4, .uint4, .int2, .uint2:
      return stored(Double(bits))
    }
  }
}
