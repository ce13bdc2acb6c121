public import CostModel
public import HardwareModel
public import Measurement
import ModelIR
public import Quantities
import TensorTypes

/// A prediction beside a measurement, operator by operator.
///
/// The predicted plan and the executor fuse in their own ways; what they share are the names of nodes.
/// Kernels of both sides that share a node, directly or through others, make one row.
public struct Residuals: Sendable {
  public struct Row: Sendable, Hashable {
    /// The first measured operator's name, or the first predicted kernel's.
    public var name: String
    /// Positions in the estimate's kernels, and in the run's operators.
    public var kernels: [Int]
    public var operators: [Int]
    /// `nil` when nothing on that side shares a node.
    public var predicted: Seconds?
    public var measured: Seconds?
    /// What binds the longest of the predicted kernels.
    public var bound: Bound?
    /// The class of that kernel.
    public var kernelClass: KernelClass?
    /// Operations of the row; `nil` when unknown or none.
    public var flops: FLOPs?
    /// The measured rate, and the highest that the board's ceilings allow. Products with padding do not
    /// count, because kernels may leave them out.
    public var rate: FLOPsPerSecond?
    public var attainable: FLOPsPerSecond?

    /// `predicted ÷ measured − 1`: positive when the prediction is too long.
    public var error: Double? {
      guard let predicted, let measured, measured > .zero else { return nil }
      return predicted / measured - 1
    }

    /// A measurement faster than its ceiling: one of the two is our error.
    public var isAboveRoof: Bool {
      guard let rate, let attainable else { return false }
      return rate > attainable
    }
  }

  public let estimate: Estimate
  /// In the order of the first measured operator; then what is only predicted.
  public let rows: [Row]
  /// The median from end to end.
  public let measured: Seconds
  /// Measured time outside all operators.
  public let unattributed: Seconds?

  /// `nil` without a sample from end to end and a profile.
  public init?(_ estimate: Estimate, against run: MeasuredRun) {
    guard let latency = run.latency, let medians = run.operatorMedians else { return nil }
    self.estimate = estimate
    measured = latency.median
    unattributed = run.samples.unattributed
    rows = KernelGroups(estimate, run.operators).groups
      // A view that nobody ran and nobody charges for is no row.
      .filter { group in
        !group.parts.isEmpty || group.kernels.contains { estimate.kernels[$0].time > .zero }
      }
      .map { Row(estimate, kernels: $0.kernels, operators: $0.parts, of: run, medians) }
  }

  /// `predicted ÷ measured − 1` from end to end.
  public var error: Double {
    measured > .zero ? estimate.latency.median / measured - 1 : .infinity
  }

  public var rowsAboveRoof: [Row] { rows.filter(\.isAboveRoof) }
}

extension Residuals.Row {
  fileprivate init(
    _ estimate: Estimate, kernels: [Int], operators: [Int], of run: MeasuredRun,
    _ medians: [Seconds]
  ) {
    let plans = kernels.compactMap { estimate.planned(estimate.kernels[$0]) }
    name = operators.first.map { run.operators[$0].name } ?? plans.first?.name ?? ""
    self.kernels = kernels
    self.operators = operators
    predicted =
      kernels.isEmpty ? nil : kernels.reduce(.zero) { $0 + estimate.kernels[$1].time }
    measured = operators.isEmpty ? nil : operators.reduce(.zero) { $0 + medians[$1] }
    let longest = kernels.max { estimate.kernels[$0].time < estimate.kernels[$1].time }
      .map { estimate.kernels[$0] }
    bound = longest?.bound
    kernelClass = longest.flatMap { estimate.planned($0)?.kernelClass }
    let sum = plans.reduce(FLOPs.zero) { $0 + $1.repetitions * $1.flops }
    let isKnown = !plans.isEmpty && plans.allSatisfy(\.isKnown) && sum > .zero
    flops = isKnown ? sum : nil
    guard let flops, let measured, measured > .zero else { return }
    let onPadding = plans.reduce(FLOPs.zero) {
      $0 + $1.repetitions * estimate.plan.workload.flopsOnPadding(of: $1.steps)
    }
    rate = FLOPs(flops.rawValue - min(onPadding, flops).rawValue) / measured
    attainable = estimate.highestRate(
      plans.map(\.computes), savesProducts: operators.contains { run.operators[$0].savesProducts })
  }
}

extension Workload {
  /// Operations of convolutions that multiply padding.
  fileprivate func flopsOnPadding(of steps: [Int]) -> FLOPs {
    steps.reduce(.zero) { sum, index in
      guard self.steps.indices.contains(index),
        case .convolution(let convolution) = self.steps[index].op,
        let macs = self.steps[index].work?.macs
      else { return sum }
      let operands = self.steps[index].inputs.map {
        $0.flatMap { tensors[$0].type.map { Operand($0) } }
      }
      guard let share = convolution.shareOnInput(inputs: operands) else { return sum }
      let count = Double(FLOPs(macs).rawValue) * (1 - share)
      return sum + FLOPs(Int(exactly: count.rounded(.down)) ?? .max)
    }
  }
}

extension MeasuredOperator {
  /// Winograd's convolution does fewer products than are counted.
  fileprivate var savesProducts: Bool { kernel.contains("winograd") }
}

extension Estimate {
  /// The highest peak among the dtypes.
  ///
  /// A kernel that saves products may go beyond it by `324 ÷ 64`: so many become so few in
  /// F(6×6, 3×3), the largest tile in use (Lavin, Gray, CVPR 2016, section 4.1).
  fileprivate func highestRate(_ dtypes: [DType], savesProducts: Bool) -> FLOPsPerSecond? {
    var rates: [FLOPsPerSecond] = []
    for case .compute(let dtype, let rate) in ceilings where dtypes.contains(dtype) {
      rates.append(rate)
    }
    return rates.max().map { savesProducts ? 324.0 / 64 * $0 : $0 }
  }
}
