import Measurement
import ModelIR
import ModelImport
import Platform
import Quantities
import ReferenceExecutor
import Reporting
import TensorTypes

/// One measurement from loading to the last sample.
struct RunSession {
  let model: LoadedModel
  let options: ExecutionOptions
  let plan: RunPlan
  var executable: any ExecutableModel
  /// Of the last run.
  private(set) var outputs: [(name: String, tensor: Tensor)] = []
  /// Of the first profiled runs, for a time line.
  private(set) var spans: [RunSpans] = []
  /// Whether these runs have the workers' spans too.
  private let tracesWorkers: Bool

  private let loadTime: Seconds
  private let host: HostFacts
  private let before: HostConditions
  private let interruption: Interruption
  private let recorder: RunRecorder?

  /// A time line of more runs than these is only longer.
  private static let spanLimit = 20

  /// Loads the model.
  init(
    model: LoadedModel, options: ExecutionOptions, plan: RunPlan, record: String?,
    tracesWorkers: Bool = false
  ) throws(Failure) {
    self.tracesWorkers = tracesWorkers
    self.model = model
    self.options = options
    self.plan = plan
    host = HostFacts.current()
    before = HostConditions.now()
    interruption = Interruption()
    do throws(RecordError) {
      recorder = try record.map { path throws(RecordError) in try RunRecorder(path: path) }
      try recorder?.start(
        RunRecord.Start(
          tool: Origin.current.tool, command: Origin.current.command,
          date: Date().formatted(.iso8601), model: model.name,
          modelDigest: fileDigest(model.imported.path) ?? "", kernels: options.kernels.rawValue,
          threads: options.threads, processors: options.processors, seed: options.seed, plan: plan,
          host: host, conditions: before))
    } catch {
      throw Failure(.usage, error.description)
    }
    let clock = ContinuousClock()
    let start = clock.now
    executable = try model.executable(options)
    loadTime = Seconds(start.duration(to: clock.now))
    do throws(RecordError) {
      try recorder?.load(RunRecord.Load(seconds: loadTime.rawValue, operators: operators))
    } catch {
      throw Failure(.usage, error.description)
    }
  }

  var operators: [MeasuredOperator] {
    executable.steps.map { step in
      MeasuredOperator(
        name: step.name, kernel: step.kernel, operators: step.operators, nodes: step.nodes,
        flops: step.work?.flops, traffic: step.work?.traffic)
    }
  }

  /// Takes the samples.
  mutating func takeSamples(_ inputs: [Tensor]) throws(Failure) -> MeasuredRun {
    let eviction = plan.isCold ? CacheEviction(host) : nil
    let operators = operators
    var recordFailure: RecordError?
    let samples: Samples
    do throws(ExecutionError) {
      var executable = executable
      var outputs: [Tensor] = []
      var spans: [RunSpans] = []
      // Its memory serves every profiled run, so that none pays for it.
      var profile = StepTimes(tracesWorkers: tracesWorkers)
      profile.spans.reserveCapacity(operators.count)
      samples = try measure(
        plan, stepCount: operators.count, clock: ContinuousClock(),
        prepare: { eviction?.evict() },
        isStopped: { interruption.isRequested || recordFailure != nil },
        note: { sample in
          do throws(RecordError) { try recorder?.run(sample) } catch { recordFailure = error }
        },
        spans: { (times: StepTimes) in
          let run = times.spans.map { StepSpan(step: $0.step, begin: $0.begin, end: $0.end) }
          if spans.count < Self.spanLimit {
            let workers = times.workers.map {
              WorkerSpan(worker: $0.worker, begin: $0.begin, end: $0.end)
            }
            spans.append(RunSpans(steps: run, workers: workers))
          }
          profile = times
          profile.clear()
          profile.tracesWorkers = tracesWorkers && spans.count < Self.spanLimit
          return run
        }
      ) { purpose throws(ExecutionError) in
        var times: StepTimes?
        if purpose == .profiled {
          times = profile
          profile = StepTimes()
        }
        outputs = try executable.run(inputs, times: &times)
        return times ?? StepTimes()
      }
      self.executable = executable
      self.outputs = zip(executable.outputs, outputs).map { ($0.name, $1) }
      self.spans = spans
    } catch {
      throw Failure(error, of: model.imported.path)
    }
    if let recordFailure { throw Failure(.usage, recordFailure.description) }
    let after = HostConditions.now()
    let peak = ProcessUsage.now().peakResident
    do throws(RecordError) {
      try recorder?.end(
        RunRecord.End(
          isInterrupted: samples.isInterrupted, peakResidentBytes: peak.rawValue,
          conditions: after))
    } catch {
      throw Failure(.usage, error.description)
    }
    let memory = executable.memory
    return MeasuredRun(
      model: model.name, kernels: options.kernels.rawValue, threads: options.threads,
      processors: options.processors, plan: plan, loadTime: loadTime, samples: samples,
      operators: operators,
      memory: MeasuredMemory(
        peakResident: peak, weights: Bytes(memory.mappedWeights),
        packed: Bytes(memory.packedWeights), arena: Bytes(memory.arena),
        scratch: Bytes(memory.scratch)),
      host: host, before: before, after: after, notes: notes)
  }

  private var notes: [String] {
    let single =
      options.kernels == .reference && options.threads > 1
      ? ["the reference kernels run on one thread, whatever --threads says"] : []
    return executable.notes + single
  }
}
