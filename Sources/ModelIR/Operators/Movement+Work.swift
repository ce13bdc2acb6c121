import Quantities
public import TensorTypes

extension Movement {
  /// Bytes only, but for interpolation, the sums of `col2Im` (one add an element of the columns)
  /// and the change of scale of `qLinearConcat` (each element to a real number and back). What cuts
  /// reads no more than it keeps; what repeats reads its source once. A cast is one instruction an
  /// element in the stream of the copy, and not counted.
  public func work(inputs: [Operand?], outputs: [TensorType?]) -> Work? {
    guard let input = inputs.first ?? nil else {
      return Work(inputs: inputs, outputs: outputs)
    }
    let source = input.type.storageSize
    let written = outputs.reduce(Bytes.zero) { $0 + ($1?.storageSize ?? .zero) }
    switch self {
    case .slice, .split, .pad, .centerCropPad:
      return Work(moving: min(source, written), inputs: inputs, outputs: outputs)
    case .resize(let resize), .upsample(let resize):
      guard let output = outputs.first ?? nil else { return nil }
      let read = resize.mode == .nearest ? min(source, written) : source
      return Work(
        moving: read, inputs: inputs, outputs: outputs,
        operations: resize.operations(input.type, output))
    case .col2Im:
      return Work(
        otherOperations: FLOPs(input.type.elementCount), inputs: inputs, outputs: outputs)
    case .castLike:
      var work = Work(inputs: inputs, outputs: outputs)
      if work.reads.count > 1 { work.reads[1] = .zero }
      return work
    case .qLinearConcat:
      return Work(
        otherOperations: .product(
          AffineCost.dequantize + AffineCost.quantize, outputs.first??.elementCount ?? 0),
        inputs: inputs, outputs: outputs)
    case .transpose, .concat, .expand, .tile, .depthToSpace, .spaceToDepth,
      .reverseSequence, .trilu, .cast:
      return Work(inputs: inputs, outputs: outputs)
    }
  }
}
