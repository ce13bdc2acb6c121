import HardwareModel
import ModelIR
import TensorTypes

/// Steps that run as one kernel, and what the kernel computes with.
struct FusionGroup {
  /// Positions in the workload's steps, in order; the first is the main step.
  var steps: [Int]
  /// Whether dequantize before the main step, and quantize after it if there is one, became part of an
  /// integer kernel.
  var isQuantized = false
}

/// Groups neighbouring steps into kernels by a runtime's rules.
///
/// A step joins the group of its producer when the producer's result goes nowhere else, so that
/// the result between them never reaches memory. Each rule is a question about one candidate; the
/// walk is the same for all.
struct Fusion {
  let workload: Workload
  let rules: Set<FusionRule>
  private let producer: [Int?]
  private let consumers: [[Int]]
  private var groupOf: [Int?]
  private var groups: [FusionGroup] = []

  init(_ workload: Workload, rules: Set<FusionRule>) {
    self.workload = workload
    self.rules = rules
    var producer = [Int?](repeating: nil, count: workload.tensors.count)
    var consumers = [[Int]](repeating: [], count: workload.tensors.count)
    for (index, step) in workload.steps.enumerated() {
      for case let output? in step.outputs { producer[output] = index }
      for case let input? in step.inputs where consumers[input].last != index {
        consumers[input].append(index)
      }
    }
    self.producer = producer
    self.consumers = consumers
    self.groupOf = [Int?](repeating: nil, count: workload.steps.count)
  }

  /// The groups in an order in which they can run: that of their last steps.
  mutating func run() -> [FusionGroup] {
    for index in workload.steps.indices where groupOf[index] == nil {
      var group = FusionGroup(steps: [index])
      groupOf[index] = groups.count
      if rules.contains(.quantization) { absorbQuantization(&group) }
      if !group.isQuantized {
        if rules.contains(.integerProduct) { absorbDequantization(&group) }
        grow(&group)
      }
      groups.append(group)
    }
    if rules.contains(.padding) { absorbPadding() }
    return groups.filter { !$0.steps.isEmpty }
      .sorted { ($0.steps.max() ?? 0) < ($1.steps.max() ?? 0) }
  }

  // MARK: Growing forward

  private mutating func grow(_ group: inout FusionGroup) {
    if growRegion(&group) { return }
    if rules.contains(.attention), growAttention(&group) { return }
    while true {
      if let next = successor(of: group), accepts(group, next) {
        join(next, &group)
      } else if !joinGate(&group) {
        return
      }
    }
  }

  private mutating func join(_ step: Int, _ group: inout FusionGroup) {
    group.steps.append(step)
    groupOf[step] = groups.count
  }

  /// The one tensor a group hands on, when it hands on one.
  private func result(of step: Int) -> Workload.TensorID? {
    let outputs = workload.steps[step].outputs.compactMap { $0 }
    let used = outputs.filter { !consumers[$0].isEmpty || workload.tensors[$0].isOutput }
    return used.count == 1 ? used[0] : nil
  }

  /// The only step that reads the group's result, when nobody else needs it.
  private func successor(of group: FusionGroup) -> Int? {
    guard let last = group.steps.last, let tensor = result(of: last),
      !workload.tensors[tensor].isOutput, consumers[tensor].count == 1
    else { return nil }
    let next = consumers[tensor][0]
    guard groupOf[next] == nil, workload.steps[next].repetitions == workload.steps[last].repetitions
    else { return nil }
    return next
  }

  private func accepts(_ group: FusionGroup, _ next: Int) -> Bool {
    let main = workload.steps[group.steps[0]]
    let step = workload.steps[next]
    guard let kind = step.kind else { return false }
    let followsContraction = main.op.isContraction
    switch kind {
    case .batchNormalization:
      return rules.contains(.foldBatchNormalization) && followsContraction
        && group.steps.count == 1
    case .relu, .clip:
      return rules.contains(.clampActivation) && (followsContraction || main.op.isElementwise)
        || rules.contains(.anyActivation) && followsContraction || continuesChain(main, step)
    case .sigmoid, .tanh, .hardSwish, .hardSigmoid, .gelu, .leakyRelu, .elu, .swish, .mish, .pRelu,
      .softplus, .fastGelu, .quickGelu:
      return rules.contains(.anyActivation) && followsContraction || continuesChain(main, step)
    case .add, .sum:
      let constant = hasConstantOperand(step)
      return followsContraction && rules.contains(constant ? .bias : .residual)
        || continuesChain(main, step)
    default:
      return continuesChain(main, step)
    }
  }

  private func continuesChain(_ main: Workload.Step, _ next: Workload.Step) -> Bool {
    rules.contains(.elementwiseChain) && next.op.isElementwise
      && (main.op.isElementwise || main.op.isContraction) && sameSize(main, next)
  }

  private func sameSize(_ lhs: Workload.Step, _ rhs: Workload.Step) -> Bool {
    elementCount(lhs) == elementCount(rhs) && elementCount(lhs) != nil
  }

  private func elementCount(_ step: Workload.Step) -> Int? {
    step.outputs.first.flatMap { $0 }.flatMap { workload.tensors[$0].type?.elementCount }
  }

  private func hasConstantOperand(_ step: Workload.Step) -> Bool {
    step.inputs.contains { input in input.map { workload.tensors[$0].role == .weight } ?? false }
  }

  // MARK: Gates: x · sigmoid(x)

  /// Joins the product of a contraction's result with the activation of that same result.
  private mutating func joinGate(_ group: inout FusionGroup) -> Bool {
    guard rules.contains(.compositeActivation) || rules.contains(.anyActivation),
      workload.steps[group.steps[0]].op.isContraction, let last = group.steps.last,
      let tensor = result(of: last), !workload.tensors[tensor].isOutput,
      consumers[tensor].count == 2
    else { return false }
    let (first, second) = (consumers[tensor][0], consumers[tensor][1])
    guard groupOf[first] == nil, groupOf[second] == nil,
      [.sigmoid, .hardSigmoid, .tanh].contains(workload.steps[first].kind),
      workload.steps[second].kind == .mul, let gate = result(of: first),
      consumers[gate] == [second]
    else { return false }
    join(first, &group)
    join(second, &group)
    return true
  }

  // MARK: Closed regions: normalization and activations written as several operators

  /// Joins the longest run of elementwise and mean-reducing steps that hangs on one tensor and
  /// hands on one result: layer normalization, RMS normalization, GELU, hard-swish.
  private mutating func growRegion(_ group: inout FusionGroup) -> Bool {
    let wantsNormalization = rules.contains(.normalization)
    let wantsActivation = rules.contains(.compositeActivation)
    guard wantsNormalization || wantsActivation, let root = group.steps.first,
      regionKind(root) != nil
    else { return false }
    let limit = 12
    var members = [root]
    var best: [Int] = []
    let sources = Set(runtimeInputs(root))
    guard sources.count == 1 else { return false }
    var hasReduction = regionKind(root) == .reduction
    for candidate in (root + 1)..<min(root + 1 + 2 * limit, workload.steps.count) {
      guard members.count < limit else { break }
      guard let kind = regionKind(candidate), groupOf[candidate] == nil else { continue }
      let inside = Set(members.flatMap { workload.steps[$0].outputs.compactMap { $0 } })
      let inputs = runtimeInputs(candidate)
      guard inputs.contains(where: inside.contains),
        inputs.allSatisfy({ inside.contains($0) || sources.contains($0) })
      else { continue }
      members.append(candidate)
      hasReduction = hasReduction || kind == .reduction
      let allowed = hasReduction ? wantsNormalization : wantsActivation
      if allowed, members.count >= 3, isClosed(members) { best = members }
    }
    guard best.count >= 3 else { return false }
    for step in best.dropFirst() { join(step, &group) }
    return true
  }

  private enum RegionKind { case elementwise, reduction }

  private func regionKind(_ index: Int) -> RegionKind? {
    switch workload.steps[index].kind {
    case .reduceMean, .reduceSum, .reduceSumSquare, .reduceL2: .reduction
    case .add, .sub, .mul, .div, .pow, .sqrt, .erf, .tanh, .sigmoid, .clip, .relu, .hardSigmoid,
      .reciprocal, .exp, .neg, .abs, .cast, .softplus:
      .elementwise
    default: nil
    }
  }

  private func runtimeInputs(_ index: Int) -> [Workload.TensorID] {
    workload.steps[index].inputs.compactMap { $0 }
      .filter { workload.tensors[$0].role != .weight }
  }

  /// Whether only the last member's result is needed outside.
  private func isClosed(_ members: [Int]) -> Bool {
    let set = Set(members)
    return members.dropLast().allSatisfy { member in
      workload.steps[member].outputs.compactMap { $0 }.allSatisfy { output in
        !workload.tensors[output].isOutput && consumers[output].allSatisfy(set.contains)
      }
    }
  }

  // MARK: Attention

  /// Joins scores, scaling, mask, softmax and weighting: the scores never reach memory.
  private mutating func growAttention(_ group: inout FusionGroup) -> Bool {
    guard let first = group.steps.first, workload.steps[first].kind == .matMul,
      !hasConstantOperand(workload.steps[first])
    else { return false }
    var members: [Int] = []
    var sawSoftmax = false
    var last = first
    while members.count < 8 {
      guard let tensor = result(of: last), !workload.tensors[tensor].isOutput,
        consumers[tensor].count == 1, groupOf[consumers[tensor][0]] == nil
      else { return false }
      last = consumers[tensor][0]
      members.append(last)
      switch workload.steps[last].kind {
      case .softmax: sawSoftmax = true
      case .matMul:
        guard sawSoftmax else { return false }
        for member in members { join(member, &group) }
        return true
      case .mul, .div, .add, .where, .cast, .dropout: break
      default: return false
      }
    }
    return false
  }

  // MARK: Quantization

  /// Turns dequantize → operator (→ activation) → quantize into one integer kernel. A dequantize
  /// that feeds several such kernels is part of each: it stays a group of its own with no steps.
  private mutating func absorbQuantization(_ group: inout FusionGroup) {
    let main = group.steps[0]
    let step = workload.steps[main]
    guard step.kind != .dequantizeLinear, step.kind != .quantizeLinear else { return }
    let inputs = step.inputs.compactMap { $0 }.filter {
      workload.tensors[$0].type?.dtype.isFloatingPoint == true
    }
    let dequantized = inputs.filter { kind(producing: $0) == .dequantizeLinear }
    guard !dequantized.isEmpty,
      inputs.allSatisfy({
        kind(producing: $0) == .dequantizeLinear || workload.tensors[$0].role == .weight
      })
    else { return }
    var last = main
    var chain: [Int] = []
    while let tensor = result(of: last), !workload.tensors[tensor].isOutput,
      consumers[tensor].count == 1
    {
      let next = consumers[tensor][0]
      guard groupOf[next] == nil else { break }
      switch workload.steps[next].kind {
      case .quantizeLinear:
        for member in chain + [next] { join(member, &group) }
        group.isQuantized = true
        removeDequantizers(of: dequantized)
        return
      case .relu, .clip:
        guard chain.isEmpty else { return }
        chain.append(next)
        last = next
      default:
        return
      }
    }
  }

  /// Turns a product of two dequantized operands into an integer kernel with a real result.
  private mutating func absorbDequantization(_ group: inout FusionGroup) {
    let step = workload.steps[group.steps[0]]
    let operands = step.inputs.prefix(2).compactMap { $0 }.filter(isDequantizedByte)
    guard step.op.isContraction, operands.count == 2 else { return }
    group.isQuantized = true
    removeDequantizers(of: operands)
  }

  private func isDequantizedByte(_ tensor: Workload.TensorID) -> Bool {
    guard kind(producing: tensor) == .dequantizeLinear, let step = producer[tensor],
      let source = workload.steps[step].inputs.first ?? nil
    else { return false }
    return [.int8, .uint8].contains(workload.tensors[source].type?.dtype)
  }

  private func kind(producing tensor: Workload.TensorID) -> OperatorKind? {
    producer[tensor].flatMap { workload.steps[$0].kind }
  }

  /// Drops dequantize groups all of whose readers are integer kernels by now.
  private mutating func removeDequantizers(of tensors: [Workload.TensorID]) {
    for tensor in tensors {
      guard let step = producer[tensor], let index = groupOf[step], index < groups.count,
        groups[index].steps == [step]
      else { continue }
      let readers = consumers[tensor].compactMap { groupOf[$0] }
      guard readers.count == consumers[tensor].count,
        readers.allSatisfy({ $0 == groups.count || groups[$0].isQuantized })
      else { continue }
      groups[index].steps = []
    }
  }

  // MARK: Padding

  /// Moves a pad into the convolution or pooling that alone reads it.
  private mutating func absorbPadding() {
    for index in groups.indices {
      guard groups[index].steps.count == 1, let pad = groups[index].steps.first,
        workload.steps[pad].kind == .pad, let tensor = result(of: pad),
        consumers[tensor].count == 1, let reader = groupOf[consumers[tensor][0]],
        groups[reader].steps.first == consumers[tensor][0]
      else { continue }
      switch workload.steps[consumers[tensor][0]].op {
      case .convolution, .pooling:
        groups[reader].steps.append(pad)
        groups[index].steps = []
      default: continue
      }
    }
  }
}

extension Operator {
  /// Whether it sums products: the anchor of an epilogue.
  var isContraction: Bool {
    switch self {
    case .matrixProduct, .einsum, .convolution: true
    case .elementwise, .pooling, .normalization, .softmax, .reduction, .quantization, .attention,
      .recurrent, .view, .movement, .indexing, .generator, .signal, .geometry, .conditional, .loop,
      .scan, .opaque:
      false
    }
  }

  var isElementwise: Bool {
    if case .elementwise = self { true } else { false }
  }

  var isView: Bool {
    if case .view = self { true } else { false }
  }
}
