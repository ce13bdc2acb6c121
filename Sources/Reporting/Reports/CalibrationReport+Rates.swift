import Calibration
import CostModel
import Platform
import Quantities

extension CalibrationReport {
  /// What was believed of one term's cost before the runs and after, over the middle of the belief
  /// before.
  struct Rate {
    struct Band {
      var low: Double
      var median: Double
      var high: Double
      /// The middle nine tenths of a log-normal distribution.
      init(log middle: Double, deviation: Double) {
        median = exp(middle)
        low = exp(middle - ninetyPercentHalfWidth * deviation)
        high = exp(middle + ninetyPercentHalfWidth * deviation)
      }
    }
    var name: String
    var unit: String
    /// Logarithm of the seconds that one unit takes, or of the factor on the datasheet's seconds.
    var logCost: Double
    var before: Band
    var after: Band
    var isIdentified: Bool
  }

  /// One a term, those of which most was learned first.
  var rates: [Rate] {
    let order = calibration.terms.indices.sorted {
      (calibration.remainingVariance[$0], $0) < (calibration.remainingVariance[$1], $1)
    }
    return order.map { index in
      let remaining = calibration.remainingVariance[index]
      let variance = max(0, calibration.covariance[index, index])
      let isIdentified = remaining <= RateFit.unidentifiedShare
      return Rate(
        name: calibration.terms[index].rawValue.replacing("_", with: " "),
        unit: calibration.terms[index].unit,
        logCost: calibration.logRates[index] - log(max(calibration.scales[index], 1e-300)),
        before: .init(log: 0, deviation: belief.covariance[index, index].squareRoot()),
        after: .init(
          log: calibration.logRates[index] - belief.mean[index], deviation: variance.squareRoot()),
        isIdentified: isIdentified)
    }
  }

  var costSentence: String {
    switch calibration.basis {
    case .prior:
      "A model's time is the sum of its work, kind by kind, each at the cost of one unit; the belief "
        + "before comes from other devices' runs."
    case .datasheet:
      "A model's time is the sum of the datasheet's seconds, kind by kind, each times a factor; the "
        + "belief before is that all factors are 1."
    }
  }

  var rateTable: Table {
    let isWork = calibration.basis == .prior
    var table = Table([
      .init("kind of work"), .init(isWork ? "cost" : "factor", .trailing),
      .init("90 % before", .trailing), .init("90 % after", .trailing), .init(""),
    ])
    func band(_ band: Rate.Band) -> String {
      "\(significant(band.low, digits: 2))–\(significant(band.high, digits: 2))×"
    }
    for rate in rates {
      let cost = exp(rate.logCost)
      table.append([
        Cell(rate.name),
        Cell(isWork ? "\(Seconds(cost)) / \(rate.unit)" : significant(cost, digits: 3)),
        Cell(band(rate.before)), Cell(band(rate.after)),
        rate.isIdentified
          ? Cell("learned", tone: .good) : Cell("as before", tone: .muted),
      ])
    }
    return table
  }

  /// Runs that the fit misses by more than twice the scatter that runs and models are believed to
  /// have, in sentences.
  var outliers: [String] {
    let scatter = (calibration.noiseVariance + calibration.modelVariance).squareRoot()
    return calibration.runs.compactMap { run in
      let ratio = run.after / run.measured
      guard abs(log(ratio)) > 2 * scatter else { return nil }
      return "\(run.model): \(run.measured) measured, \(run.after) fitted "
        + "(\(signedTenths(ratio - 1))): more than twice what runs are believed to scatter; look at "
        + "how it was measured"
    }
  }

  /// Files of runs with their digests, and how the calibration came to be.
  var sources: [Document.Section] {
    var seen: Set<String> = []
    let files = calibration.runs.filter { seen.insert($0.digest + $0.file).inserted }
    return [
      Document.Section(
        "Files of runs", isDetail: true,
        [.pairs(files.map { Document.Pair($0.file, "SHA-256 \($0.digest)") })]),
      origin.section,
    ]
  }
}
