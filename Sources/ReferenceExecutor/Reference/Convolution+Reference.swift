import ModelIR
import TensorTypes

extension Convolution {
  func reference<S: KernelScalar>(_ use: KernelUse<S>) throws(ReferenceError) -> [ReferenceTensor<
    S
  >] {
    switch function {
    case .conv:
      return [
        try convolved(use, try use.required(0), try filters(use), bias: use.optional(2))
      ]
    case .convTranspose(let outputPadding, let outputShape):
      return [try transposed(use, outputPadding, outputShape)]
    case .convInteger:
      let weights = try filters(use)
      return [
        try convolved(
          use, try use.required(0).shifted(by: use.optional(2)),
          try weights.shifted(by: try use.optional(3)?.alongFilters(of: weights)))
      ]
    case .qLinearConv: return [try quantized(use)]
    case .fusedConv(let activation):
      let addend = try use.optional(3, count: use.types.first??.elementCount ?? 0)
      return [
        try convolved(use, try use.required(0), try filters(use), bias: use.optional(2)) {
          sum, place in
          let sum = addend.map { sum + $0.elements[place] } ?? sum
          return activation.map { Elementwise($0).value(sum) } ?? sum
        }
      ]
    case .deformConv(let offsetGroup): return [try deformed(use, offsetGroup: offsetGroup)]
    case .causalConvWithState(let activation, let dilation):
      return try causal(use, activation, dilation: dilation)
    }
  }

  /// Sums over windows of a group of channels. Padding is read as zeros, and multiplied like data.
  /// `finish` gets a sum with its bias and its place among the results.
  private func convolved<S: KernelScalar>(
    _ use: KernelUse<S>, _ input: ReferenceTensor<S>, _ weights: ReferenceTensor<S>,
    bias: ReferenceTensor<S>? = nil, finish: (S, Int) -> S = { sum, _ in sum }
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let planes = try Planes(input, channelsLast: channelsLast)
    let kernel = Array(weights.dimensions.dropFirst(2))
    let geometry = try WindowGeometry(window, kernel: kernel, input: planes.spatial)
    let reads = geometry.reads(of: planes.spatial)
    let (outputs, depth) = (weights.dimensions[0], weights.dimensions[1])
    let filter = elementCount(kernel)
    var elements: [S] = []
    for batch in 0..<planes.batch {
      for output in 0..<outputs {
        let firstChannel = output / (outputs / group) * depth
        for window in reads {
          var sum = S.zero
          for channel in 0..<depth {
            let plane = (batch * planes.channels + firstChannel + channel) * planes.planeSize
            let base = (output * depth + channel) * filter
            for (element, read) in window.enumerated() {
              let value = read.map { planes.elements[plane + $0] } ?? .zero
              sum += value * weights.elements[base + element]
            }
          }
          if let bias { sum += bias.elements[output] }
          elements.append(finish(sum, elements.count))
        }
      }
    }
    return try planes.result(use, channels: outputs, geometry.counts, elements)
  }

  /// The weights with their axes in the function's order.
  func filters<S>(
    _ use: KernelUse<S>, at position: Int = 1
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let stored = try use.required(position)
    return filterAxes.isEmpty ? stored : try stored.transposed(filterAxes)
  }

  private func quantized<S: KernelScalar>(
    _ use: KernelUse<S>
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let weights = try filters(use, at: 3)
    let shifted = try weights.shifted(by: try use.optional(5)?.alongFilters(of: weights))
    let outputs = weights.dimensions[0]
    let scales = try use.required(4).elements
    guard scales.count == 1 || scales.count == outputs else {
      throw .invalidElement(input: 4, reason: "has \(scales.count) scales")
    }
    // The scales of operands and result are one factor, known before.
    let ratio = (use.scalar(1) ?? .one).doubleValue / (use.scalar(6) ?? .one).doubleValue
    let factors = (0..<outputs).map {
      S(ratio * scales[scales.count == 1 ? 0 : $0].doubleValue)
    }
    let (dtype, zeroPoint) = (use.dtype(), use.scalar(7) ?? .zero)
    let results = elementCount(use.types.first??.dimensions ?? [])
    let batch = try use.required(0).dimensions[0]
    let perFilter = max(results / max(batch * outputs, 1), 1)
    if requantization == .fixedPoint {
      // One factor for all channels is TFLite's way with unsigned bytes only.
      let isShared = try use.required(0).type.dtype == .uint8 && scales.count == 1
      let fixed = scales.map {
        FixedPointScale(
          data: (use.scalar(1) ?? .one).doubleValue, weights: $0.doubleValue,
          result: (use.scalar(6) ?? .one).doubleValue, isShared: isShared)
      }
      return try convolved(
        use, try use.required(0).shifted(by: use.optional(2)), shifted, bias: use.optional(8)
      ) {
        let factor = fixed[fixed.count == 1 ? 0 : $1 / perFilter % outputs]
        return (S(whole: Int(factor($0.fixed))) + zeroPoint).clamped(to: dtype)
      }
    }
    return try convolved(
      use, try use.required(0).shifted(by: use.optional(2)), shifted, bias: use.optional(8)
    ) {
      let factor = factors[$1 / perFilter % outputs]
      return (($0 * factor).roundedForQuantization(dtype) + zeroPoint).clamped(to: dtype)
    }
  }

  /// A kernel a channel over a sequence with the state in front; the next state is the sequence's
  /// end.
  private func causal<S: KernelScalar>(
    _ use: KernelUse<S>, _ activation: Elementwise.Function?, dilation: Int
  ) throws(ReferenceError) -> [ReferenceTensor<S>] {
    let (input, weights) = (try use.required(0), try use.required(1))
    let (batch, channels) = (input.dimensions[0], input.dimensions[1])
    let (length, kernel) = (input.dimensions[2], weights.dimensions[2])
    let state = (kernel - 1) * dilation
    guard elementCount([batch, channels, state]) <= Operator.maximumElementCount else {
      throw .tooLarge("the state")
    }
    var (elements, states): ([S], [S]) = ([], [])
    for row in 0..<batch * channels {
      let past = try use.optional(3, count: batch * channels * state).map {
        Array($0.elements[row * state..<(row + 1) * state])
      }
      let sequence =
        (past ?? Array(repeating: .zero, count: state))
        + input.elements[row * length..<(row + 1) * length]
      for start in 0..<length {
        var sum = S.zero
        for element in 0..<kernel {
          sum +=
            sequence[start + element * dilation]
            * weights.elements[row % channels * kernel + element]
        }
        if let bias = use.optional(2) { sum += bias.elements[row % channels] }
        elements.append(activation.map { Elementwise($0).value(sum) } ?? sum)
      }
      states += sequence.suffix(state)
    }
    return [
      try use.result(input.dimensions, elements),
      try use.result([batch, channels, state], states, output: 1),
    ]
  }
}

extension ReferenceTensor {
  /// A zero point for each filter, so that it broadcasts over weights.
  fileprivate func alongFilters(of weights: Self) throws(ReferenceError) -> Self {
    guard elements.count > 1 else { return self }
    return try reshaped(
      [elements.count] + Array(repeating: 1, count: weights.dimensions.count - 1))
  }
}
