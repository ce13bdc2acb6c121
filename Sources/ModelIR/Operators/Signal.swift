import Quantities
public import TensorTypes

/// Discrete Fourier transforms. The last axis holds the real part, or real and imaginary.
public enum Signal: OperatorDefinition {
  /// Along the axis of the attribute, or of input 2; the length is input 1, or the extent.
  case dft(axis: Int?, inverse: Bool, onesided: Bool)
  /// Of frames: inputs are the signal, the step, the window and the frame length.
  case stft(onesided: Bool)

  public var kind: OperatorKind {
    switch self {
    case .dft: .dft
    case .stft: .stft
    }
  }

  public func outputTypes(
    for inputs: [Operand?], outputCount: Int
  ) throws(ShapeError) -> [TensorType?] {
    let signal = try inputs.required(0, count: 1...4).type
    switch self {
    case .dft(let axis, let inverse, let onesided):
      guard let axis = try transformAxis(axis, inputs, signal), signal.rank >= 2 else {
        return [nil]
      }
      var length = signal.dimensions[axis]
      if inverse && onesided { length = try extent(max(1, length) - 1, times: 2) }
      if inputs.optional(1) != nil {
        guard let stated = try inputs.count(1) else { return [nil] }
        length = stated
      }
      var extents = signal.dimensions
      extents[axis] = onesided && !inverse ? length / 2 + 1 : length
      extents[signal.rank - 1] = onesided && inverse ? 1 : 2
      return [TensorType(signal.dtype, extents)]
    case .stft(let onesided):
      guard signal.rank == 2 || signal.rank == 3 else {
        throw .wrongRank(input: 0, expected: "3", actual: signal.rank)
      }
      guard let step = try inputs.count(1), let length = try frameLength(inputs, signal) else {
        return [nil]
      }
      guard step > 0, length >= 0, length <= signal.dimensions[1] else {
        throw .invalidInput(index: 1, reason: "cuts no frame of \(length) from \(signal)")
      }
      let frames = try extent((signal.dimensions[1] - length) / step, plus: 1)
      let bins = onesided ? length / 2 + 1 : length
      return [TensorType(signal.dtype, [signal.dimensions[0], frames, bins, 2])]
    }
  }

  /// `5·N·log₂ N` operations a transform of `N` complex numbers, half of it when one side is real:
  /// the count by which FFT programs are compared (Frigo and Johnson, Proc. IEEE 93(2), 2005,
  /// after Cooley and Tukey, Math. Comp. 19, 1965), here for every N. A window costs one multiply
  /// a sample.
  public func work(inputs: [Operand?], outputs: [TensorType?]) -> Work? {
    guard let signal = inputs.first??.type, let output = outputs.first ?? nil else { return nil }
    let isReal = signal.rank < 2 || signal.dimensions[signal.rank - 1] == 1
    let operations: FLOPs
    switch self {
    case .dft(let axis, let inverse, let onesided):
      guard let axis = try? transformAxis(axis, inputs, signal) else { return nil }
      var length = output.dimensions[axis]
      if onesided && !inverse { length = (try? inputs.integer(1)) ?? signal.dimensions[axis] }
      let transforms = signal.dimensions.enumerated().reduce(1) { product, entry in
        entry.offset == axis || entry.offset == signal.rank - 1
          ? product : saturatingProduct(product, entry.element)
      }
      operations = transforms * transform(length, halves: isReal || onesided && inverse)
    case .stft:
      guard let length = try? frameLength(inputs, signal) else { return nil }
      let frames = saturatingProduct(output.dimensions[0], output.dimensions[1])
      let windowing =
        inputs.optional(2) == nil ? FLOPs.zero : .product(frames, length, isReal ? 1 : 2)
      operations = windowing + frames * transform(length, halves: isReal || signal.rank == 2)
    }
    return Work(otherOperations: operations, inputs: inputs, outputs: outputs)
  }

  private func transform(_ length: Int, halves: Bool) -> FLOPs {
    guard length > 1 else { return .zero }
    let count = (halves ? 2.5 : 5) * Double(length) * log2(of: length)
    return Int(exactly: count.rounded(.up)).map { FLOPs($0) } ?? .max
  }

  private func transformAxis(
    _ attribute: Int?, _ inputs: [Operand?], _ signal: TensorType
  ) throws(ShapeError) -> Int? {
    let axis: Int
    if let attribute {
      axis = attribute
    } else if inputs.optional(2) != nil {
      guard let stated = try inputs.integer(2) else { return nil }
      axis = stated
    } else {
      axis = -2
    }
    let resolved = try resolvedAxis(axis, rank: signal.rank)
    guard resolved < signal.rank - 1 else {
      throw .axisOutOfRange(axis: axis, rank: signal.rank - 1)
    }
    return resolved
  }

  private func frameLength(
    _ inputs: [Operand?], _ signal: TensorType
  ) throws(ShapeError) -> Int? {
    if inputs.optional(3) != nil { return try inputs.count(3) }
    if let window = inputs.optional(2)?.type {
      guard window.rank == 1 else {
        throw .wrongRank(input: 2, expected: "1", actual: window.rank)
      }
      return window.dimensions[0]
    }
    return signal.dimensions.element(1)
  }
}

/// The binary logarithm of a positive whole number, without the C library: the characteristic, then
/// fraction bits by repeated squaring.
private func log2(of number: Int) -> Double {
  let exponent = Int.bitWidth - 1 - number.leadingZeroBitCount
  var mantissa = Double(number).significand
  var fraction = 0.0
  var bit = 0.5
  while bit > 1e-13, mantissa > 1 {
    mantissa *= mantissa
    if mantissa >= 2 {
      mantissa /= 2
      fraction += bit
    }
    bit /= 2
  }
  return Double(exponent) + fraction
}
