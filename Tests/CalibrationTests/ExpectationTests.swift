import CostModel
import Foundation
import HardwareModel
import Quantities
import Testing

@testable import Calibration

/// Predictions that rest on a prior: without any run, and of networks that it knows.
@Suite struct ExpectationTests {
  private func expected(_ prior: Prior) throws -> DeploymentCalibration {
    try #require(
      DeploymentCalibration.expected(
        on: try SampleRuns.deployment(),
        prior: PriorFile(provenance: SampleRuns.provenance, prior: prior),
        traits: SampleRuns.traits))
  }

  @Test func `without a run, time and interval are the prior's`() throws {
    let prior = SampleRuns.prior()
    let expectation = try expected(prior)
    for (name, estimate) in try SampleRuns.estimates() {
      let prediction = try #require(
        DeviceRates([], on: SampleRuns.traits, prior: prior)?.predict(estimate.plan.termAmounts))
      let answer = estimate.expected(
        by: expectation, traits: SampleRuns.traits, source: SampleRuns.provenance)
      let latency = answer.latency
      #expect(abs(log(latency.median.rawValue) - prediction.logSeconds) < 1e-9, "\(name)")
      #expect(abs(log(latency.high / latency.median) - prediction.halfWidth) < 1e-6, "\(name)")
      #expect(answer.basis == .derived)
      #expect(answer.assumptions.first?.contains("345 published runs") == true)
      let sum = answer.kernels.reduce(Seconds.zero) { $0 + $1.time }
      #expect(abs(sum / latency.median - 1) < 1e-9, "\(name)")
    }
  }

  @Test func `what was assumed of the cores makes the answer an estimated one and is told`() throws
  {
    var traits = SampleRuns.traits
    traits.assumptions = ["the clock is unknown"]
    let estimate = try #require(try SampleRuns.estimates().first).estimate
    let answer = estimate.expected(
      by: try expected(SampleRuns.prior()), traits: traits, source: SampleRuns.provenance)
    #expect(answer.basis == .estimated)
    #expect(answer.assumptions.contains("the clock is unknown"))
  }

  /// The sample networks convolve; without a rate for that, they are no cheaper.
  @Test func `work without a rate leaves the datasheet's answer`() throws {
    var expectation = try expected(SampleRuns.prior())
    let dispatch = try #require(expectation.terms.firstIndex(of: .dispatch))
    expectation.terms = [.dispatch]
    expectation.scales = [expectation.scales[dispatch]]
    expectation.logRates = [expectation.logRates[dispatch]]
    expectation.covariance = Matrix(diagonal: [0.1])
    let estimate = try #require(try SampleRuns.estimates().first).estimate
    let answer = estimate.expected(
      by: expectation, traits: SampleRuns.traits, source: SampleRuns.provenance)
    #expect(answer.latency == estimate.latency)
    #expect(answer.assumptions == estimate.assumptions)
  }

  /// By amounts and not by name: one multiply-accumulate more is another network.
  @Test func `a network is known by its graph`() throws {
    let estimates = try SampleRuns.estimates()
    let amounts = estimates[0].estimate.plan.termAmounts
    let known = Prior.NetworkOffset(
      name: "some other name", fingerprint: amounts.fingerprint, offset: 0.25, variance: 0.001)
    let prior = SampleRuns.prior(knowing: [known])
    #expect(prior.offset(of: amounts).value == 0.25)
    var other = amounts
    other[.pointwise] += 1
    #expect(prior.offset(of: other).value == 0)
    #expect(prior.offset(of: other).variance > 0.03)
  }

  @Test func `a known network's offset moves its prediction and narrows it`() throws {
    let estimate = try #require(try SampleRuns.estimates().first).estimate
    let known = Prior.NetworkOffset(
      name: "mobile", fingerprint: estimate.plan.termAmounts.fingerprint, offset: 0.25,
      variance: 0.001)
    func answer(_ prior: Prior) throws -> Estimate {
      estimate.expected(
        by: try expected(prior), traits: SampleRuns.traits, source: SampleRuns.provenance)
    }
    let stranger = try answer(SampleRuns.prior())
    let acquainted = try answer(SampleRuns.prior(knowing: [known]))
    #expect(abs(log(acquainted.latency.median / stranger.latency.median) - 0.25) < 1e-9)
    #expect(
      acquainted.latency.high / acquainted.latency.low
        < stranger.latency.high / stranger.latency.low)
    let sum = acquainted.kernels.reduce(Seconds.zero) { $0 + $1.time }
    #expect(abs(sum / acquainted.latency.median - 1) < 1e-9)
  }

  /// A run of a network that takes 1.28 times what its terms say teaches nothing of the rates when that
  /// is known of it, and that the device is slow when it is not.
  @Test func `a run of a known network is corrected before it teaches`() throws {
    let estimate = try #require(try SampleRuns.estimates().first)
    let known = Prior.NetworkOffset(
      name: "mobile", fingerprint: estimate.estimate.plan.termAmounts.fingerprint, offset: 0.25,
      variance: 1e-6)
    let usual = try #require(
      DeviceRates([], on: SampleRuns.traits, prior: SampleRuns.prior())?
        .predict(estimate.estimate.plan.termAmounts)
    ).logSeconds
    let run = DeploymentCalibration.Measured(
      model: "m", file: "f", digest: "", estimate: estimate.estimate,
      seconds: Seconds(exp(usual + 0.25)))
    func rates(_ prior: Prior) throws -> [Double] {
      try #require(
        DeploymentCalibration.fitted(
          to: [run], on: try SampleRuns.deployment(), prior: prior, traits: SampleRuns.traits,
          tool: "test", date: "2026-01-01")
      ).logRates
    }
    let before = try expected(SampleRuns.prior()).logRates
    let aware = try rates(SampleRuns.prior(knowing: [known]))
    let unaware = try rates(SampleRuns.prior())
    func shift(_ rates: [Double]) -> Double { zip(rates, before).reduce(0) { $0 + $1.0 - $1.1 } }
    #expect(abs(shift(aware)) < 0.01)
    #expect(shift(unaware) > 0.5)
  }

  /// ``PriorLibrary`` asks for a prior by its file's name before it reads any.
  @Test func `each bundled prior is named after its runtime and unit`() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("HardwareProfiles/priors")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      // Priors of kinds of units predict no board: UnitClassTests has theirs.
      .filter {
        $0.hasSuffix(".yaml") && !$0.hasPrefix("any-")
          && !["cores.yaml", "models.yaml"].contains($0)
      }
    #expect(!names.isEmpty)
    for name in names {
      let prior = try PriorFile(
        ProfileFile(kind: .prior, path: folder.appendingPathComponent(name).path))
      #expect(name == "\(prior.provenance.runtime)-\(prior.provenance.unit.rawValue).yaml")
      let served = prior.provenance.scope.terms.filter { prior.prior.servesInt8 || $0.inFloat }
      #expect(Set(prior.prior.terms) == Set(served), "\(name) leaves work without a rate")
    }
  }
}

extension CostTerm {
  /// Whether a network in floats has some of it.
  fileprivate var inFloat: Bool {
    !CostTerm.allCases.contains { $0 != self && $0.inInt8 == self }
  }
}
