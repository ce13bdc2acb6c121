import ArgumentParser
import Platform
import Reporting

/// How the answer is written.
struct AnswerOptions: ParsableArguments {
  enum Format: String, ExpressibleByArgument, CaseIterable { case table, json, csv, md }
  enum Color: String, ExpressibleByArgument, CaseIterable { case auto, always, never }

  @Option(help: "How the answer is written.")
  var format: Format = .table

  @Flag(name: .shortAndLong, help: "No notes and warnings on standard error.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Everything: each kernel, each step, each assumption.")
  var verbose = false

  @Option(help: "Colour in tables; 'auto' is on a terminal and unless NO_COLOR is set.")
  var color: Color = .auto

  func usesColor(inFile: Bool) -> Bool {
    guard !inFile else { return color == .always }
    switch color {
    case .always: return true
    case .never: return false
    case .auto:
      return Console.outputIsTerminal && (Console.variable("NO_COLOR") ?? "").isEmpty
        && Console.variable("TERM") != "dumb"
    }
  }

  func note(_ line: String) {
    if !quiet { Console.error(line) }
  }

  func warn(_ lines: [String]) {
    for line in lines { note("warning: \(line)") }
  }

  /// Writes to a file, or else to standard output.
  func write(_ text: String, to path: String? = nil) throws(Failure) {
    guard let path else { return Console.output(text) }
    try writeFile(text, to: path)
  }
}

/// How and where the answer is written.
struct OutputOptions: ParsableArguments {
  @OptionGroup var answer: AnswerOptions
  @Option(name: .shortAndLong, help: ArgumentHelp("Write to a file instead.", valueName: "file"))
  var output: String?

  var format: AnswerOptions.Format { answer.format }
  var quiet: Bool { answer.quiet }
  var verbose: Bool { answer.verbose }
  func note(_ line: String) { answer.note(line) }
  func warn(_ lines: [String]) { answer.warn(lines) }
  func write(_ text: String) throws(Failure) { try answer.write(text, to: output) }
  func write(_ report: some Report) throws(Failure) { try answer.write(report, to: output) }
}

/// Refuses a path that ``writeFile(_:to:)`` could not write, before minutes are spent on what it is to
/// hold. Nothing is made.
func requireWritable(_ path: String) throws(Failure) {
  var target = path
  switch isFolder(path) {
  case true?: throw Failure(.usage, "cannot write '\(path)': it is a folder")
  case false?: break
  case nil:
    let end = path.lastIndex(of: "/") ?? path.startIndex
    target = end == path.startIndex ? (path.hasPrefix("/") ? "/" : ".") : String(path[..<end])
  }
  guard unsafe access(target, W_OK) == 0 else {
    throw Failure(.usage, "cannot write '\(path)': \(SystemError.last)")
  }
}

/// Writes beside the target and renames, so that a failure leaves the old file whole. A device or a
/// pipe is written to, not replaced.
func writeFile(_ text: String, to path: String) throws(Failure) {
  var status = stat()
  let kind = unsafe stat(path, &status) == 0 ? status.st_mode & S_IFMT : S_IFREG
  if kind == S_IFDIR { throw Failure(.usage, "cannot write '\(path)': it is a folder") }
  do {
    if kind != S_IFREG {
      try OpenFile(path, for: .writing).write(Array(text.utf8))
    } else {
      // A tilde that the shell has left is part of the name; Foundation would look up a user.
      let name = path.hasPrefix("~") ? "./\(path)" : path
      let target = URL(fileURLWithPath: name).resolvingSymlinksInPath()
      try Data(text.utf8).write(to: target, options: .atomic)
    }
  } catch {
    throw Failure(.usage, "cannot write '\(path)': \(systemReason(error))")
  }
}
