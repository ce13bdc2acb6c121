import CostModel
import Foundation
import HardwareModel
import Platform
import Quantities
import Testing

@testable import Calibration

/// The file of a calibration: what is written is read, and nothing else is.
@Suite struct CalibrationFileTests {
  private func calibration(prior: Prior? = nil) throws -> DeploymentCalibration {
    try #require(
      DeploymentCalibration.fitted(
        to: SampleRuns.runs(try SampleRuns.estimates()), on: try SampleRuns.deployment(),
        prior: prior, traits: SampleRuns.traits, tool: "boardfit \"test\"", date: "2026-01-01"))
  }

  private func read(_ text: String) throws -> DeploymentCalibration {
    try DeploymentCalibration(ProfileFile(kind: .calibration, name: "c.yaml", text: text))
  }

  private func known() throws -> Prior {
    let amounts = try #require(try SampleRuns.estimates().first).estimate.plan.termAmounts
    return SampleRuns.prior(knowing: [
      .init(name: "a \"b\" \\c", fingerprint: amounts.fingerprint, offset: -0.1, variance: 0.002)
    ])
  }

  @Test(arguments: [false, true])
  func `what is written is read again and predicts the same`(_ hasPrior: Bool) throws {
    let written = try calibration(prior: hasPrior ? try known() : nil)
    let again = try read(written.text)
    #expect(again.key == written.key)
    #expect(again.basis == written.basis)
    #expect(again.terms == written.terms)
    #expect(again.networks.map(\.name) == written.networks.map(\.name))
    #expect(again.runs.map(\.model) == written.runs.map(\.model))
    #expect(again.runs.map(\.file) == written.runs.map(\.file))
    #expect(again.tool == written.tool)
    #expect(again.identifiedTerms == written.identifiedTerms)
    #expect(again.text == (try read(again.text)).text)
    for (name, estimate) in try SampleRuns.estimates() {
      let mine = estimate.calibrated(by: written).latency
      let theirs = estimate.calibrated(by: again).latency
      #expect(abs(theirs.median / mine.median - 1) < 1e-3, "\(name)")
      #expect(abs(theirs.high / mine.high - 1) < 1e-2, "\(name)")
    }
  }

  @Test(arguments: [
    ("basis: datasheet", "basis: hearsay", "hearsay"),
    ("schema: 1", "schema: 1\ncolour: red", "colour"),
    ("threads: 4", "threads: 0", "threads"),
    ("threads: 4", "threads: 4\nthreads: 4", "threads"),
    ("name: pointwise,", "name: nonsense,", "nonsense"),
    ("name: pointwise,", "name: spatial,", "stands twice"),
    ("name: pointwise,", "name: pointwise, colour: red,", "colour"),
    ("noise_variance: 0.0025", "noise_variance: 0", "noise_variance"),
    ("noise_variance: 0.0025", "noise_variance: .nan", "noise_variance"),
    ("model_variance: 0.01", "model_variance: -1", "model_variance"),
    ("covariance:\n", "covariance:\n  - [1]\n", "covariance"),
    ("    measured: ", "    measured: 1 MB # ", "measured"),
    ("    measured: ", "    measured: 1.5 # ", "measured"),
    ("    measured: ", "    measured: -1 s # ", "measured"),
  ])
  func `what is no calibration is refused with its place`(
    _ old: String, _ new: String, _ reason: String
  ) throws {
    let text = try calibration().text
    let place = try #require(text.range(of: old), "\(old)")
    let broken = text.replacingCharacters(in: place, with: new)
    let error = #expect(throws: ProfileError.self) { try read(broken) }
    #expect(error?.file == "c.yaml")
    #expect((error?.line ?? 0) > 0)
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
  }

  /// Every beginning of a file: an error or, where only the last run lost digits of its hash or a
  /// unit's letters are whole again, a calibration; never a trap.
  @Test func `a file cut at any byte is no trap`() throws {
    let bytes = Array(try calibration(prior: try known()).text.utf8)
    var refused = 0
    for count in stride(from: 0, to: bytes.count, by: bytes.count > 6000 ? 7 : 1) {
      do {
        _ = try read(String(decoding: bytes.prefix(count), as: UTF8.self))
      } catch is ProfileError {
        refused += 1
      }
    }
    #expect(refused > 0)
    // All runs but the first character of `left_out` must stand: nothing shorter is whole.
    let last = try #require(
      String(decoding: bytes, as: UTF8.self).range(of: "    left_out:", options: .backwards))
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(throws: ProfileError.self) { try read(String(text[..<last.lowerBound])) }
  }

  @Test func `changed bytes are an error or a calibration`() throws {
    let bytes = Array(try calibration().text.utf8)
    var generator = SeededGenerator(seed: 11)
    for _ in 0..<400 {
      var changed = bytes
      for _ in 0..<3 {
        changed[Int.random(in: changed.indices, using: &generator)] = UInt8.random(
          in: 0...255, using: &generator)
      }
      do {
        let read = try read(String(decoding: changed, as: UTF8.self))
        #expect(read.covariance.rows == read.terms.count)
      } catch is ProfileError {}
    }
  }
}
