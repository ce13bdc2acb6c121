import Quantities
import TensorTypes

extension Tensor {
  /// The elements as numbers; `nil` for text, complex numbers and blocks. Whole numbers beyond 2⁵³
  /// are rounded.
  public var reals: ReferenceTensor<Double>? {
    let count = type.elementCount
    let elements: [Double]
    switch type.dtype {
    case .float32: elements = loaded(Float.self) { Double($0) }
    case .float64: elements = loaded(Double.self) { $0 }
    case .float16, .bfloat16:
      guard let code = RealCode(type.dtype) else { return nil }
      elements = loaded(UInt16.self) { code.value($0) }
    case .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float8e8m0, .float4e2m1:
      guard let code = RealCode(type.dtype) else { return nil }
      let values = (0..<256).map { code.value(UInt16($0)) }
      elements = (0..<count).map { values[Int(truncatingIfNeeded: bits($0))] }
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .bool, .int4, .uint4,
      .int2, .uint2:
      elements = (0..<count).map { wholeNumber($0).doubleValue }
    case .complex64, .complex128, .string, .q4_0, .q8_0: return nil
    }
    return ReferenceTensor(type, elements)
  }

  /// The elements of an integer dtype exactly; the bit patterns of another. `nil` for text and
  /// blocks.
  var wholeNumbers: ReferenceTensor<WholeNumber>? {
    switch type.dtype {
    case .string, .q4_0, .q8_0: return nil
    case .float32, .float64, .float16, .bfloat16, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2,
      .float8e5m2fnuz, .float8e8m0, .float4e2m1, .int8, .int16, .int32, .int64, .uint8, .uint16,
      .uint32, .uint64, .bool, .int4, .uint4, .int2, .uint2, .complex64, .complex128:
      return ReferenceTensor(type, (0..<type.elementCount).map { wholeNumber($0) })
    }
  }

  /// Stores numbers, rounded to the nearest that the tensor's dtype holds.
  public init?(_ numbers: ReferenceTensor<Double>) {
    switch numbers.type.dtype {
    case .float32: self.init(numbers.type, storing: numbers.elements) { Float($0) }
    case .float64: self.init(numbers.type, storing: numbers.elements) { $0 }
    case .float16, .bfloat16, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz,
      .float8e8m0, .float4e2m1:
      guard let code = RealCode(numbers.type.dtype) else { return nil }
      let dtype = numbers.type.dtype
      self.init(numbers.type, bits: numbers.elements) {
        Int128(code.code($0.isInfinite && code.hasInfinity ? $0 : dtype.stored($0)))
      }
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .bool, .int4, .uint4,
      .int2, .uint2:
      // 2⁶³ and 2⁶⁴ are the nearest numbers to the greatest ones.
      let greatest = Int128(numbers.type.dtype == .uint64 ? UInt64.max : UInt64(Int64.max))
      self.init(numbers.type, bits: numbers.elements) { min(WholeNumber($0).value, greatest) }
    case .complex64, .complex128, .string, .q4_0, .q8_0: return nil
    }
  }

  init?(_ numbers: ReferenceTensor<WholeNumber>) {
    switch numbers.type.dtype {
    case .string, .q4_0, .q8_0: return nil
    case .float32, .float64, .float16, .bfloat16, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2,
      .float8e5m2fnuz, .float8e8m0, .float4e2m1, .int8, .int16, .int32, .int64, .uint8, .uint16,
      .uint32, .uint64, .bool, .int4, .uint4, .int2, .uint2, .complex64, .complex128:
      self.init(numbers.type, bits: numbers.elements) { $0.value }
    }
  }

  /// One element, sign-extended where the dtype has a sign; the bit pattern of a real one.
  private func wholeNumber(_ index: Int) -> WholeNumber {
    let pattern = WholeNumber(Int128(truncatingIfNeeded: bits(index)))
    return pattern.stored(as: type.dtype)
  }

  /// The bits of one element, which the caller has found to exist.
  private func bits(_ index: Int) -> UInt128 {
    let block = type.dtype.block
    return unsafe withUnsafeBytes { bytes in
      switch (block.elements, block.bytes.rawValue) {
      case (1, 1): return UInt128(unsafe bytes[index])
      case (1, 2):
        return UInt128(unsafe bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
      case (1, 4):
        return UInt128(unsafe bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
      case (1, 8):
        return UInt128(unsafe bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
      case (1, 16): return unsafe bytes.loadUnaligned(fromByteOffset: 16 * index, as: UInt128.self)
      case (let perByte, _):
        let width = 8 / perByte
        return UInt128(unsafe bytes[index / perByte] >> UInt8(index % perByte * width))
          & (1 << UInt128(width) - 1)
      }
    }
  }

  private func loaded<Stored: BitwiseCopyable>(
    _ stored: Stored.Type, _ number: (Stored) -> Double
  ) -> [Double] {
    let width = MemoryLayout<Stored>.size
    return unsafe withUnsafeBytes { bytes in
      (0..<type.elementCount).map {
        number(unsafe bytes.loadUnaligned(fromByteOffset: $0 * width, as: Stored.self))
      }
    }
  }

  private init<Stored: BitwiseCopyable>(
    _ type: TensorType, storing elements: [Double], as stored: (Double) -> Stored
  ) {
    let width = MemoryLayout<Stored>.size
    unsafe self.init(type) { bytes in
      for (index, element) in elements.enumerated() {
        unsafe bytes.storeBytes(of: stored(element), toByteOffset: index * width, as: Stored.self)
      }
    }
  }

  /// Packs the low bits of each element, the first in the lowest bits of a byte.
  init<Element>(
    _ type: TensorType, bits elements: [Element], _ pattern: (Element) -> Int128
  ) {
    let block = type.dtype.block
    let width = block.bytes.rawValue
    unsafe self.init(type) { bytes in
      for (index, element) in elements.enumerated() {
        let bits = pattern(element)
        if block.elements == 1 {
          for byte in 0..<width {
            unsafe bytes[index * width + byte] = UInt8(truncatingIfNeeded: bits >> (8 * byte))
          }
        } else {
          let shift = UInt8(index % block.elements * (8 / block.elements))
          let mask: UInt8 = 1 << UInt8(8 / block.elements) - 1
          unsafe bytes[index / block.elements] |= (UInt8(truncatingIfNeeded: bits) & mask) << shift
        }
      }
    }
  }
}
