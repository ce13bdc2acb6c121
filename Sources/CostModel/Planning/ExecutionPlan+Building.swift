public import HardwareModel
public import ModelIR
import Quantities
import TensorTypes

/// Operations that bring one integer sum back to 8 bits: multiply, round and shift, saturate.
/// Source: Jacob et al., CVPR 2018, section 2.2.
private let requantizationOperations = 3

/// Operations that bring one integer sum to a real number: convert, multiply.
private let dequantizationOperations = 2

/// Bytes of the scale that 8-bit weights carry for each output channel.
private let scaleBytes = 4

extension ExecutionPlan {
  /// Plans `workload` for a runtime on one kind of unit: fusion, placement, storage, arena.
  public init(
    _ workload: Workload, runtime: Runtime, kernels profile: KernelProfile, precision: Precision
  ) {
    let storage = TensorStorage(workload, precision: precision)
    var fusion = Fusion(workload, rules: runtime.fusion)
    var builder = KernelBuilder(
      workload: workload, storage: storage, precision: precision, runtime: runtime,
      profile: profile)
    var kernels = fusion.run().map { builder.kernel($0) }
    let unsupported = kernels.filter { $0.placement == .host }.map(\.operatorName).uniqued()
    runtime.partition.apply(to: &kernels)

    let touchedWeights = Dictionary(
      kernels.flatMap(\.weights).map { ($0.tensor, builder.storedWeightSize($0)) },
      uniquingKeysWith: max)
    let weightSize = touchedWeights.values.reduce(Bytes.zero, +)
    let unknown = workload.unknownSteps
    let coverage = Coverage(
      knownSteps: workload.steps.count - unknown.count, totalSteps: workload.steps.count,
      unknownOperators: unknown.map(\.op.name).uniqued())
    self.init(
      workload: workload, runtime: runtime.id, precision: precision, kernels: kernels,
      tensorSizes: storage.sizes, weightSize: weightSize,
      arena: ArenaPlan(
        kernels: kernels, workload: workload, tensorSizes: storage.sizes, policy: runtime.memory),
      coverage: coverage, unsupportedOperators: unsupported,
      assumptions: builder.assumptions)
  }
}

extension Array where Element: Hashable {
  /// Each element once, where it first stands.
  func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}

extension PartitionRule {
  /// Moves to the host what the rule does not let the unit keep.
  func apply(to kernels: inout [ExecutionPlan.Kernel]) {
    switch self {
    case .any: return
    case .prefix:
      guard let first = kernels.firstIndex(where: { $0.placement == .host }) else { return }
      for index in first..<kernels.count { kernels[index].placement = .host }
    case .wholeModel:
      guard kernels.contains(where: { $0.placement == .host }) else { return }
      for index in kernels.indices { kernels[index].placement = .host }
    }
  }
}

/// Turns fusion groups into kernels.
private struct KernelBuilder {
  let workload: Workload
  let storage: TensorStorage
  let precision: Precision
  let runtime: Runtime
  let profile: KernelProfile
  /// Operators taken as supported because no list says otherwise.
  private var unlisted: Set<OperatorKind> = []
  /// Operators supported under conditions that are taken as met, with the conditions.
  private var conditional: [OperatorKind: String] = [:]

  /// What was taken for granted, in sentences.
  var assumptions: [String] {
    var sentences: [String] = []
    if precision.weight != precision.activation {
      sentences.append(
        "weights of \(precision.rawValue) are taken as unpacked by every kernel for free, whether or "
          + "not \(runtime.name) has such kernels")
    }
    if !unlisted.isEmpty {
      let names = unlisted.sorted().map(\.rawValue).joined(separator: ", ")
      sentences.append("\(runtime.name) publishes no list that has \(names): taken as supported")
    }
    for (kind, condition) in conditional.sorted(by: { $0.key < $1.key }) {
      sentences.append(
        "\(runtime.name) runs \(kind.rawValue) under conditions taken as met: \(condition)")
    }
    return sentences
  }

  mutating func kernel(_ group: FusionGroup) -> ExecutionPlan.Kernel {
    let main = workload.steps[group.steps[0]]
    let stepClass = workload.classify(main)
    let works = group.steps.map { workload.steps[$0].work }
    let macs = works.reduce(MACs.zero) { $0 + ($1?.macs ?? .zero) }
    let computes = computeDType(main, group: group)
    var other = works.reduce(FLOPs.zero) { $0 + ($1?.otherOperations ?? .zero) }
    if computes == .int8, precision == .int8 || group.isQuantized, macs > .zero {
      let isReal =
        group.isQuantized && !group.steps.contains { workload.steps[$0].kind == .quantizeLinear }
      other +=
        (isReal ? dequantizationOperations : requantizationOperations)
        * FLOPs(outputElements(main))
    }
    let operands = outsideOperands(group)
    var kernel = ExecutionPlan.Kernel(
      name: main.name, steps: group.steps, operatorName: main.op.name,
      kernelClass: kernelClass(group, main: stepClass.kernelClass), placement: .unit,
      computes: computes, macs: macs, otherOperations: other,
      epilogue: workload.epilogue(of: group.steps), contraction: stepClass.contraction,
      reads: operands.reads, writes: operands.writes, weights: operands.weights,
      repetitions: main.repetitions ?? 1,
      isKnown: group.steps.allSatisfy {
        workload.steps[$0].work != nil && workload.steps[$0].repetitions != nil
      })
    if precision == .int8, let contraction = kernel.contraction, !kernel.weights.isEmpty {
      kernel.weights[0].size += .product(scaleBytes, contraction.n, contraction.groups)
    }
    if isFreeView(main, group) {
      (kernel.reads, kernel.writes) = (
        kernel.reads.map(\.untouched), kernel.writes.map(\.untouched)
      )
    }
    if !isSupported(group, computes: computes) { kernel.placement = .host }
    return kernel
  }

  /// A view costs nothing where the runtime lets it share its input's bytes, and a copy elsewhere.
  private func isFreeView(_ main: Workload.Step, _ group: FusionGroup) -> Bool {
    group.steps.count == 1 && main.op.isView && runtime.memory.aliasesViews
  }

  /// A chain of elementwise steps is as costly as its costliest; others are what they start with.
  private func kernelClass(_ group: FusionGroup, main: KernelClass) -> KernelClass {
    guard main == .elementwise else { return main }
    let classes = group.steps.map { workload.classify(workload.steps[$0]).kernelClass }
    return classes.contains(.reduction)
      ? .reduction : classes.contains(.transcendental) ? .transcendental : .elementwise
  }

  private func outputElements(_ step: Workload.Step) -> Int {
    step.outputs.first.flatMap { $0 }.flatMap { workload.tensors[$0].type?.elementCount } ?? 0
  }

  // MARK: Dtypes

  private func computeDType(_ main: Workload.Step, group: FusionGroup) -> DType {
    // The scales of operators on quantized numbers are real, but their data are bytes.
    if group.isQuantized || main.kind?.unquantized != nil { return .int8 }
    let floating = main.inputs.compactMap { $0 }.first {
      workload.tensors[$0].type?.dtype.isFloatingPoint == true
    }
    if let floating {
      let asked = precision.activation ?? workload.tensors[floating].type?.dtype ?? .float32
      // Weight-only formats unpack to whatever the runtime multiplies in.
      let unpacks = precision.weight != precision.activation && !profile.computes.contains(asked)
      return unpacks && profile.computes.contains(.float32) ? .float32 : asked
    }
    // Integer data movement and shape arithmetic run as integers of any width; quantized
    // operators compute in 8 bits.
    let first = main.inputs.compactMap { $0 }.first.flatMap { workload.tensors[$0].type?.dtype }
    guard let first else { return precision.activation ?? .float32 }
    return first == .uint8 || first.isQuantizedStorage ? .int8 : first
  }

  // MARK: Support

  private mutating func isSupported(_ group: FusionGroup, computes: DType) -> Bool {
    group.steps.enumerated().allSatisfy { position, index in
      position > 0 && isPartOfContraction(workload.steps[index])
        || isSupported(workload.steps[index], computes: computes)
    }
  }

  /// Steps that a converter folds into the operator before or after them, so that no kernel of
  /// their own has to exist: batch normalization, bias, requantization, padding.
  private func isPartOfContraction(_ step: Workload.Step) -> Bool {
    switch step.kind {
    case .batchNormalization, .quantizeLinear, .dequantizeLinear, .pad: true
    case .add:
      step.inputs.contains { $0.map { workload.tensors[$0].role == .weight } ?? false }
    default: false
    }
  }

  private mutating func isSupported(_ step: Workload.Step, computes: DType) -> Bool {
    // What nobody models goes to the host; a runtime that is the host has to run it.
    guard let kind = step.kind else { return runtime.fallback == nil }
    let rules = runtime.operators.rules
    // A list without the quantized form means the operator in every dtype that its kernels compute.
    let general = computes == .int8 ? kind.unquantized.flatMap { rules[$0] } : nil
    guard let rule = rules[kind] ?? general else {
      switch runtime.operators.unlisted {
      case .unsupported: return false
      case .unknown:
        unlisted.insert(kind)
        return true
      }
    }
    switch rule.level {
    case .no: return false
    case .partial: conditional[kind] = rule.note ?? "unstated"
    case .yes: break
    }
    guard let dtypes = rule.dtypes, computes.isFloatingPoint || computes == .int8 else {
      return true
    }
    return dtypes.contains(computes) || profile.computes.contains { dtypes.contains($0) }
  }

  // MARK: Operands

  private struct OutsideOperands {
    var reads: [ExecutionPlan.Operand] = []
    var writes: [ExecutionPlan.Operand] = []
    var weights: [ExecutionPlan.Operand] = []
  }

  private func outsideOperands(_ group: FusionGroup) -> OutsideOperands {
    var operands = OutsideOperands()
    let inside = Set(
      group.steps.flatMap { workload.steps[$0].outputs.compactMap { $0 } })
    var seen: Set<Int> = []
    for index in group.steps {
      let step = workload.steps[index]
      for (position, input) in step.inputs.enumerated() {
        guard let input, !inside.contains(input) else { continue }
        let source = group.isQuantized ? undequantized(input) : input
        guard seen.insert(source).inserted else { continue }
        let full = storage.sizes[source]
        let touched =
          source == input ? scaled(step.work?.reads, position, input, full: full) : full
        let operand = ExecutionPlan.Operand(tensor: source, size: touched)
        if workload.tensors[source].role == .weight {
          operands.weights.append(operand)
        } else {
          operands.reads.append(operand)
        }
      }
    }
    let members = Set(group.steps)
    for index in group.steps {
      for (position, output) in workload.steps[index].outputs.enumerated() {
        guard let output, isNeededOutside(output, members: members) else { continue }
        operands.writes.append(
          ExecutionPlan.Operand(
            tensor: output,
            size: scaled(
              workload.steps[index].work?.writes, position, output, full: storage.sizes[output])))
      }
    }
    return operands
  }

  /// The tensor that a dequantize step reads, for integer kernels that read it directly.
  private func undequantized(_ tensor: Workload.TensorID) -> Workload.TensorID {
    guard let step = producers[tensor], workload.steps[step].kind == .dequantizeLinear,
      let source = workload.steps[step].inputs.first.flatMap({ $0 })
    else { return tensor }
    return source
  }

  /// Bytes touched in this precision: the work's share of the tensor as stored in the file.
  private func scaled(
    _ traffic: [Bytes]?, _ position: Int, _ tensor: Workload.TensorID, full: Bytes
  ) -> Bytes {
    guard let traffic, position < traffic.count, let type = workload.tensors[tensor].type else {
      return full
    }
    let stored = type.storageSize
    guard stored > .zero, traffic[position] != stored else { return full }
    let share = Double(traffic[position].rawValue) / Double(stored.rawValue)
    return Bytes(Int(exactly: (share * Double(full.rawValue)).rounded()) ?? .max)
  }

  private func isNeededOutside(_ tensor: Workload.TensorID, members: Set<Int>) -> Bool {
    workload.tensors[tensor].isOutput || readers[tensor].contains { !members.contains($0) }
  }

  private let producers: [Int?]
  private let readers: [[Int]]

  init(
    workload: Workload, storage: TensorStorage, precision: Precision, runtime: Runtime,
    profile: KernelProfile
  ) {
    self.workload = workload
    self.storage = storage
    self.precision = precision
    self.runtime = runtime
    self.profile = profile
    var producers = [Int?](repeating: nil, count: workload.tensors.count)
    var readers = [[Int]](repeating: [], count: workload.tensors.count)
    for (index, step) in workload.steps.enumerated() {
      for case let output? in step.outputs { producers[output] = index }
      for case let input? in step.inputs { readers[input].append(index) }
    }
    self.producers = producers
    self.readers = readers
  }

  /// The whole stored tensor behind a weight operand, which a gather touches only in part.
  func storedWeightSize(_ operand: ExecutionPlan.Operand) -> Bytes {
    max(operand.size, storage.sizes[operand.tensor])
  }
}

extension ExecutionPlan.Operand {
  /// The same tensor without any bytes moved.
  fileprivate var untouched: Self { Self(tensor: tensor, size: .zero) }
}
