public import Quantities
public import TensorTypes

/// What one evaluation of an operator does: its arithmetic and the memory traffic it cannot avoid.
public struct Work: Sendable, Hashable {
  /// Multiply-accumulates of contractions: matrix products, convolutions, recurrences, attention.
  public var macs: MACs
  /// Every other operation: adds, compares, elementary functions.
  public var otherOperations: FLOPs
  /// Compulsory reads, one entry an input, in the node's order; zero for an absent input.
  public var reads: [Bytes]
  /// Compulsory writes, one entry an output.
  public var writes: [Bytes]

  public init(macs: MACs = .zero, otherOperations: FLOPs = .zero, reads: [Bytes], writes: [Bytes]) {
    self.macs = macs
    self.otherOperations = otherOperations
    self.reads = reads
    self.writes = writes
  }

  /// Reads each input once and writes each output once.
  public init(
    macs: MACs = .zero, otherOperations: FLOPs = .zero, inputs: [Operand?], outputs: [TensorType?]
  ) {
    self.init(
      macs: macs, otherOperations: otherOperations,
      reads: inputs.map { $0?.type.storageSize ?? .zero },
      writes: outputs.map { $0?.storageSize ?? .zero })
  }

  /// Arithmetic in all, two operations a multiply-accumulate.
  public var flops: FLOPs { FLOPs(macs) + otherOperations }
  /// Compulsory traffic: each input read once, each output written once.
  public var traffic: Bytes { (reads + writes).reduce(.zero, +) }
  public var arithmeticIntensity: ArithmeticIntensity { flops / traffic }
  /// Whether a count did not fit, so that the figures are only lower bounds.
  public var isSaturated: Bool { flops.isSaturated || traffic.isSaturated }
}
