import CostModel
import Foundation
import TestSupport
import Testing

@testable import Calibration

/// Which model to measure next on a deployment.
@Suite struct AdviceTests {
  private typealias Named = (name: String, estimate: Estimate)

  private func advice(
    _ candidates: [Named], for targets: [Named], after runs: [Named] = [], prior: Prior? = nil
  ) -> [(name: String, choice: Advice.Choice)] {
    DeploymentCalibration.advice(
      2, among: candidates.map(\.estimate), for: targets.map(\.estimate),
      after: SampleRuns.runs(runs), prior: prior, traits: SampleRuns.traits
    ).map { (candidates[$0.candidate].name, $0) }
  }

  @Test(arguments: [false, true])
  func `each measurement shrinks what is asked about`(_ hasPrior: Bool) throws {
    let all = try SampleRuns.estimates()
    let choices = advice(
      Array(all.dropFirst()), for: [all[0]], prior: hasPrior ? SampleRuns.prior() : nil)
    #expect(choices.count == 2)
    #expect(choices.allSatisfy { $0.choice.after < $0.choice.before })
    #expect(abs(choices[1].choice.before - choices[0].choice.after) < 1e-9)
  }

  /// The first choice leaves no more open than any other candidate by itself.
  @Test func `the first choice is the best of all`() throws {
    let all = try SampleRuns.estimates()
    for target in all {
      let best = try #require(advice(all, for: [target]).first)
      for candidate in all {
        let alone = try #require(advice([candidate], for: [target]).first)
        #expect(best.choice.after <= alone.choice.after + 1e-12, "\(candidate.name)")
      }
    }
  }

  /// No draw is behind it, and the order of the candidates does not matter.
  @Test func `advice depends on no order and no seed`() throws {
    let all = try SampleRuns.estimates()
    let forward = advice(all, for: all).map(\.name)
    #expect(advice(all, for: all).map(\.name) == forward)
    #expect(advice(all.reversed(), for: all).map(\.name) == forward)
  }

  @Test func `runs that are there leave less to learn`() throws {
    let all = try SampleRuns.estimates()
    let fresh = try #require(advice([all[1]], for: [all[0]]).first)
    let later = try #require(advice([all[1]], for: [all[0]], after: [all[2], all[3]]).first)
    #expect(later.choice.before < fresh.choice.before)
  }

  /// Advised draws are the same for every seed; random ones are not.
  @Test func `advised validation does not depend on the seed`() throws {
    let prior = try PriorTests.learned()
    func errors(_ seed: UInt64, isAdvised: Bool) -> [Double] {
      Validation(
        PriorTests.groups.prefix(3).map { .init(group: $0) }, networks: PriorTests.networks,
        prior: prior, training: [], plan: .init(shots: [2], seed: seed, isAdvised: isAdvised)
      ).overall[0].points.map(\.logError).sorted()
    }
    let first = errors(1, isAdvised: true)
    let second = errors(2, isAdvised: true)
    #expect(first.count == second.count && !first.isEmpty)
    #expect(zip(first, second).allSatisfy { abs($0 - $1) < 1e-9 })
    #expect(errors(1, isAdvised: false) != errors(2, isAdvised: false))
  }
}
