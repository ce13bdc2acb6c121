public import CostModel
import HardwareModel
public import Quantities

/// How sure it is that a requirement is met.
public enum Outcome: String, Sendable, Hashable, Codable, Comparable, CaseIterable {
  /// With a probability of at least 95 %, or as a plain comparison of known numbers.
  case meets
  /// More likely than not.
  case likely
  /// Less likely than not.
  case unlikely
  /// With a probability of at most 5 %.
  case misses
  /// A number that the answer needs is not known.
  case unknown

  public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rank < rhs.rank }
  private var rank: Int {
    switch self {
    case .meets: 0
    case .likely: 1
    case .unknown: 2
    case .unlikely: 3
    case .misses: 4
    }
  }

  /// What it says of a deployment.
  public var sentence: String {
    switch self {
    case .meets: "meets everything asked"
    case .likely: "probably meets everything asked"
    case .unknown: "cannot be judged: a number that the answer needs is not known"
    case .unlikely: "probably does not meet everything asked"
    case .misses: "does not meet everything asked"
    }
  }

  init(probability: Double) {
    self =
      probability >= 0.95
      ? .meets : probability >= 0.5 ? .likely : probability > 0.05 ? .unlikely : .misses
  }
}

/// One model on one deployment, judged against the requirements.
public struct Verdict: Sendable, Hashable {
  public let fit: MemoryFit.Verdict
  /// `nil` when no deadline was asked for.
  public let deadline: Outcome?
  /// The probability that one run ends within the deadline less its margin; `nil` where missing
  /// work leaves it open.
  public let deadlineProbability: Double?
  /// Deadline less the median latency; negative when it is late. `nil` where missing work leaves
  /// it open.
  public let slack: Seconds?
  private let confidence: Double
  /// `nil` when no limit was asked for.
  public let power: Outcome?
  public let price: Outcome?

  public init(_ estimate: Estimate, against requirements: Requirements) {
    confidence = requirements.confidence.rawValue
    fit = estimate.fit
    if let deadline = requirements.deadline, let budget = requirements.budget {
      let probability = estimate.latency.probability(atMost: budget)
      let outcome = Outcome(probability: probability)
      // Missing work can only make a run slower: failure is known then, success is not.
      let isKnown = estimate.coverage.isComplete || outcome == .misses
      self.deadline = isKnown ? outcome : .unknown
      deadlineProbability = isKnown ? probability : nil
      slack = isKnown ? deadline - estimate.latency.median : nil
    } else {
      (deadline, deadlineProbability, slack) = (nil, nil, nil)
    }
    power = requirements.maximumPower.map { limit in
      Outcome(estimate.deployment.powerMode.power?.value, atMost: limit)
    }
    price = requirements.maximumPrice.map { limit in
      Outcome(estimate.deployment.board.price?.value, atMost: limit)
    }
  }

  /// The worst of all that was asked, memory included.
  public var overall: Outcome {
    let memory: Outcome =
      switch fit {
      case .fits: .meets
      case .marginal: .likely
      case .doesNotFit: .misses
      }
    return [deadline, power, price].compactMap { $0 }.reduce(memory, max)
  }

  /// Whether a purchase could rest on it: everything asked is met or likely to be, and the
  /// deadline with the confidence that was asked for.
  public var isAcceptable: Bool {
    overall <= .likely && (deadlineProbability ?? 1) >= confidence
  }
}

extension Outcome {
  fileprivate init<Value: RealQuantity>(_ value: Value?, atMost limit: Value) {
    guard let value else {
      self = .unknown
      return
    }
    self = value <= limit ? .meets : .misses
  }
}
