import Platform
import Quantities

/// The text report of ST Edge AI's `validate` on a target: milliseconds a sample, and a table of nodes.
///
/// The row *Inter-nodal* is the time between nodes.
enum STEdgeAIReport: LogReader {
  static func recognizes(_ content: LogContent) -> Bool {
    content.json == nil
      && (content.shows("ST.AI Profiling results") || content.shows("ms by sample"))
  }

  static func read(_ content: LogContent) throws(RunImportError) -> ImportedRuns {
    var result = ImportedRuns(runs: [])
    var log = RunLog(format: .stEdgeAI)
    var model = ""
    var durationLine: Int?
    var isInTable = false
    for line in content.lines {
      let text = line.text.trimmed
      if let rest = text.rest(after: "ST.AI Profiling results v") {
        log.toolVersion = String(rest.prefix { $0 != " " })
        model = String(rest.split(separator: "\"").dropFirst().first ?? "")
      }
      do throws(RowProblem) {
        if let value = field("nb sample(s)", text) {
          log.statistics.count = Int(value)
        } else if let value = field("duration", text) {
          durationLine = line.number
          try log.readDuration(value)
        } else if text.hasPrefix("c_id") {
          guard text.contains("dur (ms)") else {
            throw RowProblem(
              "no column 'dur (ms)' in the table of nodes; found '\(text.prefix(100))'")
          }
          isInTable = true
        } else if isInTable, text.hasPrefix("total") {
          isInTable = false
        } else if isInTable, !text.isEmpty, !text.allSatisfy({ $0 == "-" }) {
          log.operators.append(try node(text))
        }
      } catch {
        result.rejected.append(content.rejected(line.number, error))
      }
    }
    guard let durationLine else {
      if result.rejected.isEmpty {
        throw content.refusal(1, "no line 'duration : … ms by sample': the report was cut off")
      }
      return result
    }
    guard log.statistics.mean != nil else { return result }
    do throws(RowProblem) {
      result.runs.append(
        try ImportedRun(
          log, model: model, runtime: "st-edge-ai", place: content.place(durationLine)))
    } catch {
      result.rejected.append(content.rejected(durationLine, error))
    }
    return result
  }

  /// "name : value".
  private static func field(_ name: String, _ text: Substring) -> Substring? {
    guard text.hasPrefix(name) else { return nil }
    let rest = text.dropFirst(name.count).trimmed
    return rest.first == ":" ? rest.dropFirst().trimmed : nil
  }

  /// "0  2  Conv2D (0x103)  1.234  10.0%  10.0%  [ … ]  ai_node_0".
  private static func node(_ text: Substring) throws(RowProblem) -> ImportedOperator {
    let words = text.words
    guard let percent = words.firstIndex(where: { $0.last == "%" }), percent >= 4 else {
      throw RowProblem("expected c_id, m_id, type, duration, share; found '\(text.prefix(80))'")
    }
    let kind = words[2..<percent - 1].prefix { $0.first != "(" }.joined(separator: " ")
    let isOverhead = kind == "Inter-nodal"
    let rest = words[(percent + 1)...].drop { $0.last == "%" }
    let name = rest.last.map(String.init) ?? ""
    return ImportedOperator(
      name: isOverhead ? kind : name.isEmpty ? "\(words[0])" : name,
      nodes: isOverhead ? [] : [name],
      kind: kind, time: try TimeUnit.milliseconds.part(words[percent - 1], "dur of '\(kind)'"),
      isOverhead: isOverhead)
  }
}

extension RunLog {
  /// "11.970 ms by sample (11.733/12.052/0.097)": the mean, then least, most and deviation.
  fileprivate mutating func readDuration(_ text: Substring) throws(RowProblem) {
    let words = text.words
    guard words.count >= 4, words[2] == "by", words[3] == "sample" else {
      throw RowProblem("duration is '\(text.prefix(60))', expected '… ms by sample'")
    }
    guard let unit = TimeUnit(symbol: words[1]) else {
      throw RowProblem(
        "duration is in '\(words[1].prefix(20))', which is no unit of time that is known")
    }
    statistics.mean = try unit.time(words[0], "duration")
    guard words.count > 4 else { return }
    let parts = words[4].drop { $0 == "(" }.prefix { $0 != ")" }.split(separator: "/")
    guard parts.count >= 3 else { return }
    statistics.minimum = try unit.time(parts[0], "the least duration")
    statistics.maximum = try unit.time(parts[1], "the longest duration")
    statistics.standardDeviation = try unit.part(parts[2], "the deviation")
  }
}
