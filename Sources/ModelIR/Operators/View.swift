import Quantities
public import TensorTypes

/// A new shape, or a new name, for the same bytes.
public enum View: OperatorDefinition {
  /// To the extents of the attribute, or of input 1: 0 keeps an extent unless `allowsZero`, and
  /// −1 takes what is left.
  case reshape(to: [Int]? = nil, allowsZero: Bool = false)
  /// To a matrix: the extents before `axis`, and those from it on.
  case flatten(axis: Int)
  /// Without extents of 1: those of the attribute, of input 1, or all.
  case squeeze(axes: [Int]? = nil)
  /// With extents of 1 at these axes of the result, from the attribute or input 1.
  case unsqueeze(axes: [Int]? = nil)
  case identity
  /// Inference only: hands its input on; the mask, if asked for, is all true.
  /// Before operator set 10 the optional mask has the input's dtype, afterwards it is Boolean.
  case dropout(masksInInputDType: Bool)
  /// The same bits as another dtype of the same width.
  case bitCast(to: DType)

  public var kind: OperatorKind {
    switch self {
    case .reshape: .reshape
    case .flatten: .flatten
    case .squeeze: .squeeze
    case .unsqueeze: .unsqueeze
    case .identity: .identity
    case .dropout: .dropout
    case .bitCast: .bitCast
    }
  }

  /// Whether output 0 is input 0, shape included.
  var copiesInput: Bool {
    switch self {
    case .identity, .dropout: true
    case .reshape, .flatten, .squeeze, .unsqueeze, .bitCast: false
    }
  }

  public func outputTypes(
    for inputs: [Operand?], outputCount: Int
  ) throws(ShapeError) -> [TensorType?] {
    let input = try inputs.required(0, count: 1...3).type
    switch self {
    case .reshape(let target, let allowsZero):
      switch try inputs.parameter(1, attribute: target) {
      case .absent: throw .wrongInputCount(expected: 2...2, actual: inputs.count)
      case .unknown: return [nil]
      case .known(let target):
        return [try reshaped(input, to: target, allowsZero: allowsZero)]
      }
    case .flatten(let axis):
      guard axis >= -input.rank, axis <= input.rank else {
        throw .axisOutOfRange(axis: axis, rank: input.rank)
      }
      let split = axis < 0 ? axis + input.rank : axis
      var extents = [1, 1]
      for (position, size) in input.dimensions.enumerated() {
        let side = position < split ? 0 : 1
        extents[side] = try extent(extents[side], times: size)
      }
      return [TensorType(input.dtype, extents)]
    case .squeeze(let axes):
      switch try inputs.parameter(1, attribute: axes) {
      case .absent: return [TensorType(input.dtype, input.dimensions.filter { $0 != 1 })]
      case .unknown: return [nil]
      case .known(let axes): return [try squeezed(input, axes)]
      }
    case .unsqueeze(let axes):
      switch try inputs.parameter(1, attribute: axes) {
      case .absent: throw .wrongInputCount(expected: 2...2, actual: inputs.count)
      case .unknown: return [nil]
      case .known(let axes):
        var extents = input.dimensions
        for axis in try resolvedAxes(axes, rank: input.rank + axes.count).sorted() {
          extents.insert(1, at: axis)
        }
        return [TensorType(input.dtype, extents)]
      }
    case .identity: return [input]
    case .dropout(let masksInInputDType):
      return [input, TensorType(masksInInputDType ? input.dtype : .bool, input.dimensions)]
    case .bitCast(let dtype):
      let result = TensorType(dtype, input.dimensions)
      guard input.dtype.block == dtype.block else {
        throw .invalidAttribute(name: "to", reason: "is not as wide as \(input.dtype.rawValue)")
      }
      return [result]
    }
  }

  /// Nothing is computed, and nothing moves where the runtime lets the result share the bytes; one
  /// that does not copies the output once, which the cost model decides.
  public func work(inputs: [Operand?], outputs: [TensorType?]) -> Work? {
    .free(inputs: inputs, outputs: outputs)
  }

  private func reshaped(
    _ input: TensorType, to target: [Int], allowsZero: Bool
  ) throws(ShapeError) -> TensorType {
    var extents = target
    var open: Int?
    var known = 1
    for (axis, requested) in target.enumerated() {
      if requested == -1 {
        guard open == nil else {
          throw .invalidInput(index: 1, reason: "leaves more than one extent open")
        }
        open = axis
        continue
      }
      if requested == 0, !allowsZero {
        guard let kept = input.dimensions.element(axis) else {
          throw .invalidInput(index: 1, reason: "keeps axis \(axis), which the data does not have")
        }
        extents[axis] = kept
      } else if requested < 0 {
        throw .invalidInput(index: 1, reason: "holds the extent \(requested)")
      }
      known = saturatingProduct(known, extents[axis])
    }
    if let open {
      guard known > 0, input.elementCount % known == 0 else {
        throw .invalidInput(
          index: 1, reason: "asks for \(target), which \(input.elementCount) elements cannot fill")
      }
      extents[open] = input.elementCount / known
    }
    let result = TensorType(input.dtype, extents)
    guard result.elementCount == input.elementCount else {
      throw .extentMismatch(
        what: "the count of elements", expected: input.elementCount, actual: result.elementCount)
    }
    return result
  }

  private func squeezed(_ input: TensorType, _ axes: [Int]) throws(ShapeError) -> TensorType {
    var keeps = [Bool](repeating: true, count: input.rank)
    for axis in axes {
      let position = try resolvedAxis(axis, rank: input.rank)
      guard input.dimensions[position] == 1 else {
        throw .extentMismatch(
          what: "the squeezed extent", expected: 1, actual: input.dimensions[position])
      }
      keeps[position] = false
    }
    return TensorType(input.dtype, zip(input.dimensions, keeps).filter(\.1).map(\.0))
  }
}

extension View: FoldableOperator {
  public func evaluate(
    _ inputs: [TensorLiteral?], outputs: [TensorType]
  ) -> [TensorLiteral]? {
    guard outputs.count == 1, let input = inputs.first ?? nil else { return nil }
    switch self {
    case .bitCast: return nil
    case .reshape, .flatten, .squeeze, .unsqueeze, .identity, .dropout:
      return TensorLiteral(outputs[0], input.elements).map { [$0] }
    }
  }
}
