public import Quantities

/// A graphics or neural unit by the names that tables of measurements give it.
public struct AcceleratorType: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable { case gpu, npu }

  /// Words that a description has when it means this unit; ` & ` stands between words that need not be
  /// neighbours.
  public let names: [String]
  public let kind: Kind
  /// What units of one make share: "Hexagon". The first name where it is alone.
  public let design: String
  /// Dense operations that the maker states: of float16 on a graphics unit, of int8 on a neural one.
  public let peakRate: FLOPsPerSecond
  public let source: String
  public init(
    names: [String], kind: Kind, design: String?, peakRate: FLOPsPerSecond, source: String
  ) {
    self.names = names
    self.kind = kind
    self.design = design ?? names.first ?? kind.rawValue
    self.peakRate = peakRate
    self.source = source
  }
}
