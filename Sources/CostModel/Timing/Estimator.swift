import HardwareModel
import ModelIR
import Quantities
import TensorTypes

extension Estimate {
  /// Predicts one run of `plan` on `deployment`.
  ///
  /// `hostOnly` is the same model with the fallback runtime on the host alone, for the comparison
  /// with an accelerated plan that loses to it.
  init(
    _ plan: ExecutionPlan, on deployment: Deployment, hostOnly: HostOnlyRun? = nil
  ) throws(DeploymentError) {
    var run = try EstimatedRun(plan, on: deployment)
    try run.time()
    self = run.estimate(hostOnly: hostOnly)
  }
}

/// The same model wholly on the host, to compare with.
struct HostOnlyRun {
  let latency: Seconds
  /// "ONNX Runtime, int8".
  let way: String
}

/// The state of one estimate: kernels timed in order, hand-overs priced where placement changes.
private struct EstimatedRun {
  let plan: ExecutionPlan
  let deployment: Deployment
  let homes: MemoryHomes
  let unit: UnitModel
  let host: UnitModel?
  let link: Link?

  var kernels: [KernelEstimate] = []
  var transfers: [Transfer] = []
  var partitions = 0
  var invocations = 0.0
  var ledger: UncertaintyLedger
  var basis = Shares<Basis>()
  var bounds = Shares<Bound>()
  private let hostDispatchDeviation: Double
  var hostTime = 0.0
  var wouldBeOnUnit = 0.0

  // Sources of uncertainty: the unit's classes, then these.
  private static let classCount = KernelClass.allCases.count
  private static let memorySource = classCount
  private static let dispatchSource = classCount + 1
  private static let linkSource = classCount + 2
  private static let hostOffset = classCount + 3

  init(_ plan: ExecutionPlan, on deployment: Deployment) throws(DeploymentError) {
    self.plan = plan
    self.deployment = deployment
    homes = try MemoryHomes(plan, on: deployment)
    unit = try UnitModel(
      deployment, unit: deployment.unit, runtime: deployment.runtime,
      weightMemory: homes.weights, activationMemory: homes.activations)
    if plan.kernels.contains(where: { $0.placement == .host }) {
      guard let fallback = deployment.fallback else {
        throw .unsupportedOperators(plan.unsupportedOperators, runtime: deployment.runtime.name)
      }
      let memory = deployment.board.memory(deployment.host.memory) ?? homes.activations
      host = try UnitModel(
        deployment, unit: deployment.host, runtime: fallback, weightMemory: memory,
        activationMemory: memory)
    } else {
      host = nil
    }
    hostDispatchDeviation = host?.dispatch.logDeviation ?? 0
    link = deployment.unit.link.flatMap { deployment.board.link($0) }
    ledger = UncertaintyLedger(sourceCount: 2 * Self.hostOffset)
    kernels.reserveCapacity(plan.kernels.count)
  }

  mutating func time() throws(DeploymentError) {
    let residency = unit.residency(
      weights: Double(plan.weightSize.rawValue), arena: Double(plan.arena.size.rawValue))
    let hostResidency = host?.streaming ?? residency
    let hasBorder = host != nil || link != nil
    var places: [Placement?] = hasBorder ? Array(repeating: nil, count: plan.tensorSizes.count) : []
    var previous: Placement?
    for index in plan.demandTable.indices {
      let demand = plan.demandTable[index]
      if hasBorder {
        if demand.isFree {
          follow(plan.kernels[index], places: &places)
        } else {
          handOver(plan.kernels[index], at: index, places: &places)
        }
      }
      let isOnHost = demand.placement == .host
      let asked =
        isOnHost
        ? host?.time(demand, hostResidency) : unit.time(demand, residency)
      guard let time = asked else {
        let runtime = isOnHost ? deployment.fallback ?? deployment.runtime : deployment.runtime
        throw .noArithmetic(dtype: demand.computes, runtime: runtime.name)
      }
      record(time, kernel: index, demand: demand)
      if demand.isFree { continue }
      if !isOnHost, previous != .unit { partitions += 1 }
      previous = demand.placement
      if isOnHost {
        hostTime += time.total * demand.repetitions
        wouldBeOnUnit +=
          (unit.time(demand, residency)?.total ?? 0) * demand.repetitions
      }
    }
    if partitions == 0, deployment.unit.id != deployment.host.id, !kernels.isEmpty {
      throw .nothingRuns(
        on: deployment.unit.name, runtime: deployment.runtime.name,
        operators: plan.unsupportedOperators)
    }
    if hasBorder { handBack(places) }
    enter()
  }

  private mutating func enter() {
    let entries = max(partitions, 1)
    invocations = Double(entries) * unit.invocation.value
    ledger.add(
      invocations, logDeviation: unit.invocation.logDeviation, source: Self.dispatchSource)
    bounds.add(invocations, to: .dispatch)
    basis.add(invocations, to: unit.invocation.basis)
  }

  private mutating func record(
    _ time: KernelTime, kernel: Int, demand: KernelDemand
  ) {
    let n = demand.repetitions
    let isOnHost = demand.placement == .host
    let offset = isOnHost ? Self.hostOffset : 0
    if time.compute >= time.memory {
      ledger.add(
        time.compute * n, logDeviation: time.computeLogDeviation,
        source: offset + demand.kernelClass)
    } else {
      ledger.add(
        time.memory * n, logDeviation: time.memoryLogDeviation, source: offset + Self.memorySource)
    }
    ledger.add(
      time.dispatch * n,
      logDeviation: isOnHost ? hostDispatchDeviation : unit.dispatch.logDeviation,
      source: offset + Self.dispatchSource)
    bounds.add(time.total * n, to: time.bound)
    basis.add(time.total * n, to: time.basis)
    kernels.append(
      KernelEstimate(
        kernel: kernel, placement: demand.placement, time: Seconds(time.total * n),
        bound: time.bound,
        computeTime: Seconds(time.compute * n), memoryTime: Seconds(time.memory * n),
        dispatchTime: Seconds(time.dispatch * n),
        memoryTraffic: Bytes(Int(min(time.traffic, 9e18))),
        tileQuantization: time.tileQuantization))
  }

  // MARK: Hand-overs

  private mutating func handOver(
    _ kernel: ExecutionPlan.Kernel, at index: Int, places: inout [Placement?]
  ) {
    for operand in kernel.reads {
      let at = places[operand.tensor] ?? .host
      if at != kernel.placement { transfer(operand.tensor, before: index) }
      places[operand.tensor] = kernel.placement
    }
    for operand in kernel.writes { places[operand.tensor] = kernel.placement }
  }

  /// A view is where its source is.
  private func follow(_ kernel: ExecutionPlan.Kernel, places: inout [Placement?]) {
    guard let source = kernel.reads.first else { return }
    for operand in kernel.writes { places[operand.tensor] = places[source.tensor] }
  }

  private mutating func handBack(_ places: [Placement?]) {
    for (tensor, place) in places.enumerated()
    where place == .unit && plan.workload.tensors[tensor].isOutput {
      transfer(tensor, before: plan.kernels.count)
    }
  }

  private mutating func transfer(_ tensor: Workload.TensorID, before kernel: Int) {
    guard let link else { return }
    let size = plan.tensorSizes[tensor]
    let time = link.latency.value + size / link.bandwidth.value
    ledger.add(
      time.rawValue, logDeviation: max(link.latency.basis, link.bandwidth.basis).logDeviation,
      source: Self.linkSource)
    bounds.add(time.rawValue, to: .link)
    basis.add(time.rawValue, to: max(link.latency.basis, link.bandwidth.basis))
    transfers.append(Transfer(tensor: tensor, size: size, beforeKernel: kernel, time: time))
  }

  // MARK: The answer

  func estimate(hostOnly: HostOnlyRun?) -> Estimate {
    let transferTime = transfers.reduce(Seconds.zero) { $0 + $1.time }
    let total =
      kernels.reduce(Seconds.zero) { $0 + $1.time } + transferTime + Seconds(invocations)
    let deviation = ledger.logDeviation
    let latency = Interval(median: total, logDeviation: deviation)
    return Estimate(
      deployment: deployment, plan: plan, latency: latency, kernels: kernels,
      transfers: transfers, invocationTime: Seconds(invocations),
      bound: bounds.largest ?? .dispatch,
      fallback: fallback(transferTime: transferTime, hostOnly: hostOnly),
      memory: homes.fit(plan, on: deployment),
      energy: deployment.powerMode.power.map {
        Interval(
          median: $0.value * total, logDeviation: hypotenuse(deviation, $0.basis.logDeviation))
      },
      coverage: plan.coverage, basis: weakestBasis(of: total.rawValue),
      ceilings: unit.ceilings(for: dtypesOnUnit),
      assumptions: plan.workload.assumptions + plan.assumptions)
  }

  /// The dtypes in which kernels on the unit multiply, or else compute, in the order met.
  private var dtypesOnUnit: [DType] {
    let onUnit = plan.kernels.filter { $0.placement == .unit && $0.flops > .zero }
    let contractions = onUnit.filter { $0.macs > .zero }
    return (contractions.isEmpty ? onUnit : contractions).map(\.computes).uniqued()
  }

  /// The weakest basis that carries at least a tenth of the time.
  private func weakestBasis(of total: Double) -> Basis {
    basis.entries.filter { $0.time >= 0.1 * total }.map(\.key).max() ?? .estimated
  }

  private func fallback(transferTime: Seconds, hostOnly: HostOnlyRun?) -> FallbackEstimate? {
    let count = plan.kernels.count { $0.placement == .host }
    guard count > 0 || hostOnly != nil else { return nil }
    // One hand-over in and one back belong to any accelerated run.
    let ends = transfers.filter { transfer in
      let tensor = plan.workload.tensors[transfer.tensor]
      return tensor.role == .input || tensor.isOutput
    }.reduce(Seconds.zero) { $0 + $1.time }
    let extraEntries = Double(max(partitions - 1, 0)) * unit.invocation.value
    return FallbackEstimate(
      kernelCount: count, partitionCount: partitions,
      cost: Seconds(max(0, hostTime - wouldBeOnUnit + extraEntries))
        + (count > 0 ? transferTime - ends : .zero),
      operators: plan.unsupportedOperators, hostOnlyLatency: hostOnly?.latency,
      hostOnlyWay: hostOnly?.way)
  }
}

/// Time by a key that has few values; a list is faster than hashing.
private struct Shares<Key: Equatable> {
  private(set) var entries: [(key: Key, time: Double)] = []

  mutating func add(_ time: Double, to key: Key) {
    if let index = entries.firstIndex(where: { $0.key == key }) {
      entries[index].time += time
    } else {
      entries.append((key, time))
    }
  }

  /// The key with the most time, of equal ones the first met.
  var largest: Key? {
    var best: (key: Key, time: Double)?
    for entry in entries where entry.time > best?.time ?? -1 { best = entry }
    return best?.key
  }
}
