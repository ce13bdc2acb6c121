public import ArgumentParser
public import CostModel
import Decision
import HardwareModel

extension Precision: ExpressibleByArgument {}

/// How a model is run on a board.
struct DeploymentOptions: ParsableArguments {
  @Option(help: "This runtime, on the units that list it; 'all' tries each.")
  var runtime: String?

  @Option(
    help: ArgumentHelp(
      "Estimate a float model as if converted; 'stored' takes it as the file has it.",
      valueName: "precision"))
  var precision: Precision = .stored

  @Option(help: "Cores at work on a CPU; by default those of its fastest cluster.")
  var threads: Int?

  @Option(help: "The extent of free batch dimensions.")
  var batch: Int?

  @Option(help: ArgumentHelp("The power mode, where a board has it.", valueName: "mode"))
  var powerMode: String?

  func request(boards: [String]) -> DeploymentRequest {
    DeploymentRequest(
      boards: boards, runtime: runtime, powerMode: powerMode, threads: threads,
      precision: precision)
  }
}

extension Catalog {
  /// The deployments of a request; a name that is none ends the run.
  func resolve(_ request: DeploymentRequest) throws(Failure) -> [Deployment] {
    do throws(DeploymentError) {
      return try deployments(for: request)
    } catch {
      switch error {
      case .unknownName: throw Failure(.missingInput, error.description)
      default: throw Failure(.usage, error.description)
      }
    }
  }
}
