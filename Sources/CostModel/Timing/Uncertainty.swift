import HardwareModel
import Platform

// How wide an estimate is follows from what its numbers rest on. The widths below hold until a
// calibration replaces them; Documentation/CostModel.md says where each comes from.

extension Basis {
  /// Standard deviation of the logarithm that a number of this basis carries into a prediction.
  var logDeviation: Double {
    switch self {
    case .measured: 0.05
    case .datasheet: 0.10
    case .derived: 0.15
    case .estimated: 0.40
    }
  }
}

extension Factor {
  /// Standard deviation of the logarithm, from the range that holds nine in ten.
  var logDeviation: Double {
    low > 0 && high > low ? log(high / low) / (2 * ninetyPercentHalfWidth) : 0
  }
}

/// What every prediction without calibration runs misses: heat, clocks, allocation, algorithm
/// choice.
let structuralLogDeviation = 0.20

/// The share of two kernel classes' errors that they have in common: a runtime that is slower
/// than thought is slower at most things. The full-covariance step of the published few-shot fits
/// shows that it is far from zero; half is taken until a calibration measures it.
let commonErrorShare = 0.5

/// Adds up time by the source of its uncertainty; within a source errors move together.
struct UncertaintyLedger {
  private var weighted: [Double]
  private var total = 0.0

  init(sourceCount: Int) { weighted = Array(repeating: 0, count: sourceCount) }

  /// Adds `time` seconds whose logarithm has the given deviation.
  mutating func add(_ time: Double, logDeviation: Double, source: Int) {
    weighted[source] += time * logDeviation
    total += time
  }

  /// The deviation of the sum's logarithm, to first order: shares of time weigh the deviations.
  var logDeviation: Double {
    guard total > 0 else { return structuralLogDeviation }
    var sum = 0.0
    var squares = 0.0
    for value in weighted {
      sum += value / total
      squares += (value / total) * (value / total)
    }
    let variance = commonErrorShare * sum * sum + (1 - commonErrorShare) * squares
    return (variance + structuralLogDeviation * structuralLogDeviation).squareRoot()
  }
}
