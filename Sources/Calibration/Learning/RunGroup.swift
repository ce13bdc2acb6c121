/// A model as a prior knows it.
public struct Network: Sendable, Hashable {
  public var name: String
  /// Models that are variants of one design share a family.
  public var family: String
  public var amounts: TermAmounts
  public init(name: String, family: String, amounts: TermAmounts) {
    self.name = name
    self.family = family
    self.amounts = amounts
  }
}

/// Runs of several models on one device in one way: the same runtime, threads, cores and power mode,
/// measured by one hand. All of them share one set of rates.
public struct RunGroup: Sendable, Hashable {
  public struct Run: Sendable, Hashable {
    /// A position in the list of networks that goes with the groups.
    public var network: Int
    /// Natural logarithm of the measured seconds.
    public var logSeconds: Double
    public var isNoisy: Bool
    public init(network: Int, logSeconds: Double, isNoisy: Bool = false) {
      self.network = network
      self.logSeconds = logSeconds
      self.isNoisy = isNoisy
    }
  }
  /// The silicon: groups of one device are no independent evidence.
  public var device: String
  /// What a person calls the group.
  public var label: String
  public var traits: DeviceTraits
  public var runs: [Run]
  public init(device: String, label: String, traits: DeviceTraits, runs: [Run]) {
    self.device = device
    self.label = label
    self.traits = traits
    self.runs = runs
  }
}
