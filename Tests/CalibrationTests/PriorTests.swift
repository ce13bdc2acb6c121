import Calibration
import Foundation
import HardwareModel
import Platform
import Quantities
import Testing

/// Priors learned from devices whose rates are known.
@Suite struct PriorTests {
  static let terms: [CostTerm] = [.pointwise, .depthwise, .elementwise, .dispatch]

  /// Networks in four families with amounts of four terms.
  static let networks: [Network] = {
    var generator = SeededGenerator(seed: 5)
    return (0..<16).map { index in
      var amounts = TermAmounts()
      for term in terms {
        amounts[term] = 1e6 * exp(Double.random(in: -2...2, using: &generator))
      }
      amounts[.dispatch] = Double.random(in: 20...120, using: &generator)
      return Network(name: "net\(index)", family: "family\(index % 4)", amounts: amounts)
    }
  }()

  /// Devices whose rates fall with clock and vectors, and differ by a common factor.
  static let groups: [RunGroup] = {
    var generator = SeededGenerator(seed: 9)
    func spread(_ width: Double) -> Double { Double.random(in: -width...width, using: &generator) }
    return (0..<24).map { device in
      let clock = exp(spread(0.5)) * 1.8
      let macs = [4.0, 8, 16][device % 3]
      let common = spread(0.3)
      let rates = terms.map { term in
        let unit = term == .dispatch ? 1e-5 : term == .elementwise ? 2e-9 : 4e-10
        return unit / clock / (term == .elementwise || term == .dispatch ? 1 : macs / 4)
          * exp(common + spread(0.15))
      }
      var traits = DeviceTraits(
        core: "core\(device % 5)", architecture: .armv8, clock: Hertz(clock * 1e9),
        macsPerCycle: macs, hasFloat16: false, order: .inOrder, threads: 1)
      traits.memoryBandwidth = device % 2 == 0 ? BytesPerSecond(8e9) : nil
      let runs = networks.indices.map { network in
        let seconds = zip(rates, networks[network].amounts.values(of: terms))
          .reduce(0) { $0 + $1.0 * $1.1 }
        return RunGroup.Run(network: network, logSeconds: log(seconds) + spread(0.04))
      }
      return RunGroup(
        device: "device\(device)", label: "device\(device)", traits: traits, runs: runs)
    }
  }()

  static func learned() throws -> Prior {
    try #require(
      Prior.learned(
        from: groups, networks: networks, terms: terms,
        covariates: PriorScope(.cpu).covariates))
  }

  @Test func aFewRunsPredictTheRest() throws {
    let prior = try Self.learned()
    let validation = Validation(
      Self.groups.map { .init(group: $0) }, networks: Self.networks, prior: prior,
      training: Self.groups,
      plan: .init(shots: [0, 3], repeats: 2, holdOut: .device))
    let before = try #require(ErrorSummary(validation.overall[0].points))
    let after = try #require(ErrorSummary(validation.overall[1].points))
    #expect(before.medianError < 0.3)
    #expect(after.medianError < 0.05)
    #expect(after.medianError < before.medianError / 3)
    let scaled = try #require(ErrorSummary(validation.overall[1].scaled))
    #expect(after.medianError < scaled.medianError / 2)
  }

  /// Three runs of sixteen are used: none of them is scored.
  @Test func noRunThatWasSeenIsScored() throws {
    let prior = try Self.learned()
    let validation = Validation(
      [.init(group: Self.groups[0])], networks: Self.networks, prior: prior, training: [],
      plan: .init(shots: [3], repeats: 5))
    #expect(validation.overall[0].points.count == 5 * 13)
    let given = Validation(
      [.init(group: Self.groups[0], calibrationRuns: Array(Self.groups[0].runs.prefix(4)))],
      networks: Self.networks, prior: prior, training: [], plan: .init(shots: [9]))
    #expect(given.overall[0].points.count == 12)
  }

  /// Each of sixteen runs is predicted once by the fifteen others, whatever the draws.
  @Test func leavingOneOutScoresEachRunOnce() throws {
    let prior = try Self.learned()
    let validation = Validation(
      [.init(group: Self.groups[0])], networks: Self.networks, prior: prior, training: [],
      plan: .init(shots: [0, Validation.Plan.allOthers], repeats: 3))
    #expect(validation.overall[0].points.count == 3 * 16)
    #expect(validation.overall[1].points.count == 16)
    let before = try #require(ErrorSummary(validation.overall[0].points))
    let after = try #require(ErrorSummary(validation.overall[1].points))
    #expect(after.medianError < before.medianError)
    var alone = Self.groups[0]
    alone.runs = Array(alone.runs.prefix(1))
    let single = Validation(
      [.init(group: alone)], networks: Self.networks, prior: prior, training: [],
      plan: .init(shots: [Validation.Plan.allOthers]))
    #expect(single.groups.isEmpty)
  }

  @Test func theSameSeedDrawsTheSameRuns() throws {
    let prior = try Self.learned()
    func points(_ seed: UInt64) -> [ErrorSummary.Point] {
      Validation(
        Self.groups.prefix(3).map { .init(group: $0) }, networks: Self.networks, prior: prior,
        training: [], plan: .init(shots: [2], seed: seed)
      ).overall[0].points
    }
    #expect(points(1) == points(1))
    #expect(points(1) != points(2))
  }

  private static func file(of prior: Prior) -> PriorFile {
    PriorFile(
      provenance: .init(
        runtime: "ncnn", unit: .cpu, names: ["ncnn-cpu"], sources: ["made \"up\""],
        command: "test", tool: "test", date: "2026-01-01", deviceCount: 24, groupCount: 24,
        runCount: 384, networkCount: 16, families: [4, 4, 4, 4]), prior: prior)
  }

  /// What is written is read again, and predicts the same.
  @Test func priorsSurviveTheirFile() throws {
    let prior = try Self.learned().withIntervals(
      of: Self.groups, training: Self.groups, networks: Self.networks, upTo: 2)
    #expect(prior.intervalFactors.count == 3)
    let file = Self.file(of: prior)
    let read = try PriorFile(ProfileFile(kind: .prior, name: "p.yaml", text: file.text))
    #expect(read.provenance == file.provenance)
    #expect(
      read.prior.members.map(\.traits.memoryBandwidth)
        == prior.members.map(\.traits.memoryBandwidth))
    let runs = Self.groups[1].runs.prefix(2).map { run in
      DeviceRates.Run(
        amounts: Self.networks[run.network].amounts, logSeconds: run.logSeconds)
    }
    let mine = try #require(DeviceRates(runs, on: Self.groups[1].traits, prior: prior))
    let theirs = try #require(DeviceRates(runs, on: Self.groups[1].traits, prior: read.prior))
    for network in Self.networks {
      let left = mine.predict(network.amounts)
      let right = theirs.predict(network.amounts)
      #expect(abs(left.logSeconds - right.logSeconds) < 1e-3)
      #expect(abs(left.halfWidth - right.halfWidth) < 1e-3)
    }
  }

  /// Of a whole file, one line that begins so is another.
  @Test(arguments: [
    ("noise_variance:", "noise_variance: 0", "noise_variance: must be more than zero"),
    ("  - { name: intercept,", "  - { name: luck, centre: 0 }", "luck"),
    ("unit:", "unit: cpus", "cpus"),
    ("  - { name: ", "  - { name: nonsense, families: 1, scale: 1 }", "nonsense"),
  ])
  func brokenPriorsAreRefusedWithTheirPlace(
    _ start: String, _ line: String, _ reason: String
  ) throws {
    var lines = Self.file(of: try Self.learned()).text.split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(String.init)
    let place = try #require(lines.firstIndex { $0.hasPrefix(start) })
    lines[place] = line
    let text = lines.joined(separator: "\n")
    let error = #expect(throws: ProfileError.self) {
      try PriorFile(ProfileFile(kind: .prior, name: "p.yaml", text: text))
    }
    #expect(error?.description.hasPrefix("p.yaml:\(place + 1):") == true)
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
  }

  /// Advice takes the run that shrinks the asked models' deviation the most, and says by how much.
  @Test func adviceShrinksWhatIsAskedAbout() throws {
    let prior = try Self.learned()
    let expected = try #require(prior.expected(of: Self.groups[2].traits))
    let amounts = Self.networks.map { prior.scaled($0.amounts) }
    let choices = Advice.choices(
      3, among: amounts, for: amounts, rates: expected.mean, covariance: expected.covariance,
      noiseVariances: Array(repeating: prior.noiseVariance, count: amounts.count))
    #expect(choices.count == 3)
    #expect(Set(choices.map(\.candidate)).count == 3)
    #expect(choices.allSatisfy { $0.after < $0.before })
    #expect(choices[1].before >= choices[0].after - 1e-9)
  }
}
