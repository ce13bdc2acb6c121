import CostModel
import HardwareModel
import Quantities

extension Comparison.Entry {
  /// The deployments that meet, or are likely to meet, all that was asked; best first.
  public var acceptable: [Candidate] { candidates.filter(\.verdict.isAcceptable) }

  /// The acceptable deployment on the board with the lowest known price; the faster of two.
  public var cheapest: Candidate? {
    let priced = acceptable.compactMap { candidate in
      candidate.estimate.deployment.board.price.map { (candidate, $0.value) }
    }
    return priced.min { ($0.1, $0.0.latency) < ($1.1, $1.0.latency) }?.0
  }

  /// The acceptable deployment with the shortest run.
  public var fastest: Candidate? { acceptable.min { $0.latency < $1.latency } }
}

extension Candidate {
  fileprivate var latency: Seconds { estimate.latency.median }
}
