public import HardwareModel
public import ModelIR
import Quantities
import TensorTypes

/// Predicts one model on many deployments, planning it once for each runtime, set of dtypes and
/// precision among them.
public struct Evaluator {
  private struct PlanKey: Hashable {
    let runtime: Runtime.ID
    let computes: [DType]
    let precision: Precision
  }

  private let workload: Workload
  private let catalog: Catalog
  /// The dtype of most of the arithmetic as stored.
  private let storedDType: DType?
  private var plans: [PlanKey: ExecutionPlan] = [:]

  public init(_ workload: Workload, catalog: Catalog) {
    self.workload = workload
    self.catalog = catalog
    self.storedDType = workload.contractionDType
  }

  /// The estimate for one deployment. A float model on a unit without that float arithmetic is
  /// estimated in the runtime's preferred dtype, and the estimate says so.
  public mutating func estimate(on deployment: Deployment) throws(DeploymentError) -> Estimate {
    let profile = try Self.profile(of: deployment.runtime, for: deployment.unit)
    let (precision, sentence) = try effectivePrecision(deployment, profile: profile)
    let chosen = deployment.with(precision)
    let plan = plan(for: chosen.runtime, profile, precision)
    let hostOnly = (try? hostOnlyRun(chosen)) ?? nil
    var estimate = try Estimate(plan, on: chosen, hostOnly: hostOnly)
    if let sentence { estimate.assumptions.insert(sentence, at: 0) }
    return estimate
  }

  private static func profile(
    of runtime: Runtime, for unit: ComputeUnit
  ) throws(DeploymentError) -> KernelProfile {
    guard let profile = runtime.kernels[unit.kind] else {
      throw .runtimeDoesNotDrive(runtime: runtime.id, unit: unit.id)
    }
    return profile
  }

  private mutating func plan(
    for runtime: Runtime, _ profile: KernelProfile, _ precision: Precision
  ) -> ExecutionPlan {
    let key = PlanKey(runtime: runtime.id, computes: profile.computes, precision: precision)
    if let plan = plans[key] { return plan }
    let plan = ExecutionPlan(workload, runtime: runtime, kernels: profile, precision: precision)
    plans[key] = plan
    return plan
  }

  /// The model wholly on the host, when the deployment's unit is another one.
  private mutating func hostOnlyRun(
    _ deployment: Deployment
  ) throws(DeploymentError) -> HostOnlyRun? {
    guard deployment.unit.id != deployment.host.id, let runtime = deployment.fallback else {
      return nil
    }
    let profile = try Self.profile(of: runtime, for: deployment.host)
    let host = Deployment(
      board: deployment.board, unit: deployment.host, runtime: runtime, fallback: nil,
      powerMode: deployment.powerMode, threads: deployment.host.clusters.first?.count ?? 1,
      precision: deployment.precision)
    let (precision, _) = try effectivePrecision(host, profile: profile)
    let plan = plan(for: runtime, profile, precision)
    let latency = try Estimate(plan, on: host.with(precision)).latency.median
    let format = precision == .stored ? "as stored" : precision.rawValue
    return HostOnlyRun(latency: latency, way: "\(runtime.name), \(format)")
  }

  // MARK: Precision

  /// The scenario that runs, and the sentence that owns up to it when nobody asked for it.
  private func effectivePrecision(
    _ deployment: Deployment, profile: KernelProfile
  ) throws(DeploymentError) -> (Precision, String?) {
    let computes = Set(profile.computes)
    if let activation = deployment.precision.activation {
      let weightOnly = deployment.precision.weight != activation
      guard computes.contains(activation) || weightOnly && computes.contains(.float32) else {
        throw .noArithmetic(dtype: activation, runtime: deployment.runtime.name)
      }
      return (deployment.precision, nil)
    }
    guard let stored = storedDType, stored.isFloatingPoint,
      !computes.contains(stored)
    else { return (.stored, nil) }
    guard let preferred = profile.computes.first, let precision = Precision(computing: preferred)
    else { throw .noArithmetic(dtype: stored, runtime: deployment.runtime.name) }
    return (
      precision,
      "\(deployment.runtime.name) does not compute in \(stored.rawValue): "
        + "estimated as if converted to \(precision.rawValue)"
    )
  }
}

extension Precision {
  /// The scenario in which weights and activations are of one dtype.
  init?(computing dtype: DType) {
    switch dtype {
    case .float32: self = .fp32
    case .float16: self = .fp16
    case .bfloat16: self = .bf16
    case .int8, .uint8: self = .int8
    case .float64, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float8e8m0,
      .float4e2m1, .int16, .int32, .int64, .uint16, .uint32, .uint64, .bool, .int4, .uint4, .int2,
      .uint2, .complex64, .complex128, .string, .q4_0, .q8_0:
      return nil
    }
  }
}

extension Workload {
  /// The dtype of most of the multiply-accumulates' activations; `nil` without any.
  var contractionDType: DType? {
    var weights: [DType: Int] = [:]
    for step in steps {
      guard let macs = step.work?.macs, macs > .zero,
        let input = step.inputs.first.flatMap({ $0 }), let type = tensors[input].type
      else { continue }
      weights[type.dtype, default: 0] = saturatingSum(
        weights[type.dtype, default: 0], macs.rawValue)
    }
    return weights.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }?.key
  }
}

private func saturatingSum(_ lhs: Int, _ rhs: Int) -> Int {
  (MACs(lhs) + MACs(rhs)).rawValue
}

extension Deployment {
  /// The same deployment in another precision.
  func with(_ precision: Precision) -> Deployment {
    Deployment(
      board: board, unit: unit, runtime: runtime, fallback: fallback, powerMode: powerMode,
      threads: threads, precision: precision)
  }
}
