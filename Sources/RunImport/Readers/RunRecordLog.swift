public import Measurement
import Quantities
import TensorTypes

/// The record that `boardfit run --record` writes.
enum RunRecordLog: LogReader {
  static func recognizes(_ content: LogContent) -> Bool {
    content.json?.records.first?["record"]?.text != nil
  }

  static func read(_ content: LogContent) throws(RunImportError) -> ImportedRuns {
    let records: [RunRecord]
    do throws(RecordError) {
      records = try RunRecord.read(content.bytes, path: content.file)
    } catch {
      switch error {
      case .malformed(_, let line, let reason): throw content.refusal(line, reason)
      case .unreadable(_, let reason), .unwritable(_, let reason):
        throw content.refusal(0, reason)
      }
    }
    var result = ImportedRuns(runs: [])
    let starts = (content.json?.records ?? []).filter { $0["record"]?.text == "start" }.map(\.line)
    for (index, record) in records.enumerated() {
      let line = index < starts.count ? starts[index] : 1
      do throws(RowProblem) {
        result.runs.append(try ImportedRun(record, content.place(line)))
      } catch {
        result.rejected.append(content.rejected(line, error))
      }
    }
    return result
  }
}

extension ImportedRun {
  /// A measurement of our own executor. Throws when it holds no run.
  public init(_ record: RunRecord, _ place: RunPlace) throws(RowProblem) {
    var log = RunLog(format: .runRecord)
    log.toolVersion = record.start.tool
    for time in record.samples.plain {
      log.samples.append(try TimeUnit.seconds.time(time.rawValue, "a run"))
    }
    log.firstRun = record.samples.firstRun
    log.loadTime = record.load.map { Seconds($0.seconds) }
    log.peakMemory = record.end.map { Bytes($0.peakResidentBytes) }
    if record.end == nil || record.isTruncated {
      log.notes.append("the measurement was cut off: \(log.samples.count) runs were written")
    }
    let profiled = record.samples.profiled
    if let steps = record.load?.steps, !profiled.isEmpty {
      log.profiledLatency = profiled.map(\.time).median
      log.operators = steps.enumerated().map { index, step in
        let samples = profiled.compactMap {
          index < $0.stepTimes.count ? $0.stepTimes[index] : nil
        }
        return ImportedOperator(
          name: step.name, nodes: step.nodes.filter { !$0.isEmpty },
          kind: step.operators.first ?? "",
          unit: step.kernel, time: samples.median, samples: samples)
      }
    }
    try self.init(
      log, model: record.start.model, runtime: "boardfit", device: record.start.host.processor,
      threads: record.start.threads, place: place)
  }
}
