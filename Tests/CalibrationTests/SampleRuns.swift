import CostModel
import Foundation
import HardwareModel
import ModelIR
import Quantities
import TestSupport
import Testing

@testable import Calibration

/// Networks on the sample computer, and made-up runs of them.
enum SampleRuns {
  static let traits = DeviceTraits(
    core: "Cortex-A76", architecture: .armv8, clock: Hertz(2.4e9), macsPerCycle: 8,
    hasFloat16: true, order: .outOfOrder, threads: 4)

  static func deployment() throws -> Deployment {
    let board = SampleBoards.computer
    return Deployment(
      board: board, unit: try #require(board.units.first),
      runtime: try #require(SampleBoards.runtimes.first), fallback: nil,
      powerMode: try #require(board.powerModes.first), threads: 4, precision: .stored)
  }

  /// Of two designs, each with a few widths, so that terms can be told apart.
  static func workloads() throws -> [(name: String, workload: Workload)] {
    var found: [(name: String, workload: Workload)] = [
      ("mobile-net", try SampleComparison.mobileNetwork()),
      ("tiny-net", try SampleComparison.tinyNetwork()),
    ]
    for channels in [16, 48, 96] {
      var net = SampleGraph("dense-\(channels)", channels: 3, extent: 112)
      net.convolution("stem", channels: channels, kernel: 3, stride: 2)
      for block in 1...3 {
        net.convolution("block\(block)", channels: channels, kernel: 3)
        net.activate("block\(block).relu")
      }
      net.classify("classifier", classes: 1000)
      found.append(("dense-\(channels)", try net.workload()))
    }
    return found
  }

  static func estimates() throws -> [(name: String, estimate: Estimate)] {
    let deployment = try deployment()
    return try workloads().map { name, workload in
      var evaluator = Evaluator(workload, catalog: SampleBoards.catalog)
      return (name, try evaluator.estimate(on: deployment))
    }
  }

  /// Runs that take `factor` times what the datasheet predicts.
  static func runs(
    _ estimates: [(name: String, estimate: Estimate)], factor: Double = 1.7
  ) -> [DeploymentCalibration.Measured] {
    estimates.map {
      .init(
        model: $0.name, file: "runs \"of\" \($0.name).jsonl", digest: "5a5a", estimate: $0.estimate,
        seconds: Seconds(factor * $0.estimate.latency.median.rawValue))
    }
  }

  /// A prior of every term: a device of four multiply-accumulates a cycle, with the expected ratios.
  static func prior(knowing networks: [Prior.NetworkOffset] = []) -> Prior {
    let terms = CostTerm.allCases
    let count = terms.count
    return Prior(
      terms: terms, scales: Array(repeating: 1e6, count: count), covariates: [.intercept],
      centres: [0],
      coefficients: Matrix(
        terms.map { [log(1e6 * $0.expectedRatio / (4 * 2.4e9 * 4))] }),
      coefficientCovariance: Matrix(rows: count, columns: count),
      covariance: Matrix(diagonal: Array(repeating: 0.1, count: count))
        + Matrix(rows: count, columns: count, repeating: 0.2),
      noiseVariance: 0.004, offsets: networks, members: [], settings: LearningSettings(),
      intervalFactors: [2, 1.9])
  }

  static let provenance = PriorFile.Provenance(
    runtime: "sample-lite", unit: .cpu, names: ["sample"], sources: [], command: "", tool: "test",
    date: "2026-01-01", deviceCount: 12, groupCount: 30, runCount: 345, networkCount: 9,
    families: [])
}
