import CostModel
import Foundation
import HardwareModel
import ModelIR
import Quantities
import RunImport
import Testing

@testable import Calibration

/// Runs whose operators were timed, on the datasheet's basis.
@Suite struct TimedKernelTests {
  /// A device whose pointwise convolutions take twice what the datasheet says, and all else as long.
  private static func measured(
    _ model: (name: String, estimate: Estimate), byOperator: Bool
  ) -> DeploymentCalibration.Measured {
    let estimate = model.estimate
    let timed = zip(estimate.kernels, estimate.kernelTerms).enumerated()
      .filter { $0.element.0.time > .zero }
      .map { index, kernel in
        TimedKernels(
          kernels: [index], seconds: (kernel.1 == .pointwise ? 2.0 : 1) * kernel.0.time)
      }
    let outside = Seconds(estimate.outsideSeconds[.dispatch])
    return .init(
      model: model.name, file: "f", digest: "", estimate: estimate,
      seconds: timed.reduce(outside) { $0 + $1.seconds }, timedKernels: byOperator ? timed : [])
  }

  private static func calibration(
    _ runs: [DeploymentCalibration.Measured]
  ) throws -> DeploymentCalibration {
    try #require(
      DeploymentCalibration.fitted(
        to: runs, on: try SampleRuns.deployment(), prior: nil, traits: SampleRuns.traits,
        tool: "test", date: "2026-01-01"))
  }

  private static func factor(_ term: CostTerm, _ calibration: DeploymentCalibration) throws
    -> Double
  {
    exp(calibration.logRates[try #require(calibration.terms.firstIndex(of: term))])
  }

  @Test func `operators say which kind of kernel is slow`() throws {
    let models = try SampleRuns.estimates()
    let mobile = try #require(models.first { $0.name == "mobile-net" })
    let told = try Self.calibration([Self.measured(mobile, byOperator: true)])
    let untold = try Self.calibration([Self.measured(mobile, byOperator: false)])
    #expect(try abs(Self.factor(.pointwise, told) - 2) < 0.3)
    #expect(try abs(Self.factor(.depthwise, told) - 1) < 0.25)
    // From the whole alone, all kinds that the model has share the blame.
    #expect(
      try Self.factor(.pointwise, told) / Self.factor(.depthwise, told)
        > 1.2 * Self.factor(.pointwise, untold) / Self.factor(.depthwise, untold))
  }

  @Test func `operators make the prediction of another model better`() throws {
    let models = try SampleRuns.estimates()
    let mobile = try #require(models.first { $0.name == "mobile-net" })
    // Dense convolutions, which are as fast as the datasheet says.
    let dense = try #require(models.first { $0.name == "dense-48" })
    let truth = Self.measured(dense, byOperator: true).seconds
    func error(_ byOperator: Bool) throws -> Double {
      let calibration = try Self.calibration([Self.measured(mobile, byOperator: byOperator)])
      return abs(log(dense.estimate.calibrated(by: calibration).latency.median / truth))
    }
    let (told, untold) = (try error(true), try error(false))
    #expect(told < untold)
  }

  /// Operators of a hundredth of a run that took ten times as long say little of all others.
  @Test func `a kind counts by its share of the run`() {
    typealias Problem = DeploymentCalibration.Problem
    #expect(Problem.kindVariance(share: 1) < Problem.kindVariance(share: 0.1))
    #expect(
      abs(Problem.kindVariance(share: 0.01) / Problem.kindVariance(share: 0.1) - 10) < 1e-9)
    #expect(Problem.kindVariance(share: 1.2) == Problem.kindVariance(share: 1))
  }

  @Test func `what the datasheet leaves open is what runs may move`() throws {
    let estimates = try SampleRuns.estimates().map(\.estimate)
    let belief = try #require(
      DeploymentCalibration.belief(prior: nil, traits: SampleRuns.traits, models: estimates))
    let deviation =
      estimates.reduce(0) { $0 + $1.latency.logDeviation } / Double(estimates.count)
    let place = try #require(CostTerm.kinds.firstIndex(of: .pointwise))
    let other = try #require(CostTerm.kinds.firstIndex(of: .movement))
    let dispatch = try #require(CostTerm.kinds.firstIndex(of: .dispatch))
    #expect(
      abs(belief.covariance[place, place].squareRoot() / deviation - 0.8 * 2.0.squareRoot()) < 1e-9)
    #expect(abs(belief.covariance[place, other].squareRoot() / deviation - 0.8) < 1e-9)
    #expect(belief.covariance[dispatch, dispatch] > 1)
    #expect(DeploymentCalibration.belief(prior: nil, traits: SampleRuns.traits, models: []) == nil)
  }

  /// As ONNX Runtime's profiler writes it, of one warm run of 1000 µs a node; `nodes` are those timed.
  private static func profile(_ nodes: [String]) throws -> ImportedRun {
    var events: [String] = []
    for run in 0..<3 {
      let start = 1_000_000 * run
      events.append(
        #"{"cat":"Session","tid":1,"dur":\#(1000 * nodes.count + 100),"ts":\#(start),"#
          + #""name":"model_run","args":{}}"#)
      for (index, node) in nodes.enumerated() {
        events.append(
          #"{"cat":"Node","tid":1,"dur":1000,"ts":\#(start + 1000 * index),"#
            + #""name":"\#(node)_kernel_time","args":{"op_name":"Conv","node_index":"\#(index)"}}"#)
      }
    }
    let text = "[\(events.joined(separator: ",\n"))]"
    return try #require(try RunFile.read(Array(text.utf8), file: "profile.json").runs.first)
  }

  @Test func `operators of a run are told by the kernels that they are`() throws {
    let mobile = try #require(try SampleRuns.estimates().first { $0.name == "mobile-net" }).estimate
    let steps = mobile.plan.workload.steps
    let timed = mobile.timedKernels(of: try Self.profile(steps.map(\.name)))
    // Each kernel once, with a thousand microseconds for each of its steps.
    #expect(timed.flatMap(\.kernels).sorted() == Array(mobile.kernels.indices))
    for part in timed {
      let own = part.kernels.reduce(0) {
        $0 + (mobile.planned(mobile.kernels[$1])?.steps.count ?? 0)
      }
      #expect(abs(part.seconds.rawValue / (1e-3 * Double(own)) - 1) < 1e-9)
    }
  }

  @Test func `a run whose operators nobody knows counts as a whole`() throws {
    let mobile = try #require(try SampleRuns.estimates().first { $0.name == "mobile-net" }).estimate
    let strangers = (0..<20).map { "stranger\($0)" }
    let name = try #require(mobile.plan.workload.steps.first?.name)
    #expect(mobile.timedKernels(of: try Self.profile([name] + strangers)).isEmpty)
  }
}
