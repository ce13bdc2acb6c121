import ArgumentParser
import Platform

/// The command line: arguments in, exit codes out. Data goes to standard output, talk to standard
/// error.
@main
struct Boardfit: ParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "boardfit",
    abstract: "Does this model meet its deadline, and fit, on this board, and how sure are we?",
    discussion: """
      EXAMPLES:
        boardfit compare resnet-50 --boards all --deadline 20ms --report resnet-50.html
        boardfit predict model.onnx --board raspberry-pi-5 --runtime ncnn --precision int8
        boardfit inspect model.onnx --dim batch=1 --verbose
        boardfit run model.onnx --time 10s --compare-with my-machine
        boardfit boards show jetson-orin-nano-8gb

      EXIT CODES:
        0   done
        1   done, but a requested limit is not met
        64  the command line is wrong
        65  the model or a profile is wrong: the message says where
        66  no such file, model or board
        70  a fault of boardfit itself
      """,
    version: version,
    subcommands: [
      Inspect.self, Predict.self, Compare.self, Run.self, ProbeHost.self, Runs.self, Boards.self,
      Calibrate.self, Advise.self, ValidateRuns.self, Learn.self,
    ])

  /// Before it reads the first argument, ArgumentParser reflects on every command below the one that
  /// it is asked to parse, which takes longer than reading a model. A command that the first argument
  /// names is therefore asked to parse the rest by itself.
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    let named = configuration.subcommands.first {
      $0.configuration.commandName == arguments.first
    }
    let root = named ?? Self.self
    do {
      var command = try root.parseAsRoot(named == nil ? arguments : Array(arguments.dropFirst()))
      try command.run()
    } catch let failure as Failure {
      Console.error("boardfit: \(failure.message)")
      Platform.exit(failure.code.rawValue)
    } catch {
      // ArgumentParser's own errors: help, version, validation (exit code 64).
      root.exit(withError: error)
    }
  }
}
