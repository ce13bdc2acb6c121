import Platform
public import TensorTypes

/// Shape arithmetic: the functions that exporters put between a `Shape` and a `Reshape`, on
/// elements known before any run. Integers are exact; a result that does not fit its dtype, or a
/// division by zero, is not folded.
extension Elementwise: FoldableOperator {
  public func evaluate(_ inputs: [TensorLiteral?], outputs: [TensorType]) -> [TensorLiteral]? {
    guard let output = outputs.first, output.elementCount <= TensorLiteral.maximumElementCount
    else { return nil }
    let operands = inputs.compactMap { $0 }
    guard operands.count == inputs.count, function.row.inputs.contains(operands.count) else {
      return nil
    }
    var sources: [[Int]] = []
    for operand in operands {
      guard let source = broadcastSources(operand.type.dimensions, to: output.dimensions) else {
        return nil
      }
      sources.append(source)
    }
    var results: [FoldedScalar] = []
    results.reserveCapacity(output.elementCount)
    for element in 0..<output.elementCount {
      var arguments: [FoldedScalar] = []
      for (operand, source) in zip(operands, sources) {
        guard let scalar = operand.scalar(at: source[element]) else { return nil }
        arguments.append(scalar)
      }
      guard let result = folded(arguments) else { return nil }
      results.append(result)
    }
    return TensorLiteral(output, scalars: results).map { [$0] }
  }

  /// The function of one tuple of elements; `nil` when it is not folded.
  private func folded(_ x: [FoldedScalar]) -> FoldedScalar? {
    guard let first = x.first else { return nil }
    switch function {
    case .add:
      return x.pair {
        $0.addingReportingOverflow($1)
      } real: {
        $0 + $1
      }
    case .sub:
      return x.pair {
        $0.subtractingReportingOverflow($1)
      } real: {
        $0 - $1
      }
    case .mul:
      return x.pair {
        $0.multipliedReportingOverflow(by: $1)
      } real: {
        $0 * $1
      }
    case .div:
      return x.pair {
        $0.dividedReportingOverflow(by: $1)
      } real: {
        $0 / $1
      }
    case .mod(let truncates):
      return x.pair {
        truncates ? $0.remainderReportingOverflow(dividingBy: $1) : floorModulo($0, $1)
      } real: {
        truncates ? $0.truncatingRemainder(dividingBy: $1) : $0 - $1 * ($0 / $1).rounded(.down)
      }
    case .sum:
      return x.reduced {
        $0.addingReportingOverflow($1)
      } real: {
        $0 + $1
      }
    case .max:
      return x.reduced {
        (Swift.max($0, $1), false)
      } real: {
        Double.maximum($0, $1)
      }
    case .min:
      return x.reduced {
        (Swift.min($0, $1), false)
      } real: {
        Double.minimum($0, $1)
      }
    case .neg:
      return first.map {
        0.subtractingReportingOverflow($0)
      } real: {
        -$0
      }
    case .abs:
      return first.map {
        $0 < 0 ? 0.subtractingReportingOverflow($0) : ($0, false)
      } real: {
        Swift.abs($0)
      }
    case .sign:
      return first.map {
        ($0.signum(), false)
      } real: {
        $0 > 0 ? 1 : $0 < 0 ? -1 : $0
      }
    case .floor: return first.real { $0.rounded(.down) }
    case .ceil: return first.real { $0.rounded(.up) }
    case .round: return first.real { $0.rounded(.toNearestOrEven) }
    case .sqrt: return first.real { $0.squareRoot() }
    case .exp: return first.real { Platform.exp($0) }
    case .log: return first.real { Platform.log($0) }
    case .reciprocal: return first.real { 1 / $0 }
    case .pow: return x.count == 2 ? power(first, x[1]) : nil
    case .equal:
      return x.relation {
        $0 == $1
      } real: {
        $0 == $1
      }
    case .greater:
      return x.relation {
        $0 > $1
      } real: {
        $0 > $1
      }
    case .greaterOrEqual:
      return x.relation {
        $0 >= $1
      } real: {
        $0 >= $1
      }
    case .less:
      return x.relation {
        $0 < $1
      } real: {
        $0 < $1
      }
    case .lessOrEqual:
      return x.relation {
        $0 <= $1
      } real: {
        $0 <= $1
      }
    case .and: return x.logic { $0 != 0 && $1 != 0 }
    case .or: return x.logic { $0 != 0 || $1 != 0 }
    case .xor: return x.logic { ($0 != 0) != ($1 != 0) }
    case .not: return first.integer { $0 == 0 ? 1 : 0 }
    case .where:
      guard x.count == 3, case .integer(let condition) = first else { return nil }
      return condition != 0 ? x[1] : x[2]
    case .relu:
      return first.map {
        (Swift.max($0, 0), false)
      } real: {
        Swift.max($0, 0)
      }
    case .acos, .acosh, .asin, .asinh, .atan, .atanh, .bitwiseNot, .cos, .cosh, .erf, .hardSwish,
      .isNaN, .mish, .sigmoid, .sin, .sinh, .softplus, .softsign, .tan, .tanh, .celu, .clip, .elu,
      .gelu, .fastGelu, .quickGelu, .biasGelu, .hardSigmoid, .isInf, .leakyRelu, .selu, .shrink,
      .swish, .swiGLU, .thresholdedRelu, .bitwiseAnd, .bitwiseOr, .bitwiseXor, .mean, .pRelu,
      .bitShift,
      .qLinearAdd, .qLinearMul, .qLinearSigmoid, .qLinearLeakyRelu:
      return nil
    }
  }
}

/// The remainder with the divisor's sign.
private func floorModulo(_ dividend: Int, _ divisor: Int) -> (partialValue: Int, overflow: Bool) {
  let (remainder, overflow) = dividend.remainderReportingOverflow(dividingBy: divisor)
  guard !overflow, remainder != 0, (remainder < 0) != (divisor < 0) else {
    return (remainder, overflow)
  }
  return (remainder + divisor, false)
}

/// A power with the dtype of the base: exact for an integer base and an integer exponent ≥ 0.
private func power(_ base: FoldedScalar, _ exponent: FoldedScalar) -> FoldedScalar? {
  switch (base, exponent) {
  case (.real(let base), .real(let exponent)): return .real(pow(base, exponent))
  case (.real(let base), .integer(let exponent)): return .real(pow(base, Double(exponent)))
  case (.integer(let base), .real(let exponent)):
    return Int(exactly: pow(Double(base), exponent).rounded(.towardZero)).map { .integer($0) }
  case (.integer(let base), .integer(let exponent)):
    if exponent < 0 { return nil }
    if base == 0 || base == 1 { return .integer(exponent == 0 ? 1 : base) }
    if base == -1 { return .integer(exponent % 2 == 0 ? 1 : -1) }
    guard exponent < Int.bitWidth else { return nil }
    var product = 1
    for _ in 0..<exponent {
      let (next, overflow) = product.multipliedReportingOverflow(by: base)
      if overflow { return nil }
      product = next
    }
    return .integer(product)
  }
}
