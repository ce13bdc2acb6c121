import ModelIR
import ReferenceExecutor
import TensorTypes
import TestSupport

extension EngineSketch {
  /// Random whole numbers.
  mutating func whole(
    _ dimensions: [Int], _ dtype: DType, in range: ClosedRange<Int>
  ) -> Value.ID {
    let real = random(
      TensorType(.float32, dimensions), in: Double(range.lowerBound)...Double(range.upperBound))
    let numbers = real.reals?.elements.map { $0.rounded() } ?? []
    return weight(tensor(TensorType(dtype, dimensions), numbers))
  }

  mutating func bytes(_ dimensions: [Int], _ dtype: DType = .int8) -> Value.ID {
    whole(dimensions, dtype, in: dtype == .int8 ? -128...127 : 0...255)
  }

  mutating func point(_ value: Int, _ dtype: DType) -> Value.ID {
    weight(tensor(TensorType(dtype, []), [Double(value)]))
  }

  mutating func reals(_ values: [Double]) -> Value.ID {
    weight(tensor(TensorType(.float32, [values.count]), values))
  }

  mutating func quantize(
    _ x: Value.ID, _ scale: Double, _ zero: Int, _ dtype: DType = .uint8
  ) -> Value.ID {
    node(
      .quantization(
        QuantizationOperator(
          .quantizeLinear(.init(), output: nil, saturates: true, precision: nil))), x,
      scalar(scale), point(zero, dtype))
  }

  mutating func dequantize(
    _ q: Value.ID, _ scale: Double, _ zero: Int, _ dtype: DType = .uint8
  ) -> Value.ID {
    node(
      .quantization(QuantizationOperator(.dequantizeLinear(.init(), output: nil))), q,
      scalar(scale), point(zero, dtype))
  }

  /// Through bytes and back.
  mutating func rounded(
    _ x: Value.ID, _ scale: Double, _ zero: Int, _ dtype: DType = .uint8
  ) -> Value.ID {
    dequantize(quantize(x, scale, zero, dtype), scale, zero, dtype)
  }

  /// An input of real numbers through bytes.
  mutating func roundedInput(
    _ dimensions: [Int], _ scale: Double = 0.01, _ zero: Int = 120, _ dtype: DType = .uint8
  ) -> Value.ID {
    rounded(input(dimensions), scale, zero, dtype)
  }

  /// Weights with a scale, and perhaps a zero point, for each index of an axis, or for all.
  mutating func quantizedWeight(
    _ dimensions: [Int], axis: Int = 0, _ style: WeightStyle = .perChannel
  ) -> Value.ID {
    let count = dimensions[axis]
    let dtype: DType = style == .unsigned ? .uint8 : .int8
    var operands: [Value.ID?] = [bytes(dimensions, dtype)]
    switch style {
    case .perChannel: operands += [weight([count], in: 0.001...0.01)]
    case .shifted:
      operands += [weight([count], in: 0.001...0.01), whole([count], .int8, in: -20...20)]
    case .single: operands += [scalar(0.004)]
    case .unsigned: operands += [scalar(0.004), point(131, .uint8)]
    }
    return nodes(
      .quantization(
        QuantizationOperator(.dequantizeLinear(.init(axis: axis), output: nil))), operands)[0]
  }

  enum WeightStyle: String, CaseIterable, Sendable { case perChannel, shifted, single, unsigned }

  mutating func convolution(
    _ x: Value.ID, quantized weights: Value.ID, bias: Value.ID? = nil, kernel: [Int],
    stride: Int = 1, padding: Int = 0, group: Int = 1
  ) -> Value.ID {
    let window = SpatialWindow(
      kernel: kernel, strides: kernel.map { _ in stride },
      padding: .explicit(Array(repeating: padding, count: 2 * kernel.count)))
    let operands: [Value.ID?] = bias == nil ? [x, weights] : [x, weights, bias]
    return nodes(.convolution(Convolution(.conv, window: window, group: group)), operands)[0]
  }
}

extension EngineComparison {
  /// Whether all bytes are within one step of what is expected, and nearly all equal.
  var isWithinOneStep: Bool {
    guard results.map(\.type) == expected.map(\.type) else { return false }
    return zip(results, expected).allSatisfy { result, expected in
      guard let one = result.reals?.elements, let other = expected.reals?.elements else {
        return false
      }
      let differences = zip(one, other).map { abs($0 - $1) }
      return differences.allSatisfy { $0 <= 1 }
        && differences.count { $0 > 0 } <= max(1, differences.count / 20)
    }
  }

  /// For each result, by how many steps an element differs, and how many elements do.
  var furthestSteps: [String] {
    zip(results, expected).map { result, expected in
      let differences = zip(result.reals?.elements ?? [], expected.reals?.elements ?? []).map {
        abs($0 - $1)
      }
      return "\(differences.max() ?? 0), \(differences.count { $0 > 0 }) of \(differences.count)"
    }
  }

  /// Whether no node runs on real numbers or on its reference kernel.
  var isOnBytes: Bool {
    kernels.allSatisfy { !$0.contains("f32") && !$0.hasPrefix("reference") }
  }

  /// Whether a result has more than one value.
  var isVaried: Bool {
    expected.allSatisfy { Set($0.reals?.elements ?? []).count > 1 }
  }
}
