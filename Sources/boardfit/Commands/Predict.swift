import ArgumentParser
import CostModel
import Decision
import HardwareModel
import ModelIR
import Quantities

struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "How long one model takes on one board, and why.")
  @Argument var model: String
  @Option var board: String
  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var profileOptions: ProfileOptions
  @OptionGroup var outputOptions: OutputOptions

  func run() throws {
    let loaded = try LoadedModel(
      model, folders: try? DataFolders.find(), options: try modelOptions.inference())
    let catalog = try profileOptions.catalog(nil)
    var evaluator = Evaluator(loaded.workload, catalog: catalog)
    for d in try catalog.deployments(for: DeploymentRequest(boards: [board])) {
      let e = try evaluator.estimate(on: d)
      print(
        loaded.name, d.label, e.latency.median, e.latency.low, e.latency.high, e.bound, e.memory,
        e.assumptions, "arena", e.plan.arena.size, e.plan.arena.peakLiveBytes)
      if outputOptions.verbose {
        for k in e.kernels {
          let pk = e.plan.kernels[k.kernel]
          print(
            pk.name, pk.operatorName, pk.steps.map { e.plan.workload.steps[$0].op.name },
            pk.kernelClass, k.time, k.bound, pk.macs, k.memoryTraffic,
            pk.contraction.map { "\($0)" } ?? "")
        }
      }
    }
  }
}
