import Quantities
public import TensorTypes

/// Conversions between real numbers and affine-quantized ones: `x ≈ scale · (q − zero point)`.
public struct QuantizationOperator: OperatorDefinition {
  public let function: Function
  public init(_ function: Function) { self.function = function }

  public enum Function: Sendable, Hashable {
    /// `x, y_scale, y_zero_point?`.
    case quantizeLinear(Granularity, output: DType?, saturates: Bool, precision: DType?)
    /// `x, x_scale, x_zero_point?`.
    case dequantizeLinear(Granularity, output: DType?)
    /// float32 to uint8 with the scale and the zero point of the tensor's own range.
    case dynamicQuantizeLinear
  }

  /// How many elements share a scale: a single scale serves the whole tensor, a vector one slice
  /// of `axis` each, and a tensor with a block size `blockSize` elements along `axis` each.
  public struct Granularity: Sendable, Hashable {
    /// Negative from the end; without meaning for a single scale.
    public let axis: Int
    /// 0 without blocks.
    public let blockSize: Int
    public init(axis: Int = 1, blockSize: Int = 0) {
      self.axis = axis
      self.blockSize = blockSize
    }
  }

  public var kind: OperatorKind {
    switch function {
    case .quantizeLinear: .quantizeLinear
    case .dequantizeLinear: .dequantizeLinear
    case .dynamicQuantizeLinear: .dynamicQuantizeLinear
    }
  }

  public func outputTypes(
    for inputs: [Operand?], outputCount: Int
  ) throws(ShapeError) -> [TensorType?] {
    switch function {
    case .quantizeLinear(let granularity, let output, _, _):
      try inputs.requireCount(2...3)
      let input = try inputs.required(0, count: 2...3).type.dimensions
      let scale = try inputs.required(1, count: 2...3).type
      try granularity.check(scale.dimensions, for: input)
      let dtype = inputs.optional(2)?.type.dtype ?? output ?? .uint8
      return [TensorType(dtype, input)]
    case .dequantizeLinear(let granularity, let output):
      try inputs.requireCount(2...3)
      let input = try inputs.required(0, count: 2...3).type.dimensions
      let scale = try inputs.required(1, count: 2...3).type
      try granularity.check(scale.dimensions, for: input)
      return [TensorType(output ?? scale.dtype, input)]
    case .dynamicQuantizeLinear:
      try inputs.requireCount(1...1)
      let input = try inputs.required(0, count: 1...1).type
      let types: [TensorType?] = [
        TensorType(.uint8, input.dimensions), TensorType(.float32, []), TensorType(.uint8, []),
      ]
      return Array(types.prefix(outputCount))
    }
  }

  /// Two comparisons for the range, then ``AffineCost/quantize``.
  static let dynamicOperationsPerElement = 2 + AffineCost.quantize
  /// Zero within the range: 2 comparisons; the scale: subtract, divide; the zero point: divide,
  /// subtract, clamp at both ends, round.
  static let dynamicOperationsPerTensor = 9

  /// ``AffineCost`` for each element, less the zero point's operation when there is none.
  public func work(inputs: [Operand?], outputs: [TensorType?]) -> Work? {
    let elements = inputs.elementCount(0)
    let zeroPoint = inputs.optional(2) == nil ? 1 : 0
    let operations =
      switch function {
      case .quantizeLinear: FLOPs.product(AffineCost.quantize - zeroPoint, elements)
      case .dequantizeLinear: FLOPs.product(AffineCost.dequantize - zeroPoint, elements)
      case .dynamicQuantizeLinear:
        FLOPs.product(Self.dynamicOperationsPerElement, elements)
          + FLOPs(Self.dynamicOperationsPerTensor)
      }
    return Work(otherOperations: operations, inputs: inputs, outputs: outputs)
  }
}

extension QuantizationOperator.Granularity {
  /// Throws when a scale of this shape does not cover the input.
  fileprivate func check(_ scale: [Int], for input: [Int]) throws(ShapeError) {
    guard blockSize >= 0 else {
      throw .invalidAttribute(name: "block_size", reason: "is \(blockSize)")
    }
    if blockSize == 0 {
      if scale.isEmpty || scale == [1] { return }
      guard scale.count == 1 else {
        throw .wrongRank(input: 1, expected: "0 or 1", actual: scale.count)
      }
      let axis = try resolvedAxis(axis, rank: input.count)
      return try requireEqual("the count of scales", scale[0], input[axis])
    }
    let axis = try resolvedAxis(axis, rank: input.count)
    guard scale.count == input.count else {
      throw .wrongRank(input: 1, expected: "\(input.count)", actual: scale.count)
    }
    var expected = input
    expected[axis] = ceilingQuotient(input[axis], blockSize)
    guard scale == expected else { throw .broadcastMismatch(left: scale, right: expected) }
  }
}
