import Platform
import Quantities

/// What the `notes` of published tables say about a row, as far as it makes the row no run of the
/// model alone.
enum RowNotes {
  /// Why a row with these notes is no run; `nil` where it is one.
  static func exclusion(_ notes: String) -> String? {
    let text = notes.lowercased()
    return rules.first { rule in rule.phrases.contains { text.contains($0) } }?.reason
  }

  private static let rules: [(phrases: [String], reason: String)] = [
    (
      ["end-to-end", "end to end"],
      "end to end: the time holds more than the model"
    ),
    (
      ["not latency", "throughput period"],
      "throughput of a pipeline, which is no latency"
    ),
    (["memory only"], "memory only: nothing was timed"),
    (["own model"], "the submitter's own model, which is not published"),
    (["low trust"], "the source names neither its board nor its unit of time"),
  ]
}

/// Figures that come again to the digit: one measurement, submitted in several rounds.
struct Resubmissions {
  static let reason = "the same figure again: submitted in an earlier round"

  private struct Key: Hashable {
    let device: String
    let runtime: String
    let precision: String
    let threads: Int?
    let powerMode: String
    let accelerator: String
    let model: String
    let latency: Double
  }
  private var seen: Set<Key> = []

  /// Whether the run came before. Figures of fewer than five digits agree by chance.
  mutating func repeats(_ run: ImportedRun) -> Bool {
    let latency = run.latency.rawValue
    guard latency.isFinite, !Self.isShort(1000 * latency) else { return false }
    let key = Key(
      device: run.silicon, runtime: run.runtime, precision: run.precision, threads: run.threads,
      powerMode: run.powerMode, accelerator: run.accelerator, model: run.model, latency: latency)
    return !seen.insert(key).inserted
  }

  /// Whether four significant digits hold the figure.
  private static func isShort(_ milliseconds: Double) -> Bool {
    let exponent = floor(log10(milliseconds))
    let scaled = milliseconds / pow(10, exponent - 3)
    return abs(scaled - scaled.rounded()) < 1e-6
  }
}
