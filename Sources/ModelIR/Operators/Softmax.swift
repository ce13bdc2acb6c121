import Quantities
public import TensorTypes

/// `y = exp(x − max x) / Σ exp(x − max x)` along an axis, its logarithm, or the indicator of the
/// first maximum; and losses on its logarithm.
public struct Softmax: OperatorDefinition {
  public enum Function: Sendable, Hashable {
    case softmax, logSoftmax, hardmax
    /// On affine-quantized elements: `x, x_scale, x_zero_point, y_scale, y_zero_point`.
    case qLinearSoftmax
    /// `scores, labels, weights?`: the weighted negative scores of the labels, of the logarithms of
    /// their softmax where it `normalizes`; these are then the second output.
    case loss(Loss, normalizes: Bool)
  }

  public struct Loss: Sendable, Hashable {
    public enum Reduction: Sendable, Hashable { case none, mean, sum }
    public let reduction: Reduction
    /// The label whose elements have no weight.
    public let ignored: Int?
    public init(_ reduction: Reduction = .mean, ignored: Int? = nil) {
      self.reduction = reduction
      self.ignored = ignored
    }
  }

  public let function: Function
  /// The axis, negative from the end.
  public let axis: Int
  /// Opsets below 13 normalise over all axes from `axis` on, as if flattened.
  public let flattensTrailingAxes: Bool
  public init(_ function: Function, axis: Int, flattensTrailingAxes: Bool = false) {
    self.function = function
    self.axis = axis
    self.flattensTrailingAxes = flattensTrailingAxes
  }

  public var kind: OperatorKind {
    switch function {
    case .softmax: .softmax
    case .logSoftmax: .logSoftmax
    case .hardmax: .hardmax
    case .qLinearSoftmax: .qLinearSoftmax
    case .loss(_, let normalizes):
      normalizes ? .softmaxCrossEntropyLoss : .negativeLogLikelihoodLoss
    }
  }

  public func outputTypes(
    for inputs: [Operand?], outputCount: Int
  ) throws(ShapeError) -> [TensorType?] {
    if case .loss(let loss, _) = function { return try loss.outputTypes(inputs, outputCount) }
    let count = function == .qLinearSoftmax ? 5...5 : 1...1
    try inputs.requireCount(count)
    let input = try inputs.required(0, count: count)
    _ = try resolvedAxis(axis, rank: max(input.type.rank, 1))
    return [input.type]
  }

  /// Operations for one element: compare, subtract, exponentiate, add, divide. The logarithm
  /// replaces the divide by a subtract and adds one operation a row; hardmax only compares.
  static let operationsPerElement = 5

  /// A quantized element is also taken to a real number and back.
  public func work(inputs: [Operand?], outputs: [TensorType?]) -> Work? {
    if case .loss(let loss, let normalizes) = function {
      guard let scores = inputs.optional(0)?.type else { return nil }
      return Work(
        otherOperations: loss.operations(inputs)
          + (normalizes
            ? .product(Self.operationsPerElement, scores.elementCount) + FLOPs(rowCount(inputs))
            : .zero),
        inputs: inputs, outputs: outputs)
    }
    let operations =
      switch function {
      case .softmax, .logSoftmax: Self.operationsPerElement
      case .qLinearSoftmax:
        AffineCost.dequantize + Self.operationsPerElement + AffineCost.quantize
      case .hardmax, .loss: 1
      }
    return Work(
      otherOperations: .product(operations, outputs.optional(0)?.elementCount ?? 0)
        + FLOPs(function == .logSoftmax ? rowCount(inputs) : 0),
      inputs: inputs, outputs: outputs)
  }

  /// How many sums there are.
  private func rowCount(_ inputs: [Operand?]) -> Int {
    guard let input = inputs.optional(0)?.type, input.elementCount > 0 else { return 0 }
    guard let axis = try? resolvedAxis(axis, rank: max(input.rank, 1)) else { return 0 }
    let extents =
      flattensTrailingAxes
      ? elementCount(input.dimensions.dropFirst(axis))
      : input.dimensions.element(axis) ?? 1
    return input.elementCount / max(extents, 1)
  }
}
