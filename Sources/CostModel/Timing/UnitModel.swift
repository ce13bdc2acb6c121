public import HardwareModel
import ModelIR
import Quantities
public import TensorTypes

/// A unit with its runtime, power mode and threads resolved to plain rates: everything that one
/// kernel's time needs, looked up once.
struct UnitModel {
  /// A number in base units, and how sure it is.
  struct Figure {
    let value: Double
    let logDeviation: Double
    let basis: Basis

    init(value: Double, logDeviation: Double, basis: Basis) {
      self.value = value
      self.logDeviation = logDeviation
      self.basis = basis
    }
    init<Value: RealQuantity>(_ sourced: Sourced<Value>, scale: Double = 1) {
      self.init(
        value: sourced.value.rawValue * scale, logDeviation: sourced.basis.logDeviation,
        basis: sourced.basis)
    }
    init(_ factor: Sourced<Factor>) {
      self.init(
        value: factor.value.value, logDeviation: factor.value.logDeviation, basis: factor.basis)
    }
  }

  let name: String
  let tile: TileShape?
  /// Bytes that stay near the arithmetic between kernels: the last cache, or zero.
  let cacheCapacity: Double
  /// The caches whose bandwidth is known, innermost first; none where the last one's is not: hits are
  /// then free.
  let caches: [Cache]
  let weightRate: Figure
  let activationRate: Figure
  let weightMemory: String
  let activationMemory: String
  /// On-chip capacity for weights that stay between runs.
  let residentWeights: Double?
  /// The link that brings weights which do not stay; `nil` when memory is shared.
  let weightLink: Figure?
  /// What weights that do not stay come over: the link, or the memory they live in.
  let weightSource: String
  let bandwidthEfficiency: Figure
  let weightBandwidthEfficiency: Figure
  let dispatch: Figure
  let invocation: Figure
  private let efficiencies: [Figure]
  /// Tables of the dtypes that differ; few, so that a list beats hashing.
  private let dtypeEfficiencies: [(dtype: DType, figures: [Figure])]
  private let peaks: [DType: Figure]

  /// Fails with the reason why the runtime cannot drive the unit.
  init(
    _ deployment: Deployment, unit: ComputeUnit, runtime: Runtime, weightMemory: Memory,
    activationMemory: Memory
  ) throws(DeploymentError) {
    guard let profile = runtime.kernels[unit.kind] else {
      throw .runtimeDoesNotDrive(runtime: runtime.id, unit: unit.id)
    }
    let setting = deployment.powerMode.units[unit.id]
    let scale = setting?.clockScale.value ?? 1
    // Threads are of the deployment's own cores; an accelerator and a host behind one use all.
    let counts = unit.id == deployment.unit.id && unit.kind.hasThreads
    let cores = CoreSelection(
      unit, online: setting?.cores, threads: counts ? deployment.threads : nil)
    name = unit.name
    tile = unit.tile?.value
    peaks = cores.peaks.mapValues { Figure($0, scale: scale) }
    let memoryScale = deployment.powerMode.memoryScale?.value ?? 1
    let sharers = unit.kind.hasThreads ? cores.count : nil
    weightRate = Self.bandwidth(of: weightMemory, cores: sharers, scale: memoryScale)
    activationRate = Self.bandwidth(of: activationMemory, cores: sharers, scale: memoryScale)
    self.weightMemory = weightMemory.id
    self.activationMemory = activationMemory.id
    residentWeights = unit.residentWeights.map { Double($0.value.rawValue) }
    weightLink = unit.link.flatMap { deployment.board.link($0) }.map { Figure($0.bandwidth) }
    weightSource = unit.link ?? weightMemory.id
    let last = unit.levels.last
    caches =
      last?.bandwidth == nil
      ? [] : unit.levels.compactMap { Cache($0, of: unit, cores: cores.count, scale: scale) }
    let copies = last?.scope == .perCore ? Double(cores.count) : 1
    cacheCapacity = last.map { Double($0.capacity.value.rawValue) * copies } ?? 0
    bandwidthEfficiency = Figure(profile.bandwidthEfficiency)
    weightBandwidthEfficiency = Figure(
      profile.weightBandwidthEfficiency ?? profile.bandwidthEfficiency)
    // Fixed times stretch as clocks drop.
    dispatch = Figure(profile.dispatchOverhead, scale: 1 / scale)
    invocation = Figure(profile.invocationOverhead, scale: 1 / scale)
    var efficiencies: [Figure] = []
    for kernelClass in KernelClass.allCases {
      guard let efficiency = profile.computeEfficiency[kernelClass] else {
        throw .noEfficiency(kernelClass, runtime: runtime.id, unit: unit.id)
      }
      efficiencies.append(Figure(efficiency))
    }
    self.efficiencies = efficiencies
    dtypeEfficiencies = profile.dtypeEfficiency.map { dtype, own in
      let figures = zip(KernelClass.allCases, efficiencies).map { kernelClass, common in
        own[kernelClass].map { Figure($0) } ?? common
      }
      return (dtype, figures)
    }
  }

  /// The arithmetic rate for a dtype. A dtype without a fast path of its own runs at the rate of
  /// the next wider one that has one; `nil` when none has.
  func peak(_ dtype: DType) -> Figure? {
    if let rate = peaks[dtype] { return rate }
    switch dtype {
    case .int8: return peaks[.int16] ?? peaks[.float16] ?? peaks[.float32]
    case .int16: return peaks[.float32] ?? peaks[.int8]
    case .float16, .bfloat16: return peaks[.float32]
    case .float32: return nil
    case .float64: return nil
    // Shape arithmetic and index movement: any rate serves, it hardly counts.
    default: return peaks[.float32] ?? peaks[.int8] ?? peaks[.float16]
    }
  }

  func ceilings(for dtypes: [DType]) -> [Ceiling] {
    var ceilings = dtypes.compactMap { dtype in
      peak(dtype).map { Ceiling.compute(dtype, FLOPsPerSecond($0.value)) }
    }
    ceilings.append(.bandwidth(activationMemory, BytesPerSecond(activationRate.value)))
    if weightMemory != activationMemory || weightLink != nil {
      let rate = (weightLink ?? weightRate).value
      ceilings.append(.bandwidth(weightSource, BytesPerSecond(rate)))
    }
    if let cache = caches.last {
      ceilings.append(.bandwidth(cache.name, BytesPerSecond(cache.rate)))
    }
    return ceilings
  }

  /// The share of the peak that a kernel class reaches in a dtype.
  func efficiency(ofClass index: Int, in dtype: DType) -> Figure {
    for table in dtypeEfficiencies where table.dtype == dtype { return table.figures[index] }
    return efficiencies[index]
  }

  /// `min(n · β₁, β)` for n cores of a CPU; a GPU or NPU draws on all of it.
  private static func bandwidth(of memory: Memory, cores: Int?, scale: Double) -> Figure {
    let all = memory.bandwidth
    let one = cores == nil ? nil : memory.singleCoreBandwidth
    let limited = one.map { Double(cores ?? 1) * $0.value.rawValue } ?? .infinity
    let basis =
      limited < all.value.rawValue ? (one?.basis ?? all.basis) : all.basis
    return Figure(
      value: min(limited, all.value.rawValue) * scale, logDeviation: basis.logDeviation,
      basis: basis)
  }
}

/// The cores at work and what they reach together.
struct CoreSelection {
  let count: Int
  let peaks: [DType: Sourced<FLOPsPerSecond>]

  /// Takes the fastest cores first. Work is split evenly, so that unlike cores wait for the
  /// slowest of them: `n · min rate`.
  init(_ unit: ComputeUnit, online: Int?, threads: Int?) {
    let available = min(unit.coreCount, online ?? unit.coreCount)
    var left = max(1, min(threads ?? unit.clusters.first?.count ?? 1, available))
    count = left
    var used: [CoreCluster] = []
    for cluster in unit.clusters where left > 0 {
      used.append(cluster)
      left -= min(left, cluster.count)
    }
    var peaks: [DType: Sourced<FLOPsPerSecond>] = [:]
    for (dtype, _) in used.first?.peakRates ?? [:] {
      let rates = used.compactMap { $0.peakRates[dtype] }
      guard rates.count == used.count, let slowest = rates.min(by: { $0.value < $1.value }) else {
        continue
      }
      peaks[dtype] = Sourced(
        Double(count) * slowest.value, basis: slowest.basis, source: slowest.source)
    }
    self.peaks = peaks
  }
}

/// Why a deployment cannot run a model at all.
public enum DeploymentError: Error, Hashable, Sendable, CustomStringConvertible {
  case runtimeDoesNotDrive(runtime: Runtime.ID, unit: ComputeUnit.ID)
  case noMemoryFor(String, board: Board.ID)
  case noArithmetic(dtype: DType, runtime: String)
  case noEfficiency(KernelClass, runtime: Runtime.ID, unit: ComputeUnit.ID)
  case unsupportedOperators([String], runtime: String)
  case unknownName(what: String, name: String, known: [String])
  case threadsOutOfRange(asked: Int, cores: Int, unit: String)
  case nothingRuns(on: String, runtime: String, operators: [String])

  public var description: String {
    switch self {
    case .runtimeDoesNotDrive(let runtime, let unit):
      "runtime '\(runtime)' has no kernels for unit '\(unit)'"
    case .noMemoryFor(let what, let board): "board '\(board)' has no memory that holds \(what)"
    case .noArithmetic(let dtype, let runtime):
      "the profile of \(runtime) has no kernels that compute in \(dtype.rawValue) on this unit"
    case .noEfficiency(let kernelClass, let runtime, let unit):
      "runtime '\(runtime)' has no efficiency for \(kernelClass.rawValue) on unit '\(unit)'"
    case .unsupportedOperators(let names, let runtime):
      "\(runtime) does not run \(names.joined(separator: ", ")), and nothing else on the board does"
    case .unknownName(let what, let name, let known):
      "no \(what) '\(name)'; there are \(known.joined(separator: ", "))"
    case .threadsOutOfRange(let asked, let cores, let unit):
      "\(asked) threads asked for, but '\(unit)' has \(cores) \(cores == 1 ? "core" : "cores")"
    case .nothingRuns(let unit, let runtime, let operators):
      "nothing of it would run on \(unit): \(runtime) does not run "
        + operators.joined(separator: ", ")
    }
  }
}
