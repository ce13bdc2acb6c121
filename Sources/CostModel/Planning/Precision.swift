public import TensorTypes

/// The number formats in which a float model is imagined to run; a scenario, not a conversion.
public enum Precision: String, Sendable, Hashable, Codable, CaseIterable {
  /// As the file stores it.
  case stored
  case fp32, fp16, bf16
  /// Weights and activations in 8 bits, affine, one scale an output channel.
  case int8
  /// Weights in 8 bits by blocks of 32 with one float16 scale, arithmetic in float16.
  case w8a16
  /// Weights in 4 bits by blocks of 32 with one float16 scale, arithmetic in float16.
  case w4a16

  /// The dtype in which float activations are kept, `nil` to leave them.
  public var activation: DType? {
    switch self {
    case .stored: nil
    case .fp32: .float32
    case .fp16, .w8a16, .w4a16: .float16
    case .bf16: .bfloat16
    case .int8: .int8
    }
  }

  /// The dtype in which float weights of contractions are kept, `nil` to leave them.
  public var weight: DType? {
    switch self {
    case .stored: nil
    case .fp32: .float32
    case .fp16: .float16
    case .bf16: .bfloat16
    case .int8: .int8
    case .w8a16: .q8_0
    case .w4a16: .q4_0
    }
  }
}
