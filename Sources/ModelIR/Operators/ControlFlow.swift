/// Runs one of two graphs, by a Boolean: input 0 is the condition, then the captures of
/// `thenBranch`, then those of `elseBranch`.
public struct Conditional: Sendable, Hashable {
  public var thenBranch: Subgraph
  public var elseBranch: Subgraph
  public init(thenBranch: Subgraph, elseBranch: Subgraph) {
    self.thenBranch = thenBranch
    self.elseBranch = elseBranch
  }
}

/// Runs a graph again and again: input 0 is the greatest trip count, input 1 the first condition
/// (each may be absent), then the carried values, then the captures.
public struct Loop: Sendable, Hashable {
  public var body: Subgraph
  /// How often the body runs, when known: derived, or stated by the user; `nil` is unknown.
  public var tripCount: Int?
  public init(body: Subgraph, tripCount: Int? = nil) {
    self.body = body
    self.tripCount = tripCount
  }
}

/// Runs a graph once for each slice of its scanned inputs: the states, then the scanned inputs,
/// then the captures.
public struct Scan: Sendable, Hashable {
  public var body: Subgraph
  public let scanInputCount: Int
  /// One axis for each scanned input, and for each scanned output.
  public let scanInputAxes: [Int]
  public let scanOutputAxes: [Int]
  /// Which scanned inputs are read, and scanned outputs laid, from the last slice to the first.
  public let reversedInputs: Set<Int>
  public let reversedOutputs: Set<Int>
  public init(
    body: Subgraph, scanInputCount: Int, scanInputAxes: [Int], scanOutputAxes: [Int],
    reversedInputs: Set<Int> = [], reversedOutputs: Set<Int> = []
  ) {
    self.reversedInputs = reversedInputs
    self.reversedOutputs = reversedOutputs
    self.body = body
    self.scanInputCount = scanInputCount
    self.scanInputAxes = scanInputAxes
    self.scanOutputAxes = scanOutputAxes
  }
}
