import ModelIR

let attentionLowerings: [String: Lower] = [
  "Attention": { node throws(LoweringError) in
    if node.isContributed {
      return .attention(Attention(.projected(try node.projection(), try node.contributedScoring())))
    }
    let isCausal = try node.flag("is_causal")
    return .attention(
      Attention(
        .scaledDotProduct(
          queryHeads: try node.int("q_num_heads"), keyValueHeads: try node.int("kv_num_heads"),
          Attention.Scoring(
            scale: try node.optionalFloat("scale"), isCausal: isCausal,
            softcap: try node.float("softcap", default: 0),
            lookback: try node.sight("left_window_size"),
            lookahead: try node.sight("right_window_size"), reported: try node.reportedScores()))))
  },
  "QAttention": { node throws(LoweringError) in
    .attention(
      Attention(.quantizedProjected(try node.projection(), try node.contributedScoring())))
  },
  "MultiHeadAttention": { node throws(LoweringError) in
    .attention(
      Attention(
        .multiHead(heads: try node.required("num_heads"), try node.contributedScoring())))
  },
  "GroupQueryAttention": { node throws(LoweringError) in
    let window = try node.int("local_window_size", default: -1)
    return .attention(
      Attention(
        .groupQuery(
          queryHeads: try node.required("num_heads"),
          keyValueHeads: try node.required("kv_num_heads"), rotates: try node.flag("do_rotary"),
          Attention.Scoring(
            scale: try node.nonZero("scale"), isCausal: try node.flag("causal", default: true),
            softcap: try node.float("softcap", default: 0), lookback: window > 0 ? window - 1 : nil,
            lookahead: window > 0 ? 0 : nil))))
  },
  "RotaryEmbedding": { node throws(LoweringError) in
    .attention(
      Attention(
        .rotaryEmbedding(
          Attention.Rotation(
            positionsSecond: node.isContributed, interleaved: try node.flag("interleaved"),
            heads: try node.int("num_heads", default: 0),
            width: try node.int("rotary_embedding_dim", default: 0)))))
  },
  "LinearAttention": { node throws(LoweringError) in
    // A window of past states to roll back to is not modelled.
    guard try node.int("state_window", default: 0) == 0 else { return node.opaque }
    let rule: Attention.Recurrence.Rule
    switch try node.string("update_rule", default: "gated_delta") {
    case "linear": rule = .linear
    case "gated": rule = .gated
    case "delta": rule = .delta
    case "gated_delta": rule = .gatedDelta
    case let other: throw node.error(.invalidAttribute("update_rule", reason: "is '\(other)'"))
    }
    return .attention(
      Attention(
        .linear(
          Attention.Recurrence(
            rule: rule, queryHeads: try node.required("q_num_heads"),
            keyValueHeads: try node.required("kv_num_heads"), scale: try node.nonZero("scale")))))
  },
  "EmbedLayerNormalization": { node throws(LoweringError) in
    .attention(
      Attention(.embedLayerNormalization(epsilon: try node.float("epsilon", default: 1e-12))))
  },
]

extension NodeView {
  fileprivate func reportedScores() throws(LoweringError) -> Attention.Scoring.Stage {
    switch try int("qk_matmul_output_mode", default: 0) {
    case 0: .scaled
    case 1: .capped
    case 2: .masked
    case 3: .normalized
    case let other:
      throw error(.invalidAttribute("qk_matmul_output_mode", reason: "is \(other), not 0 to 3"))
    }
  }

  fileprivate func projection() throws(LoweringError) -> Attention.Projection {
    Attention.Projection(
      heads: try required("num_heads"), widths: try ints("qkv_hidden_sizes"),
      sharesBuffer: try flag("past_present_share_buffer"), rotates: try flag("do_rotary"))
  }

  fileprivate func contributedScoring() throws(LoweringError) -> Attention.Scoring {
    Attention.Scoring(scale: try nonZero("scale"), isCausal: try flag("unidirectional"))
  }

  /// A number for which 0 means the operator's own.
  fileprivate func nonZero(_ name: String) throws(LoweringError) -> Double? {
    let value = try float(name, default: 0)
    return value == 0 ? nil : value
  }

  /// Keys that a query sees on one side of its own; −1 is all.
  fileprivate func sight(_ name: String) throws(LoweringError) -> Int? {
    let count = try int(name, default: -1)
    return count >= 0 ? count : nil
  }
}
