import Quantities

/// Runs `body` as the plan says and keeps every sample.
///
/// The first run is told apart, the warm-up thrown away; then plain and profiled runs alternate, so
/// that both meet the same machine. The clock is a parameter so that tests own time. A time budget
/// covers both kinds and starts after the warm-up.
///
/// - Parameters:
///   - stepCount: the steps that spans may name; others are ignored.
///   - prepare: what comes before each run and does not count, such as emptying caches.
///   - isStopped: asked before each run after the first; when it is true, what there is is returned.
///   - note: told of each sample as it is taken.
///   - spans: the spans of the steps in what a profiled run gave; asked when the time is taken.
///   - body: one run.
public func measure<C: Clock, Outcome, Failure: Error>(
  _ plan: RunPlan, stepCount: Int, clock: C, prepare: () -> Void = {},
  isStopped: () -> Bool = { false }, note: (RunSample) -> Void = { _ in },
  spans: (Outcome) -> [StepSpan], _ body: (RunPurpose) throws(Failure) -> Outcome
) throws(Failure) -> Samples where C.Duration == Duration {
  var samples = Samples()

  func run(_ purpose: RunPurpose) throws(Failure) {
    prepare()
    let begin = clock.now
    let outcome = try body(purpose)
    let time = Seconds(begin.duration(to: clock.now))
    var stepTimes: [Seconds] = []
    if purpose == .profiled {
      stepTimes = Array(repeating: .zero, count: stepCount)
      for span in spans(outcome) where stepTimes.indices.contains(span.step) {
        stepTimes[span.step] += span.time
      }
    }
    let sample = RunSample(purpose: purpose, time: time, stepTimes: stepTimes)
    samples.runs.append(sample)
    note(sample)
  }

  try run(.first)
  for _ in 0..<max(0, plan.warmupRuns) {
    if isStopped() { break }
    try run(.warmup)
  }
  let start = clock.now
  var taken = 0
  while taken == 0 || !plan.length.isReached(by: taken, after: start.duration(to: clock.now)) {
    for purpose in [RunPurpose.plain, .profiled] {
      guard !isStopped() else {
        samples.isInterrupted = true
        return samples
      }
      try run(purpose)
    }
    taken += 1
  }
  return samples
}

extension RunPlan.Length {
  fileprivate func isReached(by taken: Int, after elapsed: Duration) -> Bool {
    switch self {
    case .runs(let count): taken >= count
    case .time(let budget): elapsed >= budget
    }
  }
}
