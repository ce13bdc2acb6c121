import Platform
import Quantities

/// Files of measured runs, whatever tool wrote them.
public enum RunFile {
  /// The runs of a file. Rows that are none are told, and do not lose the others; a file without any run
  /// is an error that says why, unless it is one of several and none is needed of each.
  public static func read(
    path: String, needsRun: Bool = true
  ) throws(RunImportError) -> ImportedRuns {
    try read(try runBytes(path), file: path, needsRun: needsRun)
  }

  /// As ``read(path:needsRun:)``; `file` is what places in errors and runs call it.
  public static func read(
    _ bytes: [UInt8], file: String, needsRun: Bool = true
  ) throws(RunImportError) -> ImportedRuns {
    guard !bytes.isEmpty else {
      throw RunImportError(
        file: file,
        reason: "empty: the program that wrote it may have been ended before it could write")
    }
    let content = try LogContent(bytes, file: file)
    guard let format = format(of: content) else {
      if let fault = content.json?.fault { throw fault }
      throw RunImportError(
        file: file, line: 1,
        reason: "no kind of run file that is known; expected one of "
          + RunFormat.allCases.map(\.rawValue).joined(separator: ", "))
    }
    var runs = try format.reader.read(content)
    for index in runs.runs.indices { runs.checkOperators(ofRun: index) }
    guard !runs.runs.isEmpty || !needsRun else {
      guard let first = runs.rejected.first else {
        throw RunImportError(file: file, reason: "\(format.rawValue): holds no run")
      }
      let more = runs.rejected.count > 1 ? "; and \(runs.rejected.count - 1) more like it" : ""
      throw RunImportError(
        file: file, line: first.place.line, reason: "holds no run: \(first.reason)\(more)")
    }
    return runs
  }

  static func format(of content: LogContent) -> RunFormat? {
    RunFormat.allCases.first { $0.reader.recognizes(content) }
  }
}

/// All bytes of a file of runs.
func runBytes(_ path: String) throws(RunImportError) -> [UInt8] {
  // A million events of ONNX Runtime, its own limit, are some 500 MB; ten thousand runs of a model fit.
  let limit = Bytes.mebibytes(256)
  do throws(FileFault) {
    return try OpenFile.contents(of: path, atMost: limit.rawValue)
  } catch {
    throw RunImportError(
      file: path, reason: error == .tooLarge ? "larger than \(limit)" : error.description,
      isMissingFile: error == .missing)
  }
}

extension ImportedRuns {
  /// Takes operators away whose sum is out of all proportion to the run: they count cycles, or are in
  /// another unit.
  fileprivate mutating func checkOperators(ofRun index: Int) {
    let run = runs[index]
    guard let log = run.log, log.latencyKind != .sumOfOperators, !log.operators.isEmpty else {
      return
    }
    let sum = log.operators.reduce(.zero) { $0 + $1.time }
    // Operators that run side by side on 64 threads may add up to 64 runs.
    guard sum > 100.0 * (log.profiledLatency ?? run.latency) else { return }
    runs[index].log?.operators = []
    rejected.append(
      Rejected(
        place: run.place,
        reason: "the operators add up to \(sum) where the run takes \(run.latency): another unit, "
          + "or cycles; operators are left out"))
  }
}
