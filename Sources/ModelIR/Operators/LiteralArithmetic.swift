import TensorTypes

extension TensorLiteral {
  /// Results that only repeat elements are folded up to this count: longer ones are data.
  static let maximumRepeatedCount = 1 << 12
  /// Of one real number repeated, which is a scale for each axis at most, or else a weight.
  static let maximumRepeatedReals = 1 << 6

  /// No elements at all, in the case that the dtype has.
  init?(empty type: TensorType) {
    self.init(type, type.dtype.integerRange == nil ? .reals([]) : .integers([]))
  }
}

extension TensorLiteral.Elements {
  /// The elements at `positions`; `nil` when one is out of bounds.
  func picking(_ positions: [Int]) -> Self? {
    switch self {
    case .integers(let values): values.picking(positions).map { .integers($0) }
    case .reals(let values): values.picking(positions).map { .reals($0) }
    }
  }
}

extension Array {
  fileprivate func picking(_ positions: [Int]) -> [Element]? {
    var picked: [Element] = []
    picked.reserveCapacity(positions.count)
    for position in positions {
      guard indices.contains(position) else { return nil }
      picked.append(self[position])
    }
    return picked
  }
}

/// The distance in elements between neighbours along each axis of a dense tensor.
func rowMajorStrides(_ extents: [Int]) -> [Int] {
  var strides = [Int](repeating: 1, count: extents.count)
  for axis in stride(from: extents.count - 2, through: 0, by: -1) {
    strides[axis] =
      strides[axis + 1].multipliedReportingOverflow(by: extents[axis + 1]).partialValue
  }
  return strides
}

/// The positions `offset + Σ iₐ·strideₐ`, in row-major order of the indices `i`; `nil` when there
/// are more than a literal may have.
func stridedPositions(extents: [Int], strides: [Int], offset: Int = 0) -> [Int]? {
  let count = TensorType(.int64, extents).elementCount
  guard count <= TensorLiteral.maximumElementCount else { return nil }
  guard count > 0 else { return [] }
  var positions = [offset]
  for (extent, stride) in zip(extents, strides) {
    var next: [Int] = []
    next.reserveCapacity(positions.count * extent)
    for position in positions {
      for index in 0..<max(0, extent) { next.append(position &+ index &* stride) }
    }
    positions = next
  }
  return positions
}

extension DType {
  /// What an integer or a Boolean of this dtype can be; `nil` for other dtypes, and the part that
  /// `Int` can hold for `uint64`.
  var integerRange: ClosedRange<Int>? {
    switch self {
    case .bool: 0...1
    case .int2: -2...1
    case .uint2: 0...3
    case .int4: -8...7
    case .uint4: 0...15
    case .int8: -128...127
    case .uint8: 0...255
    case .int16: -32_768...32_767
    case .uint16: 0...65_535
    case .int32: Int(Int32.min)...Int(Int32.max)
    case .uint32: 0...Int(UInt32.max)
    case .int64: Int.min...Int.max
    case .uint64: 0...Int.max
    case .float32, .float16, .bfloat16, .float64, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2,
      .float8e5m2fnuz, .float8e8m0, .float4e2m1, .complex64, .complex128, .string, .q4_0, .q8_0:
      nil
    }
  }
}

extension TensorLiteral {
  /// The elements as another dtype: toward zero from real to integer, and to single precision for
  /// `float32`; `nil` where the result is out of range, or the dtype rounds otherwise.
  func converted(to dtype: DType) -> TensorLiteral? {
    let result = TensorType(dtype, type.dimensions)
    if dtype == .bool {
      return TensorLiteral(result, .integers(reals.map { $0 == 0 ? 0 : 1 }))
    }
    if let range = dtype.integerRange {
      var converted: [Int] = []
      converted.reserveCapacity(type.elementCount)
      switch elements {
      case .integers(let values):
        guard values.allSatisfy(range.contains) else { return nil }
        converted = values
      case .reals(let values):
        for value in values {
          guard let whole = Int(exactly: value.rounded(.towardZero)), range.contains(whole) else {
            return nil
          }
          converted.append(whole)
        }
      }
      return TensorLiteral(result, .integers(converted))
    }
    guard dtype == .float32 || dtype == .float64 else { return nil }
    let values = dtype == .float32 ? reals.map { Double(Float($0)) } : reals
    return TensorLiteral(result, .reals(values))
  }
}
