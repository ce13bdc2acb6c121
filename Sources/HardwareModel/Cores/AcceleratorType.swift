public import Quantities

/// A graphics or neural unit by the names that tables of measurements give it.
public struct AcceleratorType: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable { case gpu, npu }

  /// What one knows of a graphics unit beyond its peak.
  public struct Graphics: Sendable, Hashable {
    /// Whose drivers and kernels serve it.
    public enum Vendor: String, Sendable, Hashable, Codable, CaseIterable {
      case adreno, amd, apple, intel, mali, nvidia, powervr, videocore
      /// None: the chip has no graphics unit, and its driver works on the cores.
      case software
    }
    public let vendor: Vendor
    /// Arithmetic in float32 of the lanes that every program uses, without arrays for products of
    /// matrices.
    public let float32Rate: FLOPsPerSecond
    /// Whether it has memory of its own.
    public let isDiscrete: Bool
    public init(vendor: Vendor, float32Rate: FLOPsPerSecond, isDiscrete: Bool) {
      self.vendor = vendor
      self.float32Rate = float32Rate
      self.isDiscrete = isDiscrete
    }
  }

  /// Words that a description has when it means this unit; ` & ` stands between words that need not be
  /// neighbours.
  public let names: [String]
  public let kind: Kind
  /// What units of one make share: "Hexagon". The first name where it is alone.
  public let design: String
  /// Dense operations that the maker states: of float16 on a graphics unit, of int8 on a neural one.
  public let peakRate: FLOPsPerSecond
  /// `nil` on a neural unit.
  public let graphics: Graphics?
  /// Weights in 8 bits that stay in the unit's own memory from run to run, where it reads all others from
  /// its host; `nil` where it reads weights as other units do.
  public let residentWeights: Bytes?
  public let source: String
  public init(
    names: [String], kind: Kind, design: String?, peakRate: FLOPsPerSecond,
    graphics: Graphics? = nil, residentWeights: Bytes? = nil, source: String
  ) {
    self.names = names
    self.kind = kind
    self.design = design ?? names.first ?? kind.rawValue
    self.peakRate = peakRate
    self.graphics = graphics
    self.residentWeights = residentWeights
    self.source = source
  }
}
