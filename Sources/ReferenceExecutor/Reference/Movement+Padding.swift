import ModelIR
import Quantities
import TensorTypes

extension Movement {
  /// With something around, or cut off where pads are negative.
  func padded<S: KernelScalar>(
    _ use: KernelUse<S>, _ attribute: [Int]?, _ filling: Filling
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let input = try use.required(0)
    let rank = input.dimensions.count
    let pads = attribute ?? use.integers(1) ?? []
    var begins = Array(repeating: 0, count: rank)
    guard let shape = use.types.first??.dimensions else { throw .notEvaluated("Pad") }
    let axes = use.integers(3) ?? Array(0..<rank)
    for (place, axis) in axes.enumerated() {
      let axis = try resolved(axis, rank: rank)
      begins[axis] = pads[place]
    }
    let value =
      if case .value(let stated) = filling { use.scalar(2) ?? S(stated) } else { S.zero }
    return try laid(use, input, shape, begins, value, filling)
  }

  /// The middle of each axis, or zeros around it; an odd rest falls behind.
  func centered<S: KernelScalar>(
    _ use: KernelUse<S>
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let input = try use.required(0)
    guard let type = use.types.first ?? nil else { throw .notEvaluated("CenterCropPad") }
    let begins = zip(type.dimensions, input.dimensions).map { target, extent in
      target >= extent ? (target - extent) / 2 : -((extent - target) / 2)
    }
    return try laid(use, input, type.dimensions, begins, .zero, .value())
  }

  /// A tensor laid into a shape, so many places from its start.
  private func laid<S: KernelScalar>(
    _ use: KernelUse<S>, _ input: ReferenceTensor<S>, _ shape: [Int], _ begins: [Int],
    _ value: S, _ filling: Filling
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let strides = rowMajorStrides(input.dimensions)
    // For each axis and place of the result, the place of the input, or none.
    let sources = zip(zip(shape, begins), input.dimensions).map { axis, extent in
      (0..<axis.0).map { filling.source($0 &- axis.1, of: extent) }
    }
    let elements = Indices(shape).map { index in
      var position = 0
      for (axis, place) in index.enumerated() {
        guard let source = sources[axis][place] else { return value }
        position += source * strides[axis]
      }
      return input.elements[position]
    }
    return try use.result(shape, elements)
  }
}

extension Movement.Filling {
  /// The place along an axis that stands at a place around it; `nil` for the value.
  fileprivate func source(_ place: Int, of extent: Int) -> Int? {
    guard place < 0 || place >= extent else { return place }
    guard extent > 0 else { return nil }
    switch self {
    case .value: return nil
    case .edge: return place < 0 ? 0 : extent - 1
    case .wrapped:
      let rest = place % extent
      return rest < 0 ? rest + extent : rest
    case .reflection:
      let period = max(2 * (extent - 1), 1)
      let rest = Int(place.magnitude % UInt(period))
      return rest < extent ? rest : period - rest
    }
  }
}

extension KernelScalar {
  /// The number that a dtype holds; one that 8 bits cannot hold, also an infinite one, is the
  /// greatest or, without saturation, infinite where there is such a code, else no number.
  func cast(to dtype: DType, saturates: Bool) -> Self {
    let result = stored(as: dtype)
    guard !saturates, let code = RealCode(dtype), dtype.block.bytes.rawValue == 1 else {
      return result
    }
    // Half a unit above the greatest number still rounds to it.
    let isBeyond = dtype.rounded(doubleValue).magnitude > result.doubleValue.magnitude
    guard isBeyond else { return result }
    return Self(code.hasInfinity ? (doubleValue < 0 ? -.infinity : .infinity) : .nan)
  }
}
