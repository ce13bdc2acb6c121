/// How often a model is run, and in which state of the caches.
public struct RunPlan: Sendable, Hashable {
  public enum Length: Sendable, Hashable {
    /// This many samples.
    case runs(Int)
    /// Samples until this much time has gone by, warm-up apart; one at least.
    case time(Duration)
  }

  public var length: Length
  /// Runs after the first that are thrown away: caches, branch predictors and clocks settle.
  public var warmupRuns: Int
  /// Whether the caches are emptied before each run. A model that shares its processor with other
  /// work meets cold caches; one in a tight loop meets warm ones.
  public var isCold: Bool

  public init(length: Length = .time(.seconds(3)), warmupRuns: Int = 1, isCold: Bool = false) {
    self.length = length
    self.warmupRuns = warmupRuns
    self.isCold = isCold
  }
}
