import ModelIR

extension Elementwise {
  /// The function of up to three elements. Both sides of a choice are computed and one is kept, so
  /// that the count of operations does not depend on the element.
  func value<S: KernelScalar>(_ x: S, _ second: S? = nil, _ third: S? = nil) -> S {
    let y = second ?? .zero
    let half = S(0.5)
    switch function {
    case .abs: return x.applying(.abs)
    case .acos: return x.applying(.acos)
    case .acosh: return x.applying(.acosh)
    case .asin: return x.applying(.asin)
    case .asinh: return x.applying(.asinh)
    case .atan: return x.applying(.atan)
    case .atanh: return x.applying(.atanh)
    case .bitwiseNot: return x.applying(.bitwiseNot)
    case .ceil: return x.applying(.ceil)
    case .cos: return x.applying(.cos)
    case .cosh: return x.applying(.cosh)
    case .erf: return x.applying(.erf)
    case .exp: return x.applying(.exp)
    case .floor: return x.applying(.floor)
    case .hardSwish: return x * clamped(x / S(6) + half)
    case .isInf(let detectsNegative, let detectsPositive):
      return x.applying(
        .isInfinite(detectsNegative: detectsNegative, detectsPositive: detectsPositive))
    case .isNaN: return x.applying(.isNaN)
    case .log: return x.applying(.log)
    case .mish: return x * softplus(x).applying(.tanh)
    case .neg: return -x
    case .not: return x.applying(.not)
    case .reciprocal: return .one / x
    case .relu: return S.maximum(x, .zero)
    case .round: return x.applying(.round)
    case .sigmoid: return logistic(x)
    case .sign: return x.applying(.sign)
    case .sin: return x.applying(.sin)
    case .sinh: return x.applying(.sinh)
    case .softplus: return softplus(x)
    case .softsign: return x / (.one + x.applying(.abs))
    case .sqrt: return x.applying(.sqrt)
    case .tan: return x.applying(.tan)
    case .tanh: return x.applying(.tanh)
    case .celu(let alpha):
      let curve = S(alpha) * ((x / S(alpha)).applying(.exp) - .one)
      return S.maximum(.zero, x) + S.minimum(.zero, curve)
    case .elu(let alpha):
      let curve = S(alpha) * (x.applying(.exp) - .one)
      return x < .zero ? curve : x
    case .gelu(.erf): return gelu(x)
    case .gelu(.tanh): return geluByTanh(x)
    case .fastGelu: return geluByTanh(second.map { x + $0 } ?? x)
    case .biasGelu: return gelu(x + y)
    case .quickGelu(let alpha), .swish(let alpha): return x * logistic(S(alpha) * x)
    case .swiGLU(let alpha): return x * logistic(S(alpha) * x) * y
    case .hardSigmoid(let alpha, let beta): return clamped(S(alpha) * x + S(beta))
    case .leakyRelu(let alpha):
      let slanted = S(alpha) * x
      return x < .zero ? slanted : x
    case .pRelu:
      let slanted = y * x
      return x < .zero ? slanted : x
    case .selu(let alpha, let gamma):
      let curve = S(alpha) * x.applying(.exp) - S(alpha)
      return S(gamma) * (.zero < x ? x : curve)
    case .shrink(let lambda, let bias):
      let (isLow, isHigh) = (x < S(-lambda), S(lambda) < x)
      let shifted = x + S(isLow ? bias : -bias)
      return isLow || isHigh ? shifted : .zero
    case .thresholdedRelu(let alpha): return S(alpha) < x ? x : .zero
    case .add, .sum: return x + y
    case .sub: return x - y
    case .mul: return x * y
    case .div: return x / y
    case .mean: return (x + y) / S(2)
    case .max: return S.maximum(x, y)
    case .min: return S.minimum(x, y)
    case .clip: return second.map { S.maximum(x, $0) } ?? x
    case .pow: return x.applying(.power, y)
    case .mod(let truncates):
      return x.applying(truncates ? .truncatedRemainder : .floorRemainder, y)
    case .equal: return S(x.isEqual(to: y))
    case .greater: return S(y < x)
    case .greaterOrEqual: return S(!(x < y) && !x.isUnordered(with: y))
    case .less: return S(x < y)
    case .lessOrEqual: return S(!(y < x) && !x.isUnordered(with: y))
    case .where: return x.isEqual(to: .zero) ? (third ?? .zero) : y
    case .and: return x.applying(.and, y)
    case .or: return x.applying(.or, y)
    case .xor: return x.applying(.xor, y)
    case .bitwiseAnd: return x.applying(.bitwiseAnd, y)
    case .bitwiseOr: return x.applying(.bitwiseOr, y)
    case .bitwiseXor: return x.applying(.bitwiseXor, y)
    case .bitShift(let direction):
      switch direction {
      case .left: return x.applying(.shiftLeft, y)
      case .right: return x.applying(.shiftRight, y)
      }
    case .qLinearAdd: return x + y
    case .qLinearMul: return x * y
    case .qLinearSigmoid: return logistic(x)
    case .qLinearLeakyRelu(let alpha): return Elementwise(.leakyRelu(alpha: alpha)).value(x)
    }
  }
}

/// To the range from 0 to 1.
private func clamped<S: KernelScalar>(_ x: S) -> S { S.minimum(S.maximum(x, .zero), .one) }

private func logistic<S: KernelScalar>(_ x: S) -> S { .one / (.one + (-x).applying(.exp)) }

private func softplus<S: KernelScalar>(_ x: S) -> S { (.one + x.applying(.exp)).applying(.log) }

private func gelu<S: KernelScalar>(_ x: S) -> S {
  S(0.5) * x * (.one + (x / S(2.0.squareRoot())).applying(.erf))
}

private func geluByTanh<S: KernelScalar>(_ x: S) -> S {
  let inner = S((2 / Double.pi).squareRoot()) * (x + S(0.044715) * (x * x * x))
  return S(0.5) * x * (.one + inner.applying(.tanh))
}

extension KernelScalar {
  /// Whether one of the two is no number.
  fileprivate func isUnordered(with other: Self) -> Bool {
    doubleValue.isNaN || other.doubleValue.isNaN
  }
}
