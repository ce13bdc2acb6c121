import ModelIR
import Quantities
import TensorTypes

extension KernelScalar {
  /// The real number an affine-quantized one stands for. A zero point that is absent is subtracted
  /// as zero.
  func dequantized(scale: Self, zeroPoint: Self?) -> Self {
    (self - (zeroPoint ?? .zero)) * scale
  }

  /// The affine-quantized number nearest to a real one, within the range of a dtype.
  func quantized(scale: Self, zeroPoint: Self?, dtype: DType) -> Self {
    ((self / scale).roundedForQuantization(dtype) + (zeroPoint ?? .zero)).clamped(to: dtype)
  }

  /// The nearest whole number, or the nearest number of a small floating-point format.
  func roundedForQuantization(_ dtype: DType) -> Self {
    let rounded = applying(.round)
    return dtype.wholeNumberRange == nil ? stored(as: dtype) : rounded
  }

  func clamped(to dtype: DType) -> Self {
    let range = dtype.quantizedRange
    return Self.minimum(
      Self.maximum(self, Self(range.lowerBound)), Self(range.upperBound))
  }
}

extension QuantizationOperator {
  func reference<S: KernelScalar>(_ use: KernelUse<S>) throws(ReferenceError) -> [ReferenceTensor<
    S
  >] {
    let input = try use.required(0)
    switch function {
    case .quantizeLinear(let granularity, _, _, _):
      let dtype = use.dtype()
      let scales = granularity.spread(try use.required(1), over: input.dimensions)
      let zeroPoints = use.optional(2).map { granularity.spread($0, over: input.dimensions) }
      var elements: [S] = []
      for (index, element) in input.elements.enumerated() {
        var rounded = (element / scales[index]).roundedForQuantization(dtype)
        if let zeroPoints { rounded += zeroPoints[index] }
        elements.append(rounded.clamped(to: dtype))
      }
      return [try use.result(input.dimensions, elements)]
    case .dequantizeLinear(let granularity, _):
      let scales = granularity.spread(try use.required(1), over: input.dimensions)
      let zeroPoints = use.optional(2).map { granularity.spread($0, over: input.dimensions) }
      var elements: [S] = []
      for (index, element) in input.elements.enumerated() {
        let shifted = zeroPoints.map { element - $0[index] } ?? element
        elements.append(shifted * scales[index])
      }
      return [try use.result(input.dimensions, elements)]
    case .dynamicQuantizeLinear:
      let quantized = DynamicQuantization(input.elements)
      return [
        try use.result(input.dimensions, quantized.elements),
        try use.result([], [quantized.scale], output: 1),
        try use.result([], [quantized.zeroPoint], output: 2),
      ]
    }
  }
}

/// Real numbers as unsigned bytes with the scale and the zero point of their own range.
struct DynamicQuantization<S: KernelScalar> {
  let scale: S
  let zeroPoint: S
  let elements: [S]

  init(_ values: [S]) {
    var (least, greatest) = (S.infinity, S.negativeInfinity)
    for value in values {
      least = S.minimum(least, value)
      greatest = S.maximum(greatest, value)
    }
    least = S.minimum(least, .zero)
    greatest = S.maximum(greatest, .zero)
    let step = (greatest - least) / S(255)
    let scale = step.doubleValue == 0 ? S.one : step
    let zeroPoint = (.zero - least / scale).applying(.round).clamped(to: .uint8)
    self.scale = scale
    self.zeroPoint = zeroPoint
    elements = values.map { $0.quantized(scale: scale, zeroPoint: zeroPoint, dtype: .uint8) }
  }
}

extension QuantizationOperator.Granularity {
  /// The scale or zero point of each element of a tensor.
  func spread<S: KernelScalar>(_ parameter: ReferenceTensor<S>, over dimensions: [Int]) -> [S] {
    let elements = parameter.elements
    let count = elementCount(dimensions)
    if elements.count == 1 { return Array(repeating: elements[0], count: count) }
    let axis = self.axis < 0 ? self.axis + dimensions.count : self.axis
    guard dimensions.indices.contains(axis) else { return Array(repeating: .zero, count: count) }
    let isBlocked = blockSize > 0 && parameter.dimensions.count == dimensions.count
    let strides = rowMajorStrides(parameter.dimensions)
    return Indices(dimensions).map { index in
      guard isBlocked else { return elements[index[axis]] }
      var block = index
      block[axis] /= blockSize
      return elements[position(block, strides)]
    }
  }
}
