import Platform
import Quantities

/// `trtexec --exportProfile`: the time of each layer, in milliseconds.
///
/// Names are written raw, so that a quote in one makes the JSON invalid; then lines are read one by one.
/// The sum of the layers is not the latency: they are timed in other runs, without a CUDA graph.
enum TrtexecProfile: LogReader {
  static func recognizes(_ content: LogContent) -> Bool {
    guard let json = content.json, json.isArray else { return false }
    if json.records.first?["count"] != nil { return true }
    return json.records.prefix(2).contains { $0["averageMs"] != nil || $0["timeMs"] != nil }
  }

  static func read(_ content: LogContent) throws(RunImportError) -> ImportedRuns {
    guard let json = content.json else { return ImportedRuns(runs: []) }
    var result = ImportedRuns(runs: [])
    var log = RunLog(format: .trtexecProfile)
    var isCut = false
    if json.fault == nil {
      for record in json.records where record["count"] == nil {
        do throws(RowProblem) {
          guard let name = record["name"]?.text else { throw RowProblem("a layer without a name") }
          guard let time = record["averageMs"] else {
            throw RowProblem("'\(name.prefix(60))' has no 'averageMs'")
          }
          log.operators.append(try layer(name, time.number))
        } catch {
          result.rejected.append(content.rejected(record.line, error))
        }
      }
    } else {
      for line in content.lines where line.text.contains("\"name\"") {
        do throws(RowProblem) {
          let (name, time) = try rawLayer(line.text)
          log.operators.append(try layer(name, time))
        } catch {
          result.rejected.append(content.rejected(line.number, error))
        }
      }
      isCut = content.lines.last { !$0.text.trimmed.isEmpty }?.text.trimmed != "]"
    }
    if isCut {
      result.rejected.append(
        .init(
          place: content.place(content.lines.last?.number ?? 1),
          reason: "the file ends before the array does: layers are missing"))
      log.notes.append("the file is cut off: layers are missing")
    }
    guard !log.operators.isEmpty else { return result }
    do throws(RowProblem) {
      result.runs.append(
        try ImportedRun(
          log, model: "", runtime: "tensorrt", place: content.place(json.records.first?.line ?? 1)))
    } catch {
      result.rejected.append(content.rejected(1, error))
    }
    return result
  }

  private static func layer(
    _ name: String, _ milliseconds: Double?
  ) throws(RowProblem) -> ImportedOperator {
    ImportedOperator(
      name: name, nodes: nodes(name),
      time: try TimeUnit.milliseconds.part(milliseconds, "averageMs of '\(name.prefix(60))'"),
      isOverhead: name.hasPrefix("Reformatting CopyNode"))
  }

  /// The nodes of "Conv_0 + Relu_1", "PWN(Sigmoid_2, Mul_3)", "{ForeignNode[A...B]}".
  static func nodes(_ name: String) -> [String] {
    guard !name.hasPrefix("Reformatting CopyNode") else { return [] }
    var parts: [String] = []
    for part in name.replacing("...", with: " + ").replacing(", ", with: " + ").split(
      separator: " + ")
    {
      var text = part.trimmed
      for opening in ["{ForeignNode[", "PWN(", "("] {
        while text.hasPrefix(opening) { text = text.dropFirst(opening.count).trimmed }
      }
      while let last = text.last, ")]}".contains(last) { text = text.dropLast() }
      if !text.isEmpty { parts.append(String(text)) }
    }
    return parts
  }

  /// `, { "name" : "a"b", "timeMs" : 1, "averageMs" : 1 }`.
  private static func rawLayer(_ line: Substring) throws(RowProblem) -> (String, Double) {
    guard let open = line.rest(after: "\"name\" : \"") ?? line.rest(after: "\"name\": \""),
      let end = open.ranges(of: "\", \"timeMs\"").last
    else { throw RowProblem("a layer without a name and 'timeMs'") }
    let name = String(open[..<end.lowerBound])
    guard let rest = open[end.upperBound...].rest(after: "\"averageMs\""),
      let colon = rest.firstIndex(of: ":")
    else { throw RowProblem("'\(name.prefix(60))' has no 'averageMs'") }
    let text = rest[rest.index(after: colon)...].prefix { $0 != "," && $0 != "}" }.trimmed
    guard let number = Double(text) else {
      throw RowProblem("averageMs of '\(name.prefix(60))' is '\(text.prefix(40))'")
    }
    return (name, number)
  }
}
