import Platform
import Quantities

/// A table of measurements with one run a row: the columns of published tables and of our own.
///
/// Columns are found by name, in any order; others are passed over. Times are in milliseconds; a time
/// column in another unit is refused, because a guess of units is how tables go wrong.
public enum TidyTable {
  /// Columns that must be there.
  public static let requiredColumns = [
    "device", "runtime", "precision", "threads", "model", "latency_ms",
  ]
  /// Columns that are read where they are there.
  public static let optionalColumns = [
    "latency_min_ms", "noisy", "batch", "canon_device", "model_family", "input_shape", "powersave",
    "power_mode", "mode", "gpu_name", "accelerator", "primary_compute_unit", "soc", "processor",
    "clock", "submitter", "notes", "decode_tokens_per_s",
  ]
  /// Columns of times that other columns' rules do not cover.
  private static let otherTimes: Set<String> = ["latency_min_ms", "latency_max_ms"]

  /// Whether the first line has the columns: the sniff by content.
  public static func isTable(_ bytes: [UInt8]) -> Bool {
    let line = bytes.prefix(4096).prefix { $0 != UInt8(ascii: "\n") }
    let columns = String(decoding: line, as: UTF8.self).split(separator: ",").map {
      String($0.trimmed(\.isWhitespace))
    }
    return columns.contains("latency_ms") || columns.contains("device")
  }

  public static func read(path: String) throws(RunImportError) -> ImportedRuns {
    try read(runBytes(path), file: path)
  }

  /// `file` is what places in errors and runs call it.
  public static func read(_ bytes: [UInt8], file: String) throws(RunImportError) -> ImportedRuns {
    let rows = try CSVText(bytes, file: file).rows
    guard let header = rows.first else {
      throw RunImportError(
        file: file,
        reason: "empty; expected a table with the columns "
          + requiredColumns.joined(separator: ", "))
    }
    let columns = try Columns(header, file: file)
    var result = ImportedRuns(runs: [])
    var resubmissions = Resubmissions()
    for row in rows.dropFirst() {
      let place = RunPlace(file: file, line: row.line)
      switch columns.run(row, place: place) {
      case .success(let run):
        if resubmissions.repeats(run) {
          result.rejected.append(.init(place: place, reason: Resubmissions.reason))
        } else {
          result.runs.append(run)
        }
      case .failure(let problem):
        result.rejected.append(.init(place: place, reason: problem.reason))
      }
    }
    return result
  }

  private struct Problem: Error { let reason: String }

  private struct Columns {
    private let positions: [String: Int]
    private let count: Int

    init(_ header: CSVText.Row, file: String) throws(RunImportError) {
      let names = header.fields.map { String($0.trimmed) }
      func refusal(_ reason: String) -> RunImportError {
        RunImportError(file: file, line: header.line, reason: reason)
      }
      if let stranger = names.first(where: Self.isTimeInAnotherUnit) {
        throw refusal(
          "the column '\(stranger)' is a time in a unit that is not read; times stand in latency_ms, "
            + "in milliseconds")
      }
      let missing = TidyTable.requiredColumns.filter { !names.contains($0) }
      guard missing.isEmpty else {
        throw refusal(
          "no column \(missing.map { "'\($0)'" }.joined(separator: ", ")); expected "
            + TidyTable.requiredColumns.joined(separator: ", ") + ", and where known "
            + TidyTable.optionalColumns.joined(separator: ", ") + "; found "
            + names.prefix(40).joined(separator: ", "))
      }
      var positions: [String: Int] = [:]
      for (index, name) in names.enumerated() where !name.isEmpty {
        guard positions.updateValue(index, forKey: name) == nil else {
          throw refusal("the column '\(name)' stands twice")
        }
      }
      self.positions = positions
      count = names.count
    }

    private static func isTimeInAnotherUnit(_ name: String) -> Bool {
      guard name.hasPrefix("latency_"), name != "latency_ms", !otherTimes.contains(name) else {
        return false
      }
      return ["us", "ns", "s", "seconds", "microseconds", "cycles"].contains {
        name.hasSuffix("_\($0)")
      }
    }

    private func field(_ name: String, _ row: CSVText.Row) -> String {
      guard let position = positions[name], row.fields.indices.contains(position) else { return "" }
      return String(row.fields[position].trimmed)
    }

    /// "1x3x224x224", "[1, 3, 224, 224]"; empty when it is not only extents.
    private static func extents(_ text: String) -> [Int] {
      let parts = text.split { "x×,[] ".contains($0) }
      let extents = parts.compactMap { Int($0) }.filter { $0 > 0 }
      return extents.count == parts.count ? extents : []
    }

    func run(_ row: CSVText.Row, place: RunPlace) -> Result<ImportedRun, Problem> {
      func failure(_ reason: String) -> Result<ImportedRun, Problem> {
        .failure(Problem(reason: reason))
      }
      guard row.fields.count == count else {
        return failure("\(row.fields.count) fields, where the header has \(count)")
      }
      let device = field("device", row)
      let model = field("model", row)
      let runtime = field("runtime", row)
      guard !device.isEmpty else { return failure("no device") }
      guard !model.isEmpty else { return failure("no model") }
      let submitter = field("submitter", row)
      guard !runtime.isEmpty || !submitter.isEmpty else { return failure("no runtime") }
      if let reason = RowNotes.exclusion(field("notes", row)) { return failure(reason) }
      let noisy = field("noisy", row)
      guard ["", "0", "1", "false", "true"].contains(noisy) else {
        return failure("noisy is '\(noisy)', expected 0 or 1")
      }
      let isNoisy = noisy == "1" || noisy == "true"
      let least = field("latency_min_ms", row)
      let usesLeast = isNoisy && !least.isEmpty
      let column = usesLeast ? "latency_min_ms" : "latency_ms"
      let text = field(column, row)
      let tokenRate = field("decode_tokens_per_s", row)
      let isDecoding = text.isEmpty && !tokenRate.isEmpty
      let latency: Seconds
      if isDecoding {
        guard let rate = Double(tokenRate), rate.isFinite, rate > 0 else {
          return failure(
            "decode_tokens_per_s is '\(tokenRate.prefix(40))', expected tokens a second")
        }
        latency = Seconds(1 / rate)
      } else {
        guard !text.isEmpty else { return failure("no \(column): nothing was timed") }
        guard let milliseconds = Double(text), milliseconds.isFinite else {
          return failure("\(column) is '\(text.prefix(40))', expected milliseconds")
        }
        guard milliseconds > 0 else {
          return failure("\(column) is \(text.prefix(40)), expected more than zero")
        }
        latency = Seconds(milliseconds / 1000)
      }
      let batchText = field("batch", row)
      guard let batch = batchText.isEmpty ? 1 : Int(batchText), batch > 0 else {
        return failure("batch is '\(batchText.prefix(40))', expected a whole number from 1")
      }
      let silicon = field("canon_device", row)
      let family = field("model_family", row)
      let description = [device, field("soc", row), field("processor", row), field("clock", row)]
        .filter { !$0.isEmpty }
      var run = ImportedRun(
        device: device, silicon: silicon.isEmpty ? nil : silicon,
        runtime: runtime.isEmpty ? "unstated, of \(submitter)" : runtime,
        precision: field("precision", row), threads: Int(field("threads", row)),
        powerMode: powerMode(row), accelerator: accelerator(row),
        model: isDecoding ? model + Self.decodeStep : model,
        family: family.isEmpty ? nil : family,
        inputShape: Self.extents(field("input_shape", row)), batch: batch, latency: latency,
        isNoisy: isNoisy, place: place)
      run.deviceDescription = description.joined(separator: ", ")
      return .success(run)
    }

    /// What follows a language model's name where the time is that of one further token.
    private static let decodeStep = " decode"

    /// The cores at work or the mode; on microcontrollers the clock sets it apart.
    private func powerMode(_ row: CSVText.Row) -> String {
      for column in ["powersave", "power_mode"] {
        let text = field(column, row)
        if !text.isEmpty { return text }
      }
      return [field("mode", row), field("clock", row)].filter { !$0.isEmpty }
        .joined(separator: ", ")
    }

    private func accelerator(_ row: CSVText.Row) -> String {
      for column in ["gpu_name", "accelerator"] {
        let text = field(column, row)
        if !text.isEmpty { return text }
      }
      let unit = field("primary_compute_unit", row)
      if !unit.isEmpty { return unit == "CPU" ? "" : unit }
      let threads = field("threads", row)
      return ["GPU", "NPU"].first { threads.contains($0) } ?? ""
    }
  }
}
