import ModelIR
import TensorTypes

extension Softmax {
  func reference<S: KernelScalar>(_ use: KernelUse<S>) throws(ReferenceError) -> [ReferenceTensor<
    S
  >] {
    let input = try use.required(0)
    if case .loss(let loss, let normalizes) = function {
      guard normalizes else { return [try loss.reference(use, input)] }
      let logarithms = try Softmax(.logSoftmax, axis: 1).normalized(input, use)
      return [try loss.reference(use, logarithms), logarithms]
    }
    return [try normalized(input, use)]
  }

  private func normalized<S: KernelScalar>(
    _ input: ReferenceTensor<S>, _ use: KernelUse<S>
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let dimensions = input.dimensions
    let shape = dimensions.isEmpty ? [1] : dimensions
    let axis = try resolved(axis, rank: shape.count)
    let split =
      flattensTrailingAxes
      ? AxisSplit(
        [elementCount(shape[..<axis]), elementCount(shape[axis...])], axis: 1)
      : AxisSplit(shape, axis: axis)
    var elements = input.elements
    for row in split.rows where !row.isEmpty {
      let results = normalized(row.map { elements[$0] }, use)
      for (position, result) in zip(row, results) { elements[position] = result }
    }
    return try use.result(dimensions, elements)
  }

  private func normalized<S: KernelScalar>(_ row: [S], _ use: KernelUse<S>) -> [S] {
    switch function {
    case .softmax: return softmax(row, steps: StepPrecision(use.dtype()))
    case .logSoftmax:
      let steps = StepPrecision(use.dtype())
      let (shifted, exponentials) = exponentials(row, steps)
      let logarithm = steps(steps(total(exponentials)).applying(.log))
      return shifted.map { $0 - logarithm }
    case .loss: return row
    case .hardmax:
      let best = firstGreatest(row)
      return row.indices.map { S($0 == best) }
    case .qLinearSoftmax:
      let values = row.map {
        $0.dequantized(scale: use.scalar(1) ?? .one, zeroPoint: use.scalar(2))
      }
      return softmax(values).map {
        $0.quantized(
          scale: use.scalar(3) ?? .one, zeroPoint: use.scalar(4), dtype: use.dtype())
      }
    }
  }
}

/// How exact each step of a definition is.
///
/// ONNX defines its composed operators by graphs of simpler ones, whose values between have the type
/// of the operands (`FunctionBody` in `onnx/defs`). In types of 16 bits that shows in the last
/// places, so each step is rounded to the type; in wider ones only the result is.
struct StepPrecision {
  private let dtype: DType?

  init(_ dtype: DType) {
    self.dtype = [.float16, .bfloat16].contains(dtype) ? dtype : nil
  }

  /// One step's result as its type holds it; rounding is not an operation.
  func callAsFunction<S: KernelScalar>(_ value: S) -> S {
    dtype.map { value.stored(as: $0) } ?? value
  }
}

/// `exp(x − max x) / Σ exp(x − max x)`: a maximum, a difference, an exponential, a sum, a quotient,
/// the last rounded where it is stored.
func softmax<S: KernelScalar>(_ row: [S], steps: StepPrecision = StepPrecision(.float64)) -> [S] {
  let (_, exponentials) = exponentials(row, steps)
  let sum = steps(total(exponentials))
  return exponentials.map { $0 / sum }
}

/// The elements less their maximum, and the exponentials of that. A row that is −∞ throughout is
/// shifted by nothing.
private func exponentials<S: KernelScalar>(
  _ row: [S], _ steps: StepPrecision
) -> (shifted: [S], exponentials: [S]) {
  let greatest = row.reduce(S.negativeInfinity) { S.maximum($0, $1) }
  let origin = greatest.doubleValue == -.infinity ? S.zero : greatest
  let shifted = row.map { steps($0 - origin) }
  return (shifted, shifted.map { steps($0.applying(.exp)) })
}

func total<S: KernelScalar>(_ values: some Sequence<S>) -> S {
  values.reduce(.zero) { $0 + $1 }
}

/// The position of the first greatest element, by one comparison each.
func firstGreatest<S: KernelScalar>(_ row: [S]) -> Int {
  var best = (position: 0, value: S.negativeInfinity)
  for (position, value) in row.enumerated() where best.value < value { best = (position, value) }
  return best.position
}
