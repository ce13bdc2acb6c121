public import ModelIR
public import Quantities
import TensorTypes

/// The operators of an imported run beside the steps of the model that it ran.
///
/// A runtime renames, fuses and adds operators. Each is looked for by the name of a node, then by a tensor
/// that its name holds, then by operator and output shape in the order of execution. Steps that no operator
/// names, and that lie between what one computes and its neighbours, are taken as fused into it.
public struct OperatorMatching: Sendable, Hashable {
  /// Why an operator is taken to compute its steps; the strongest first.
  public enum Evidence: String, Sendable, Hashable, CaseIterable {
    case name
    case output
    case shape
  }

  /// An operator and the steps that it computes.
  public struct Match: Sendable, Hashable {
    /// A position in ``RunLog/operators``.
    public var index: Int
    /// Positions in ``Workload/steps``, in the order of execution. Operators into which a runtime split a
    /// node share its steps.
    public var steps: [Int]
    public var evidence: Evidence
    /// Its time, scaled to the run from end to end.
    public var time: Seconds
  }

  /// In the order of the log's operators.
  public let matches: [Match]
  /// Operators of the model for which no step was found; positions in ``RunLog/operators``.
  public let unmatched: [Int]
  /// Operators that the runtime added.
  public let overhead: [Int]
  /// Steps with work to do for which no operator was found.
  public let stepsWithoutTime: [Int]
  /// From end to end.
  public let latency: Seconds
  /// By which the operators' times are multiplied: timing them lengthens a run.
  public let scale: Double
  /// Scaled times of the three kinds of operators.
  public let matchedTime: Seconds
  public let unmatchedTime: Seconds
  public let overheadTime: Seconds

  /// The time from end to end in none of the operators: dispatch, waiting, what the tool does not see.
  public var outsideTime: Seconds {
    max(.zero, latency - matchedTime - unmatchedTime - overheadTime)
  }
  /// All that no step of the model accounts for.
  public var unattributedTime: Seconds { max(.zero, latency - matchedTime) }
  /// Of the run.
  public var matchedShare: Double { latency > .zero ? matchedTime / latency : 0 }

  /// `nil` for a run without operators.
  public init?(_ run: ImportedRun, workload: Workload) {
    guard let log = run.log, !log.operators.isEmpty else { return nil }
    var search = StepSearch(workload)
    search.match(log.operators)
    latency = run.latency
    let sum = log.operators.reduce(.zero) { $0 + $1.time }
    let scale = Self.scale(sum: sum, profiled: log.profiledLatency, latency: run.latency)
    self.scale = scale
    matches = search.found.enumerated().compactMap { index, found in
      found.map {
        Match(
          index: index, steps: $0.steps.sorted(), evidence: $0.evidence,
          time: scale * log.operators[index].time)
      }
    }
    let matched = Set(matches.map(\.index))
    let rest = log.operators.indices.filter { !matched.contains($0) }
    overhead = rest.filter { log.operators[$0].isOverhead }
    unmatched = rest.filter { !log.operators[$0].isOverhead }
    func time(_ indices: [Int]) -> Seconds {
      indices.reduce(.zero) { $0 + scale * log.operators[$1].time }
    }
    matchedTime = time(matches.map(\.index))
    unmatchedTime = time(unmatched)
    overheadTime = time(overhead)
    stepsWithoutTime = workload.steps.indices.filter {
      search.owners[$0] == nil && search.hasWork($0)
    }
  }

  /// Operators are timed in slower runs than those from end to end, and never add up to more than a run.
  private static func scale(sum: Seconds, profiled: Seconds?, latency: Seconds) -> Double {
    guard sum > .zero, latency > .zero else { return 1 }
    let slowdown = profiled.map { $0 > .zero ? latency / $0 : 1 } ?? 1
    return min(slowdown, latency / sum)
  }
}
