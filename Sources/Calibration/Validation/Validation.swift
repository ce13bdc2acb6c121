import Dispatch
import Platform
import Synchronization

/// The scoreboard: what a prior and a few runs of a device predict of the runs not used.
public struct Validation: Sendable {
  /// What is left out of the prior before it is scored.
  public enum HoldOut: String, Sendable, Hashable, CaseIterable {
    /// Nothing: the prior is used as it is.
    case none
    /// All groups of the scored group's device.
    case device
    /// All networks of the scored network's family, and the device's fold.
    case family
    /// All networks that hold an operator which the scored network holds, and the device's fold.
    case `operator`
  }

  public struct Plan: Sendable, Hashable {
    /// Runs drawn for calibration, one scoreboard a count; a group of fewer gives what it has. A
    /// larger draw holds the smaller ones of the same repeat. ``allOthers`` leaves one run out at a
    /// time and draws nothing.
    public var shots: [Int]
    public static let allOthers = Int.max
    /// Draws of each group.
    public var repeats: Int
    public var seed: UInt64
    public var holdOut: HoldOut
    /// Whether runs are those that advice chooses, instead of random ones.
    public var isAdvised: Bool
    public init(
      shots: [Int], repeats: Int = 1, seed: UInt64 = 1, holdOut: HoldOut = .none,
      isAdvised: Bool = false
    ) {
      self.shots = shots
      self.repeats = repeats
      self.seed = seed
      self.holdOut = holdOut
      self.isAdvised = isAdvised
    }
  }

  /// A group to score, and the runs that calibrate it where they come from elsewhere.
  public struct Subject: Sendable, Hashable {
    public var group: RunGroup
    /// `nil` draws from the group's own runs; a run that was drawn is never scored.
    public var calibrationRuns: [RunGroup.Run]?
    public init(group: RunGroup, calibrationRuns: [RunGroup.Run]? = nil) {
      self.group = group
      self.calibrationRuns = calibrationRuns
    }
  }

  /// The points of one way to predict.
  public struct Score: Sendable, Hashable {
    public var points: [ErrorSummary.Point] = []
    /// One scale factor over the datasheet roofline, from the same runs; empty without a run.
    public var scaled: [ErrorSummary.Point] = []
    /// The datasheet roofline itself.
    public var roofline: [ErrorSummary.Point] = []

    mutating func add(_ other: Score) {
      points += other.points
      scaled += other.scaled
      roofline += other.roofline
    }
  }

  public struct GroupScore: Sendable, Hashable {
    public var device: String
    public var label: String
    /// One a count of shots.
    public var scores: [Score]
  }

  public let plan: Plan
  public let networks: [Network]
  public private(set) var groups: [GroupScore] = []

  /// Over all groups, one a count of shots.
  public var overall: [Score] {
    plan.shots.indices.map { shot in
      groups.reduce(into: Score()) { $0.add($1.scores[shot]) }
    }
  }

  /// Scores subjects.
  ///
  /// `training` and `settings` are what held-out priors are learned from; `operators` are the
  /// operators that each network holds, for ``HoldOut/operator``.
  public init(
    _ subjects: [Subject], networks: [Network], prior: Prior, training: [RunGroup], plan: Plan,
    operators: [Set<String>] = []
  ) {
    self.plan = plan
    self.networks = networks
    let jobs = Self.jobs(
      subjects, networks: networks, plan: plan, operators: operators)
    let results = Mutex([(subject: Int, scores: [Score])]())
    DispatchQueue.concurrentPerform(iterations: jobs.count) { index in
      let job = jobs[index]
      guard let held = job.prior(prior, training: training, networks: networks) else { return }
      var found: [(subject: Int, scores: [Score])] = []
      for subject in job.subjects {
        let scores = Self.scores(
          subjects[subject], index: subject, networks: networks, prior: held, plan: plan,
          scored: job.networks)
        found.append((subject, scores))
      }
      results.withLock { [found] in $0 += found }
    }
    let sorted = results.withLock { $0 }.sorted { $0.subject < $1.subject }
    for (index, subject) in subjects.enumerated() {
      var group = GroupScore(
        device: subject.group.device, label: subject.group.label,
        scores: Array(repeating: Score(), count: plan.shots.count))
      for result in sorted where result.subject == index {
        for shot in result.scores.indices { group.scores[shot].add(result.scores[shot]) }
      }
      if group.scores.contains(where: { !$0.points.isEmpty }) { groups.append(group) }
    }
  }

  // MARK: Folds

  /// One held-out prior and what is scored with it.
  private struct Job: Sendable {
    var devices: Set<String> = []
    /// Networks left out of learning and of calibration, and the only ones scored; `nil` is none.
    var networks: Set<Int>?
    var subjects: [Int]

    func prior(_ whole: Prior, training: [RunGroup], networks all: [Network]) -> Prior? {
      guard !devices.isEmpty || networks != nil else { return whole }
      let groups = training.filter { !devices.contains($0.device) }.map { group in
        var group = group
        if let networks { group.runs.removeAll { networks.contains($0.network) } }
        return group
      }
      var prior = Prior.learned(
        from: groups, networks: all, terms: whole.terms, covariates: whole.covariates,
        settings: whole.settings)
      prior?.intervalFactors = whole.intervalFactors
      return prior
    }
  }

  private static func jobs(
    _ subjects: [Subject], networks: [Network], plan: Plan, operators: [Set<String>]
  ) -> [Job] {
    let devices = Array(Set(subjects.map(\.group.device))).sorted()
    func indices(of devices: Set<String>) -> [Int] {
      subjects.indices.filter { devices.contains(subjects[$0].group.device) }
    }
    /// Each set of networks with a sixth of the devices at a time.
    func folds(_ held: [Set<Int>]) -> [Job] {
      var shuffled = devices
      var generator = SeededGenerator(seed: plan.seed)
      shuffled.shuffle(using: &generator)
      let count = min(6, max(1, shuffled.count))
      return held.flatMap { networks in
        (0..<count).map { fold in
          let part = Set(shuffled.indices.filter { $0 % count == fold }.map { shuffled[$0] })
          return Job(devices: part, networks: networks, subjects: indices(of: part))
        }
      }
    }
    switch plan.holdOut {
    case .none:
      return subjects.indices.map { Job(subjects: [$0]) }
    case .device:
      return devices.map { Job(devices: [$0], subjects: indices(of: [$0])) }
    case .family:
      let families = Dictionary(grouping: networks.indices, by: { networks[$0].family })
      return folds(families.keys.sorted().map { Set(families[$0] ?? []) })
    case .operator:
      var holders: [String: Set<Int>] = [:]
      for (network, names) in operators.enumerated() {
        for name in names { holders[name, default: []].insert(network) }
      }
      // Operators that the same networks hold are one case.
      let sets = Set(holders.values.filter { !$0.isEmpty && 2 * $0.count <= networks.count })
      return folds(sets.sorted { $0.sorted().lexicographicallyPrecedes($1.sorted()) })
    }
  }

  // MARK: Scoring

  private static func scores(
    _ subject: Subject, index: Int, networks: [Network], prior: Prior, plan: Plan,
    scored: Set<Int>?
  ) -> [Score] {
    var scores = Array(repeating: Score(), count: plan.shots.count)
    let group = subject.group
    let most = plan.shots.filter { $0 != Plan.allOthers }.max() ?? 0
    for draw in 0..<max(1, plan.repeats) {
      var pool = subject.calibrationRuns ?? group.runs
      if let scored { pool.removeAll { scored.contains($0.network) } }
      var generator = SeededGenerator(
        seed: plan.seed &+ UInt64(index) &* 0x1000_0001 &+ UInt64(draw) &* 0x9e37_79b9)
      pool.shuffle(using: &generator)
      if plan.isAdvised {
        pool = Advice.runs(most, from: pool, networks: networks, traits: group.traits, prior: prior)
      }
      for (shot, count) in plan.shots.enumerated() {
        if count == Plan.allOthers {
          if draw == 0 {
            scores[shot].add(
              leavingOneOut(
                group, pool, networks: networks, prior: prior, plan: plan, scored: scored))
          }
          continue
        }
        scores[shot].add(
          score(
            group, after: Array(pool.prefix(count)), networks: networks, prior: prior,
            // The held-out prior does not know the device; a prior used as it is may.
            device: plan.holdOut == .none ? group.device : nil, scored: scored))
      }
    }
    return scores
  }

  /// Predicts each run of the group by all others.
  private static func leavingOneOut(
    _ group: RunGroup, _ pool: [RunGroup.Run], networks: [Network], prior: Prior, plan: Plan,
    scored: Set<Int>?
  ) -> Score {
    var score = Score()
    for network in Set(group.runs.map(\.network)).sorted()
    where scored?.contains(network) ?? true {
      let others = pool.filter { $0.network != network }
      guard !others.isEmpty else { continue }
      score.add(
        Self.score(
          group, after: others, networks: networks, prior: prior,
          device: plan.holdOut == .none ? group.device : nil, scored: [network]))
    }
    return score
  }

  /// Predicts the group's runs that are not among those used.
  private static func score(
    _ group: RunGroup, after used: [RunGroup.Run], networks: [Network], prior: Prior,
    device: String?, scored: Set<Int>?
  ) -> Score {
    var score = Score()
    let usedNetworks = Set(used.map(\.network))
    guard
      let rates = DeviceRates(
        used.map { run in
          DeviceRates.Run(
            amounts: networks[run.network].amounts, logSeconds: run.logSeconds,
            isNoisy: run.isNoisy)
        }, on: group.traits, device: device, prior: prior)
    else { return score }
    let peak = group.traits.peakRate
    let factor =
      used.isEmpty
      ? nil
      : median(used.map { $0.logSeconds - networks[$0.network].amounts.logRoofline(peak) })
    for run in group.runs
    where !usedNetworks.contains(run.network) && scored?.contains(run.network) ?? true {
      let amounts = networks[run.network].amounts
      let prediction = rates.predict(amounts)
      score.points.append(
        .init(logError: prediction.logSeconds - run.logSeconds, halfWidth: prediction.halfWidth))
      let roofline = amounts.logRoofline(peak)
      score.roofline.append(.init(logError: roofline - run.logSeconds))
      if let factor {
        score.scaled.append(.init(logError: roofline + factor - run.logSeconds))
      }
    }
    return score
  }
}
