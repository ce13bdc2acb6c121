import Quantities
public import TensorTypes

/// Elements put elsewhere, or written in another dtype, without arithmetic; `resize` alone
/// interpolates.
public enum Movement: OperatorDefinition {
  /// Axes in a new order; reversed when the order is not given.
  case transpose(permutation: [Int]? = nil)
  case concat(axis: Int)
  /// Inputs: scale and zero point of the result, then data, scale, zero point of each part.
  case qLinearConcat(axis: Int)
  case split(Split)
  case slice(Slice)
  /// Elements added, or cut off where negative: all starts, then all ends, from the attribute or
  /// input 1; input 3 restricts them to axes. What is added is `filling`.
  case pad(pads: [Int]? = nil, filling: Filling = .value())
  /// Extents of 1 repeated to the shape in input 1, by numpy's rule.
  case expand
  /// The whole tensor repeated, by one count an axis in input 1.
  case tile
  /// `channelsOutermost`: whether the channels of the result, not the block's rows and columns, are
  /// the outermost part of the channels of the input.
  case depthToSpace(blockSize: Int, channelsLast: Bool = false, channelsOutermost: Bool = false)
  case spaceToDepth(blockSize: Int, channelsLast: Bool = false, channelsOutermost: Bool = false)
  indirect case resize(Resize)
  indirect case upsample(Resize)
  /// The elements of a sequence along `timeAxis` reversed, as many as input 1 says for each item.
  case reverseSequence(timeAxis: Int = 0, batchAxis: Int = 1)
  /// One triangle kept, the other zero.
  case trilu(upper: Bool)
  /// `saturates`: whether 8-bit real numbers out of range become the greatest, not what is no number.
  case cast(to: DType, saturates: Bool = true)
  /// To the dtype of input 1.
  case castLike(saturates: Bool = true)
  /// The middle of each axis, or zeros around it, to the extents of input 1.
  case centerCropPad(axes: [Int]? = nil)
  /// Overlapping columns added into an image: the inverse of the unfolding of a convolution.
  case col2Im(dilations: [Int]?, pads: [Int]?, strides: [Int]?)

  /// What stands around a padded tensor.
  public enum Filling: Sendable, Hashable {
    /// The attribute's value, or that of input 2.
    case value(Double = 0)
    /// The tensor mirrored at its ends, which are not repeated.
    case reflection
    /// The elements at its ends.
    case edge
    /// The tensor again from the other side.
    case wrapped
  }

  /// Parts along an axis: of given sizes (attribute, or input 1), or of equal size.
  public struct Split: Sendable, Hashable {
    public let axis: Int
    public let sizes: [Int]?
    /// Into this many parts, the last one smaller; otherwise as many as outputs, all equal.
    public let partCount: Int?
    public init(axis: Int, sizes: [Int]? = nil, partCount: Int? = nil) {
      self.axis = axis
      self.sizes = sizes
      self.partCount = partCount
    }
  }

  /// A range of each axis, with a step; attributes, or inputs 1 to 4.
  public struct Slice: Sendable, Hashable {
    public let starts: [Int]?
    public let ends: [Int]?
    public let axes: [Int]?
    public init(starts: [Int]? = nil, ends: [Int]? = nil, axes: [Int]? = nil) {
      self.starts = starts
      self.ends = ends
      self.axes = axes
    }
  }

  public var kind: OperatorKind {
    switch self {
    case .transpose: .transpose
    case .concat: .concat
    case .qLinearConcat: .qLinearConcat
    case .split: .split
    case .slice: .slice
    case .pad: .pad
    case .expand: .expand
    case .tile: .tile
    case .depthToSpace: .depthToSpace
    case .spaceToDepth: .spaceToDepth
    case .resize: .resize
    case .upsample: .upsample
    case .reverseSequence: .reverseSequence
    case .trilu: .trilu
    case .cast: .cast
    case .castLike: .castLike
    case .col2Im: .col2Im
    case .centerCropPad: .centerCropPad
    }
  }

  public func outputTypes(
    for inputs: [Operand?], outputCount: Int
  ) throws(ShapeError) -> [TensorType?] {
    switch self {
    case .concat(let axis):
      return [try concatenated(inputs.compactMap { $0?.type }, axis: axis)]
    case .qLinearConcat(let axis):
      let zeroPoint = try inputs.required(1, count: 5...Int.max)
      let parts = inputs.enumerated().compactMap { position, input in
        position % 3 == 2 ? input?.type : nil
      }
      let shape = try concatenated(parts, axis: axis).dimensions
      return [TensorType(zeroPoint.type.dtype, shape)]
    case .transpose, .split, .slice, .pad, .expand, .tile, .depthToSpace, .spaceToDepth, .resize,
      .upsample, .reverseSequence, .trilu, .cast, .castLike, .col2Im, .centerCropPad:
      break
    }
    let input = try inputs.required(0, count: 1...5).type
    switch self {
    case .transpose(let permutation): return [try transposed(input, permutation)]
    case .split(let split): return try split.outputTypes(input, inputs, outputCount)
    case .slice(let slice):
      return [
        try slice.ranges(of: input, inputs).map { ranges in
          TensorType(input.dtype, ranges.map(\.count))
        }
      ]
    case .pad(let pads, _): return [try padded(input, inputs, pads)]
    case .expand:
      guard let target = try inputs.extents(1) else { return [nil] }
      return [TensorType(input.dtype, try broadcast(input.dimensions, target))]
    case .tile:
      guard let counts = try inputs.extents(1) else { return [nil] }
      guard counts.count == input.rank else {
        throw .extentMismatch(
          what: "the count of repeats", expected: input.rank, actual: counts.count)
      }
      var extents = input.dimensions
      for (axis, count) in counts.enumerated() {
        extents[axis] = try extent(extents[axis], times: count)
      }
      return [TensorType(input.dtype, extents)]
    case .depthToSpace(let size, let channelsLast, _):
      return [try blocked(input, size, channelsLast: channelsLast, toSpace: true)]
    case .spaceToDepth(let size, let channelsLast, _):
      return [try blocked(input, size, channelsLast: channelsLast, toSpace: false)]
    case .resize(let resize), .upsample(let resize):
      return [try resize.outputType(input, inputs)]
    case .cast(let dtype, _): return [TensorType(dtype, input.dimensions)]
    case .castLike:
      return [TensorType(try inputs.required(1, count: 2...2).type.dtype, input.dimensions)]
    case .col2Im: return [try unfolded(input, inputs)]
    case .centerCropPad(let axes): return [try centered(input, inputs, axes)]
    case .reverseSequence, .trilu, .concat, .qLinearConcat: return [input]
    }
  }
}

extension Array where Element == Operand? {
  /// The extents in the input at `index`, none negative; `nil` when only a run tells.
  func extents(_ index: Int) throws(ShapeError) -> [Int]? {
    switch try parameter(index) {
    case .absent: throw .wrongInputCount(expected: index + 1...index + 1, actual: count)
    case .unknown: nil
    case .known(let extents): try validExtents(extents, input: index)
    }
  }
}
