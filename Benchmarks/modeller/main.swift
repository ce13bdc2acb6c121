// Throughput of the modeller, on one core: how many operators it predicts on a board in a second,
// and how long planning, inference and profile loading take. Prints medians; asserts nothing.
//
//   swift run -c release modeller-benchmark [PACKAGE_ROOT]

import CostModel
import Decision
import HardwareModel
import ModelIR
import ModelImport
import Platform
import Quantities

let root = CommandLine.arguments.dropFirst().first ?? FileManager.default.currentDirectoryPath
let clock = ContinuousClock()

/// The median duration of `rounds` runs, in seconds.
func median(_ rounds: Int, _ body: () throws -> Void) rethrows -> Double {
  var samples: [Double] = []
  for _ in 0..<rounds {
    samples.append(Seconds(try clock.measure(body)).rawValue)
  }
  return samples.sorted()[rounds / 2]
}

func milliseconds(_ seconds: Double) -> String { fixed(seconds * 1e3, decimals: 3) }

let catalog = try Catalog.load(directories: ["\(root)/HardwareProfiles"])
let loading = try median(11) { _ = try Catalog.load(directories: ["\(root)/HardwareProfiles"]) }
let deployments = try catalog.deployments(for: DeploymentRequest())
print(
  "\(catalog.boards.count) boards, \(catalog.runtimes.count) runtimes, "
    + "\(deployments.count) deployments; profiles load in \(milliseconds(loading)) ms\n")

print(
  "| model | steps | import + infer [ms] | plan all runtimes [ms] | estimate all [ms] | operator estimates/s |"
)
print("|:--|--:|--:|--:|--:|--:|")
let folder = "\(root)/ModelGraphs"
var totalEstimates = 0.0
var totalSeconds = 0.0
for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
  let path = "\(folder)/\(name)/\(name).onnx"
  guard FileManager.default.fileExists(atPath: path) else { continue }
  let reading = try median(5) { _ = try importModel(at: path).graph.inferred().workload() }
  let workload = try importModel(at: path).graph.inferred().workload()

  let planning = median(5) {
    var evaluator = Evaluator(workload, catalog: catalog)
    for deployment in deployments { _ = try? evaluator.estimate(on: deployment) }
  }
  var evaluator = Evaluator(workload, catalog: catalog)
  var answered = 0
  for deployment in deployments where (try? evaluator.estimate(on: deployment)) != nil {
    answered += 1
  }
  let estimating = median(21) {
    for deployment in deployments { _ = try? evaluator.estimate(on: deployment) }
  }
  let estimates = Double(workload.steps.count * answered)
  totalEstimates += estimates
  totalSeconds += estimating
  print(
    "| \(name) | \(workload.steps.count) | \(milliseconds(reading)) "
      + "| \(milliseconds(planning - estimating)) | \(milliseconds(estimating)) "
      + "| \(Int(estimates / estimating)) |")
}
print("\nall models: \(Int(totalEstimates / totalSeconds)) operator estimates a second on one core")
