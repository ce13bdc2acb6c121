import ArgumentParser
import Foundation
import Measurement
import Quantities
import Reporting

struct ProbeHost: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe", _superCommandName: "boardfit",
    abstract: "Measure what this host can do, and write it as a profile.",
    discussion: """
      Peak arithmetic by dtype and instruction set, bandwidth of each memory level, latency, the \
      cost of starting a job. With -o NAME.yaml the result is a board like any other, in a folder \
      named boards:

        boardfit probe -o boards/my-machine.yaml
        boardfit boards check boards/my-machine.yaml
        boardfit predict model.onnx --board my-machine --profiles .
      """)

  @Option(help: ArgumentHelp("How long it may take.", valueName: "60s"))
  var time = "60s"
  @Option(
    help: ArgumentHelp(
      "Numbers of threads to measure with; by default one and all.", valueName: "1,2,…"))
  var threads: String?
  @OptionGroup(title: "Output options") var outputOptions: OutputOptions

  func validate() throws {
    _ = try duration(time, option: "--time")
    _ = try threadCounts()
    if let path = profilePath, profileName(path) == nil {
      throw ValidationError(
        "-o '\(path)': a board's name is made of a-z, 0-9 and -")
    }
  }

  /// Where the profile goes; other endings take the table.
  private var profilePath: String? {
    outputOptions.output.flatMap { path in
      ["yaml", "yml"].contains(URL(fileURLWithPath: path).pathExtension) ? path : nil
    }
  }

  private func profileName(_ path: String) -> String? {
    let url = URL(fileURLWithPath: path)
    let name = url.deletingPathExtension().lastPathComponent
    let isPlain = name.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") }
    return url.pathExtension == "yaml" && isPlain && !name.isEmpty ? name : nil
  }

  private func threadCounts() throws -> [Int]? {
    guard let threads else { return nil }
    return try threads.split(separator: ",", omittingEmptySubsequences: false).map { part in
      guard let count = Int(part.trimmingCharacters(in: .whitespaces)), (1...1024).contains(count)
      else { throw ValidationError("--threads '\(threads)': '\(part)' is no number of threads") }
      return count
    }
  }

  func run() throws {
    let budget = try duration(time, option: "--time")
    outputOptions.note("probing for about \(time); leave the machine alone")
    let interruption = Interruption()
    let probe = Probe(
      budget: budget, threadCounts: try threadCounts(),
      isStopped: { interruption.isRequested })
    guard let limits = probe.run() else {
      throw Failure(.usage, "\(threads ?? "all") threads cannot be started")
    }
    let load = limits.after.otherLoad(since: limits.before) ?? 0
    if load > 0.1 {
      outputOptions.note(
        "warning: other programs kept \(threeDigits(load)) processors busy: the limits are too low")
    }
    var options = outputOptions
    if let path = profilePath {
      options.output = nil
      let date = ISO8601DateFormatter().string(from: Date())
      try writeFile(
        BoardProfileText(limits: limits, tool: Origin.current.tool, date: date).text, to: path)
    }
    try options.write(ProbeReport(origin: .current, limits: limits))
  }
}
