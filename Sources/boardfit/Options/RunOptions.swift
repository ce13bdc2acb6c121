public import ArgumentParser
import Measurement
import Platform
import Quantities
public import ReferenceExecutor

extension ExecutionOptions.Kernels: ExpressibleByArgument {}

/// How a model is run here, and how often.
struct RunOptions: ParsableArguments {
  @Option(help: "Threads, the caller included.")
  var threads = 1

  @Option(
    help: ArgumentHelp("Pin each thread to a processor, one for each.", valueName: "0,1,…"))
  var pin: String?

  @Option(help: ArgumentHelp("Take this many samples.", valueName: "n"))
  var runs: Int?

  @Option(
    help: ArgumentHelp("Take samples for this long; 3s unless --runs is given.", valueName: "10s"))
  var time: String?

  @Option(help: ArgumentHelp("Runs after the first that do not count.", valueName: "n"))
  var warmup = 1

  @Flag(help: "Empty the caches before each run.")
  var cold = false

  @Option(help: "Kernels to run: 'tuned', or 'reference', which defines the operators.")
  var kernels = ExecutionOptions.Kernels.tuned

  @Option(help: "Seeds inputs that are not given, and weights that the model comes without.")
  var seed: UInt64 = 1

  func validate() throws {
    _ = try plan()
    _ = try execution()
  }

  func plan() throws -> RunPlan {
    guard runs == nil || time == nil else {
      throw ValidationError("--runs and --time exclude each other")
    }
    guard (0...1_000_000).contains(warmup) else {
      throw ValidationError("--warmup '\(warmup)': expected 0 to 1000000")
    }
    var length = RunPlan.Length.time(.seconds(3))
    if let runs {
      guard (1...10_000_000).contains(runs) else {
        throw ValidationError("--runs '\(runs)': expected 1 to 10000000")
      }
      length = .runs(runs)
    }
    if let time { length = .time(try duration(time, option: "--time")) }
    return RunPlan(length: length, warmupRuns: warmup, isCold: cold)
  }

  func execution() throws -> ExecutionOptions {
    guard (1...1024).contains(threads) else {
      throw ValidationError("--threads '\(threads)': expected 1 to 1024")
    }
    var processors: [Int] = []
    for part in (pin ?? "").split(separator: ",", omittingEmptySubsequences: pin == nil) {
      guard let processor = Int(part.trimmed),
        (0..<ProcessInfo.processInfo.processorCount).contains(processor)
      else { throw ValidationError("--pin '\(pin ?? "")': '\(part)' is no processor of this host") }
      processors.append(processor)
    }
    guard processors.isEmpty || processors.count == threads else {
      throw ValidationError(
        "--pin '\(pin ?? "")': \(processors.count) processors for \(threads) threads")
    }
    return ExecutionOptions(
      kernels: kernels, threads: threads, processors: processors, seed: seed)
  }
}

/// A positive time of at most a day.
func duration(_ text: String, option: String) throws -> Duration {
  do throws(QuantityError) {
    let time = try Seconds(parsing: text)
    guard time > .zero, time <= Seconds(86_400) else {
      throw QuantityError.outOfRange(text)
    }
    return .seconds(time.rawValue)
  } catch {
    throw ValidationError("\(option) '\(text)': \(error)")
  }
}
