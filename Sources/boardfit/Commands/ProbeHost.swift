import ArgumentParser
import HardwareModel
import Measurement
import OperatorBenchmarks
import Platform
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

      With --operators it times every operator by itself instead, over a range of shapes and dtypes: \
      a fixed cost, and a time for each multiply-accumulate, element or byte.

        boardfit probe --operators -o operators/my-machine.yaml
      """)

  @Flag(help: "Time every operator by itself instead, on one thread or as many as --threads says.")
  var operators = false

  @Option(
    help: ArgumentHelp(
      "How long it may take: 60s, or 150s for operators, where nothing is said.",
      valueName: "duration"))
  var time: String?
  @Option(
    help: ArgumentHelp(
      "Numbers of threads to measure with; by default one and all.", valueName: "1,2,…"))
  var threads: String?
  @OptionGroup(title: "Output options") var outputOptions: OutputOptions

  private var budgetText: String { time ?? (operators ? "150s" : "60s") }

  func validate() throws {
    _ = try duration(budgetText, option: "--time")
    let counts = try threadCounts()
    if operators, let counts, counts.count > 1 {
      throw ValidationError("--operators takes one number of threads, not \(counts.count)")
    }
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
      guard let count = Int(part.trimmed), (1...1024).contains(count)
      else { throw ValidationError("--threads '\(threads)': '\(part)' is no number of threads") }
      return count
    }
  }

  func run() throws {
    let budget = try duration(budgetText, option: "--time")
    if let path = outputOptions.output { try requireWritable(path) }
    outputOptions.note("probing for about \(budgetText); leave the machine alone")
    let interruption = Interruption()
    if operators { return try timeOperators(budget, interruption) }
    let probe = Probe(
      budget: budget, threadCounts: try threadCounts(),
      isStopped: { interruption.isRequested })
    guard let limits = probe.run() else {
      throw Failure(.usage, "\(threads ?? "all") threads cannot be started")
    }
    warnOfLoad(limits.before, limits.after, "the limits are too low")
    var options = outputOptions
    if let path = profilePath {
      options.output = nil
      let date = Date().formatted(.iso8601)
      try writeFile(
        BoardProfileText(limits: limits, tool: Origin.current.tool, date: date).text, to: path)
    }
    try options.write(ProbeReport(origin: .current, limits: limits))
  }
  private func warnOfLoad(
    _ before: HostConditions, _ after: HostConditions, _ consequence: String
  ) {
    let load = after.otherLoad(since: before) ?? 0
    guard load > 0.1 else { return }
    outputOptions.note(
      "warning: other programs kept \(threeDigits(load)) processors busy: \(consequence)")
  }

  private func timeOperators(_ budget: Duration, _ interruption: Interruption) throws {
    let threads = try threadCounts()?.first ?? 1
    let probe = OperatorProbe(
      budget: budget, threads: threads, isStopped: { interruption.isRequested })
    let outcome: OperatorProbe.Outcome?
    do throws(OperatorBenchmarkError) {
      outcome = try probe.run()
    } catch {
      throw Failure(.internalFault, error.description)
    }
    guard let outcome else {
      throw Failure(.limitNotMet, "stopped before every operator was timed")
    }
    warnOfLoad(outcome.before, outcome.after, "the times may be too long")
    var options = outputOptions
    if profilePath != nil { options.output = nil }
    let date = Date().formatted(.iso8601)
    let costs = OperatorCosts(
      id: profilePath.flatMap(profileName) ?? "",
      source: "\(Origin.current.tool) probe --operators, \(date): each operator by itself, warm "
        + "caches, medians of two passes over the catalogue",
      host: OperatorCosts.Host(
        processor: outcome.host.processor, instructionSet: outcome.host.instructionSet,
        threads: threads, clock: max(outcome.before.clock, outcome.after.clock),
        otherLoad: outcome.after.otherLoad(since: outcome.before) ?? 0),
      rows: outcome.costs)
    if let profilePath { try writeFile(OperatorCostsText(costs).text, to: profilePath) }
    try options.write(
      OperatorCostReport(
        origin: .current, costs: costs, host: outcome.host, before: outcome.before,
        after: outcome.after, elapsed: outcome.elapsed))
  }
}
