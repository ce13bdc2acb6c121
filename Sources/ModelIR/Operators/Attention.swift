import Quantities
public import TensorTypes

/// Attention in the forms of ONNX and of ONNX Runtime, and the operators that come only with it.
public struct Attention: OperatorDefinition {
  public let function: Function
  public init(_ function: Function) { self.function = function }

  public enum Function: Sendable, Hashable {
    /// `Q, K, V, attn_mask?, past_key?, past_value?, nonpad_kv_seqlen?`, each `[batch, heads,
    /// length, head size]` or `[batch, length, heads · head size]`. Also the present keys and values
    /// and the scores. The heads are needed only for the second form.
    case scaledDotProduct(queryHeads: Int?, keyValueHeads: Int?, Scoring)
    /// `input, weights, bias?, mask_index?, past?, attention_bias?, past_sequence_length?`: one
    /// projection to queries, keys and values first. Also the present keys and values.
    case projected(Projection, Scoring)
    /// ``projected(_:_:)`` of integers: `input, weight, bias, input_scale, weight_scale,
    /// mask_index?, input_zero_point?, weight_zero_point?, past?`.
    case quantizedProjected(Projection, Scoring)
    /// `query, key?, value?, bias?, key_padding_mask?, attention_bias?, past_key?, past_value?,
    /// past_sequence_length?, cache_indirection?`. Also the present keys and values and the scores.
    case multiHead(heads: Int, Scoring)
    /// `query, key?, value?, past_key?, past_value?, seqlens_k, total_sequence_length, cos_cache?,
    /// sin_cache?, …`: fewer heads of keys and values than of queries. Also the present keys and
    /// values and the scores.
    case groupQuery(queryHeads: Int, keyValueHeads: Int, rotates: Bool, Scoring)
    case rotaryEmbedding(Rotation)
    case linear(Recurrence)
    case embedLayerNormalization(epsilon: Double)
  }

  /// What happens to a score before its exponential.
  public struct Scoring: Sendable, Hashable {
    /// `nil` is `1 / √(head size)`.
    public let scale: Double?
    public let isCausal: Bool
    /// `c · tanh(score / c)` for a positive value.
    public let softcap: Double
    /// How many keys before its own place a query sees, and how many behind; `nil` is all.
    public let lookback: Int?
    public let lookahead: Int?
    /// How many keys a query sees at most; `nil` is all.
    public var window: Int? {
      guard let lookback, let ahead = isCausal ? 0 : lookahead else { return nil }
      let (sum, overflow) = lookback.addingReportingOverflow(ahead)
      return overflow || sum == .max ? nil : sum + 1
    }
    /// Which scores are an output.
    public let reported: Stage

    /// A step between a dot product and its weight.
    public enum Stage: Sendable, Hashable { case scaled, capped, masked, normalized }

    public init(
      scale: Double? = nil, isCausal: Bool = false, softcap: Double = 0, lookback: Int? = nil,
      lookahead: Int? = nil,
      reported: Stage = .scaled
    ) {
      self.reported = reported
      self.scale = scale
      self.isCausal = isCausal
      self.softcap = softcap
      self.lookback = lookback
      self.lookahead = lookahead
    }
  }

  public struct Projection: Sendable, Hashable {
    public let heads: Int
    /// The widths of queries, keys and values; `nil` is a third of the weights' each.
    public let widths: [Int]?
    /// Whether the present keys and values are written into the buffer of the past ones.
    public let sharesBuffer: Bool
    public let rotates: Bool
    public init(
      heads: Int, widths: [Int]? = nil, sharesBuffer: Bool = false, rotates: Bool = false
    ) {
      self.heads = heads
      self.widths = widths
      self.sharesBuffer = sharesBuffer
      self.rotates = rotates
    }
  }

  public struct Rotation: Sendable, Hashable {
    /// `X, cos_cache, sin_cache, position_ids?`, or with the positions second.
    public let positionsSecond: Bool
    public let interleaved: Bool
    /// 0 when the input has an axis of heads.
    public let heads: Int
    /// How many elements of a head are rotated; 0 is all.
    public let width: Int
    public init(positionsSecond: Bool, interleaved: Bool, heads: Int, width: Int) {
      self.positionsSecond = positionsSecond
      self.interleaved = interleaved
      self.heads = heads
      self.width = width
    }
    var positions: Int { positionsSecond ? 1 : 3 }
    var caches: ClosedRange<Int> { positionsSecond ? 2...3 : 1...2 }
  }

  /// Attention as a recurrence of a state of `key size × value size` for each head of keys:
  /// `query, key, value, past_state?, decay?, beta?`. Also the present state.
  public struct Recurrence: Sendable, Hashable {
    public enum Rule: Sendable, Hashable { case linear, gated, delta, gatedDelta }
    public let rule: Rule
    public let queryHeads: Int
    public let keyValueHeads: Int
    /// `nil` is `1 / √(key size)`.
    public let scale: Double?
    public init(rule: Rule, queryHeads: Int, keyValueHeads: Int, scale: Double?) {
      self.rule = rule
      self.queryHeads = queryHeads
      self.keyValueHeads = keyValueHeads
      self.scale = scale
    }
    var isGated: Bool {
      switch rule {
      case .gated, .gatedDelta: true
      case .linear, .delta: false
      }
    }
    var isDelta: Bool {
      switch rule {
      case .delta, .gatedDelta: true
      case .linear, .gated: false
      }
    }
  }

  public var kind: OperatorKind {
    switch function {
    case .scaledDotProduct, .projected: .attention
    case .quantizedProjected: .qAttention
    case .multiHead: .multiHeadAttention
    case .groupQuery: .groupQueryAttention
    case .rotaryEmbedding: .rotaryEmbedding
    case .linear: .linearAttention
    case .embedLayerNormalization: .embedLayerNormalization
    }
  }

  public func outputTypes(
    for inputs: [Operand?], outputCount: Int
  ) throws(ShapeError) -> [TensorType?] {
    let types: [TensorType?]
    switch function {
    case .scaledDotProduct, .multiHead, .groupQuery, .projected, .quantizedProjected:
      types = try scoredTypes(inputs)
    case .rotaryEmbedding(let rotation):
      types = [try rotation.rotated(inputs).type]
    case .linear(let recurrence):
      let problem = try recurrence.problem(of: inputs)
      let query = try inputs.required(0, count: 3...6).type.dtype
      types = [
        TensorType(query, problem.output),
        TensorType(inputs.optional(3)?.type.dtype ?? query, problem.state),
      ]
    case .embedLayerNormalization:
      types = try embeddedTypes(inputs)
    }
    return Array(types.prefix(outputCount))
  }

  private func embeddedTypes(_ inputs: [Operand?]) throws(ShapeError) -> [TensorType?] {
    try inputs.requireCount(7...9)
    let tokens = try inputs.required(0, count: 7...9, ranks: 2...2).type.dimensions
    let table = try inputs.required(2, count: 7...9, ranks: 2...2).type
    for position in [3, 5, 6] { _ = try inputs.required(position, count: 7...9) }
    let embedded = TensorType(table.dtype, tokens + [table.dimensions[1]])
    return [embedded, TensorType(.int32, [tokens[0]]), embedded]
  }
}
