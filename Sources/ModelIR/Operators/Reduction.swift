import Quantities
public import TensorTypes

/// Functions of all elements along some axes, and running sums and products along one.
public struct Reduction: OperatorDefinition {
  public let function: Function
  public init(_ function: Function) { self.function = function }

  public enum Combination: Sendable, Hashable, CaseIterable {
    case l1, l2, logSum, logSumExp, max, mean, min, prod, sum, sumSquare
  }
  public enum Function: Sendable, Hashable {
    /// `data, axes?`.
    case reduce(Combination, Axes)
    case argMax(axis: Int, keepsAxis: Bool, selectsLast: Bool)
    case argMin(axis: Int, keepsAxis: Bool, selectsLast: Bool)
    /// `x, axis`.
    case cumulativeSum(isExclusive: Bool, isReversed: Bool)
    case cumulativeProduct(isExclusive: Bool, isReversed: Bool)
  }
  public struct Axes: Sendable, Hashable {
    /// `nil` takes input 1; absent with it is all axes.
    public let axes: [Int]?
    /// Whether reduced axes stay with the extent 1.
    public let keepsAxes: Bool
    /// Whether an empty list of axes reduces nothing instead of all.
    public let emptyIsNone: Bool
    public init(_ axes: [Int]? = nil, keepsAxes: Bool = true, emptyIsNone: Bool = false) {
      self.axes = axes
      self.keepsAxes = keepsAxes
      self.emptyIsNone = emptyIsNone
    }
  }

  public var kind: OperatorKind {
    switch function {
    case .reduce(let combination, _): combination.row.kind
    case .argMax: .argMax
    case .argMin: .argMin
    case .cumulativeSum: .cumSum
    case .cumulativeProduct: .cumProd
    }
  }

  public func outputTypes(
    for inputs: [Operand?], outputCount: Int
  ) throws(ShapeError) -> [TensorType?] {
    switch function {
    case .reduce(_, let axes):
      try inputs.requireCount(1...2)
      let input = try inputs.required(0, count: 1...2).type
      guard let reduced = try axes.resolved(inputs) else { return [nil] }
      return [TensorType(input.dtype, axes.shape(of: input.dimensions, reducing: reduced))]
    case .argMax(let axis, let keepsAxis, _), .argMin(let axis, let keepsAxis, _):
      try inputs.requireCount(1...1)
      let input = try inputs.required(0, count: 1...1).type.dimensions
      let reduced = try resolvedAxis(axis, rank: input.count)
      guard input[reduced] != 0 else {
        throw .invalidInput(index: 0, reason: "is empty along the axis")
      }
      return [
        TensorType(
          .int64, Axes(keepsAxes: keepsAxis).shape(of: input, reducing: [reduced]))
      ]
    case .cumulativeSum, .cumulativeProduct:
      try inputs.requireCount(2...2)
      let input = try inputs.required(0, count: 2...2).type
      if let axis = try inputs.required(1, count: 2...2).literal?.integers?.first {
        _ = try resolvedAxis(axis, rank: input.rank)
      }
      return [input]
    }
  }

  /// The row's operations for each input and each result element. A reduction over no axes keeps
  /// the operations before and after the combination.
  public func work(inputs: [Operand?], outputs: [TensorType?]) -> Work? {
    let elements = inputs.elementCount(0)
    let operations: FLOPs
    switch function {
    case .reduce(let combination, let axes):
      guard let result = outputs.optional(0), let reduced = try? axes.resolved(inputs) else {
        return nil
      }
      let row = combination.row
      operations =
        .product(row.before + (reduced.isEmpty ? 0 : 1), elements)
        + .product(row.after, result.elementCount)
    case .argMax, .argMin, .cumulativeSum, .cumulativeProduct: operations = FLOPs(elements)
    }
    return Work(otherOperations: operations, inputs: inputs, outputs: outputs)
  }
}

extension Reduction.Combination {
  /// Operations on an element before it is combined (one operation each), and on a result.
  struct Row {
    let kind: OperatorKind
    var before = 0
    var after = 0
  }

  var row: Row {
    switch self {
    // Absolute value.
    case .l1: Row(kind: .reduceL1, before: 1)
    // Square; root.
    case .l2: Row(kind: .reduceL2, before: 1, after: 1)
    case .logSum: Row(kind: .reduceLogSum, after: 1)
    // Compare, subtract the maximum, exponentiate; logarithm, add the maximum.
    case .logSumExp: Row(kind: .reduceLogSumExp, before: 3, after: 2)
    case .max: Row(kind: .reduceMax)
    // Divide by the count.
    case .mean: Row(kind: .reduceMean, after: 1)
    case .min: Row(kind: .reduceMin)
    case .prod: Row(kind: .reduceProd)
    case .sum: Row(kind: .reduceSum)
    case .sumSquare: Row(kind: .reduceSumSquare, before: 1)
    }
  }
}

extension Reduction.Axes {
  /// The axes that a node with these inputs reduces; `nil` when they are not known before a run.
  package func axes(of inputs: [Operand?]) -> Set<Int>? {
    guard let axes = try? resolved(inputs) else { return nil }
    return axes
  }

  /// The axes to reduce, counted from the front; `nil` when they are not known before a run.
  func resolved(_ inputs: [Operand?]) throws(ShapeError) -> Set<Int>? {
    let rank = try inputs.required(0, count: 1...2).type.rank
    let stated: [Int]
    if let axes {
      stated = axes
    } else if let operand = inputs.optional(1) {
      if let literal = operand.literal?.integers {
        stated = literal
      } else if operand.type.elementCount == 0 {
        stated = []
      } else {
        return nil
      }
    } else {
      stated = []
    }
    if stated.isEmpty { return emptyIsNone ? [] : Set(0..<rank) }
    var resolved: Set<Int> = []
    for axis in stated { resolved.insert(try resolvedAxis(axis, rank: rank)) }
    return resolved
  }

  func shape(of input: [Int], reducing axes: Set<Int>) -> [Int] {
    input.indices.compactMap { axes.contains($0) ? (keepsAxes ? 1 : nil) : input[$0] }
  }
}
