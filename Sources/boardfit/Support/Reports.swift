import Decision
import HardwareModel
import ModelImport
import Platform
import Reporting

extension Origin {
  static var current: Origin { current(files: []) }

  /// This run: the tool, the command as typed, and the files it rests on.
  static func current(files: [Origin.File], dated: Bool = false) -> Origin {
    let arguments = CommandLine.arguments.dropFirst().map { argument in
      argument.unicodeScalars.contains(where: \.actsOnShell)
        ? "'\(argument.replacing("'", with: "'\\''"))'" : argument
    }
    return Origin(
      tool: "boardfit \(Boardfit.version)",
      command: (["boardfit"] + arguments).joined(separator: " "),
      date: dated ? Date().formatted(.iso8601) : nil, files: files)
  }
}

extension Unicode.Scalar {
  /// Whether a shell takes it for more than itself.
  fileprivate var actsOnShell: Bool {
    switch self {
    case "'", "\"", "$", "&", "|", ";", "<", ">", "(", ")", "*", "?", "\\": true
    default: properties.isWhitespace
    }
  }
}

extension AnswerOptions {
  func write(_ report: some Report, to path: String? = nil) throws(Failure) {
    let format: ReportFormat =
      switch self.format {
      case .table:
        .table(
          TerminalStyle(
            usesColor: usesColor(inFile: path != nil),
            width: path == nil ? Console.outputWidth : nil))
      case .json: .json
      case .csv: .csv
      case .md: .markdown
      }
    try write(report.text(format), to: path)
  }
}

/// The form of a written report, by the ending of its file's name.
enum ReportFile {
  case html, markdown, json, csv

  init?(_ path: String) {
    switch URL(fileURLWithPath: path).pathExtension.lowercased() {
    case "html", "htm": self = .html
    case "md", "markdown": self = .markdown
    case "json": self = .json
    case "csv": self = .csv
    default: return nil
    }
  }

  func text(_ comparison: Comparison, origin: Origin) -> String {
    let report = CompareReport(origin: origin, comparison: comparison, isVerbose: true)
    return switch self {
    case .html: HTMLReport(origin: origin, comparison: comparison).text
    case .markdown: report.text(.markdown)
    case .json: report.text(.json)
    case .csv: report.text(.csv)
    }
  }

  func text(_ report: CalibrationReport) -> String {
    switch self {
    case .html: CalibrationPage(report).text
    case .markdown: report.text(.markdown)
    case .json: report.text(.json)
    case .csv: report.text(.csv)
    }
  }
}

extension ComparedModel {
  /// The file as a report's header names it; `nil` when it was not hashed.
  var file: Origin.File? {
    digest.isEmpty
      ? nil
      : Origin.File(name: path.fileName, digest: digest)
  }
}

extension LoadedModel {
  /// The model as comparisons hold it. Hashing reads the whole file. A name that several of the
  /// arguments share gives way to the path.
  func compared(hashing: Bool, among arguments: [String]) -> ComparedModel {
    let file = imported.path.fileName
    let isShared = arguments.count { $0.fileName == file } > 1
    return ComparedModel(
      name: isShared ? imported.path : name, path: imported.path,
      digest: hashing ? fileDigest(imported.path) ?? "" : "",
      workload: workload, warnings: warnings)
  }
}

/// SHA-256 of a file in hexadecimal, read a piece at a time; `nil` when it cannot be read.
func fileDigest(_ path: String) -> String? {
  do throws(SystemError) {
    let file = try OpenFile(path, for: .reading)
    var hash = SHA256()
    while true {
      let piece = try file.read(upTo: 1 << 20)
      if piece.isEmpty { return hash.hexDigest }
      hash.update(piece)
    }
  } catch {
    return nil
  }
}
