public import HardwareModel
import Platform
import Quantities

// MARK: Writing

extension DeploymentCalibration {
  /// The file's text, which lies beside the board's profile and never over it.
  public var text: String {
    var lines = [
      "# Fitted by `boardfit calibrate`; do not edit.",
      "schema: 1",
      "board: \(key.board)", "unit: \(key.unit)", "runtime: \(key.runtime)",
      "power_mode: \(quoted(key.powerMode))", "threads: \(key.threads)",
      "precision: \(key.precision)",
      "basis: \(basis.rawValue)", "tool: \(quoted(tool))", "date: \(quoted(date))",
      "held_out_error: \(number(medianError(\.leftOut)))",
      "noise_variance: \(number(noiseVariance))", "model_variance: \(number(modelVariance))",
      "interval_factor: \(number(intervalFactor))",
      "# log_rate: logarithm of seconds for `scale` units. remaining: posterior over prior variance;",
      "# above \(RateFit.unidentifiedShare), the runs say nothing and the rate stays at the prior.",
      "terms:",
    ]
    for index in terms.indices {
      lines.append(
        "  - { name: \(terms[index].rawValue), scale: \(number(scales[index])), "
          + "log_rate: \(number(logRates[index])), remaining: \(number(remainingVariance[index])) }"
      )
    }
    if !networks.isEmpty {
      lines.append("# Graphs that the prior knows: logarithm by which each exceeds its terms.")
      lines.append("networks:")
      lines += networks.map(\.line)
    }
    lines.append("# Lower triangle.")
    lines += triangle("covariance", covariance)
    lines.append("# Seconds: measured; predicted before any run, with all, and with all others.")
    lines.append("runs:")
    for run in runs {
      lines.append("  - model: \(quoted(run.model))")
      lines.append("    file: \(quoted(run.file))")
      lines.append("    sha256: \(quoted(run.digest))")
      lines.append("    measured: \(number(run.measured.rawValue)) s")
      lines.append("    before: \(number(run.before.rawValue)) s")
      lines.append("    after: \(number(run.after.rawValue)) s")
      lines.append("    left_out: \(number(run.leftOut.rawValue)) s")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

// MARK: Reading

private enum FileKey: String, ProfileKey {
  case schema, board, unit, runtime, threads, precision, basis, tool, date, terms, covariance, runs,
    networks
  case powerMode = "power_mode"
  case heldOutError = "held_out_error"
  case noiseVariance = "noise_variance"
  case modelVariance = "model_variance"
  case intervalFactor = "interval_factor"
}
private enum TermKey: String, ProfileKey {
  case name, scale, remaining
  case logRate = "log_rate"
}
private enum RunKey: String, ProfileKey {
  case model, file, sha256, measured, before, after
  case leftOut = "left_out"
}

extension DeploymentCalibration {
  public init(_ file: ProfileFile) throws(ProfileError) {
    let fields = try ProfileNode(file).fields(FileKey.self)
    try fields.required(.schema).requireSchema()
    var terms: [CostTerm] = []
    var scales: [Double] = []
    var logRates: [Double] = []
    var remaining: [Double] = []
    for node in try fields.required(.terms).elements() {
      let term = try node.fields(TermKey.self)
      let name: CostTerm = try term.required(.name).choice()
      guard !terms.contains(name) else {
        throw node.error(.invariant("'\(name.rawValue)' stands twice"))
      }
      terms.append(name)
      scales.append(try term.required(.scale).realNumber())
      logRates.append(try term.required(.logRate).realNumber())
      remaining.append(try term.required(.remaining).realNumber())
    }
    var networks: [Prior.NetworkOffset] = []
    for node in try fields[.networks]?.elements() ?? [] {
      networks.append(try Prior.NetworkOffset(reading: node))
    }
    func positive(_ key: FileKey) throws(ProfileError) -> Double {
      let node = try fields.required(key)
      let value = try node.realNumber()
      guard value > 0 else { throw node.error(.invariant("must be more than zero")) }
      return value
    }
    _ = try fields.required(.heldOutError).realNumber()
    var runs: [Run] = []
    for node in try fields.required(.runs).elements() {
      let run = try node.fields(RunKey.self)
      runs.append(
        Run(
          model: try run.required(.model).text(), file: try run.required(.file).text(),
          digest: try run.required(.sha256).text(),
          measured: try run.required(.measured).positive(),
          before: try run.required(.before).positive(), after: try run.required(.after).positive(),
          leftOut: try run.required(.leftOut).positive()))
    }
    self.init(
      key: Key(
        board: try fields.required(.board).text(), unit: try fields.required(.unit).text(),
        runtime: try fields.required(.runtime).text(),
        powerMode: try fields.required(.powerMode).text(),
        threads: try fields.required(.threads).integer(in: 1...1_000_000),
        precision: try fields.required(.precision).text()),
      basis: try fields.required(.basis).choice(), terms: terms, scales: scales, logRates: logRates,
      covariance: try fields.required(.covariance).triangle(count: terms.count),
      remainingVariance: remaining, noiseVariance: try positive(.noiseVariance),
      modelVariance: try positive(.modelVariance), networks: networks,
      intervalFactor: try positive(.intervalFactor), runs: runs,
      tool: try fields.required(.tool).text(), date: try fields.required(.date).text())
  }
}
