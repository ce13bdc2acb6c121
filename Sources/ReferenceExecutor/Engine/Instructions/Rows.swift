import CKernels
import ModelIR
import TensorTypes

/// Softmax along one axis.
struct SoftmaxInstruction: Instruction {
  let outer: Int
  let extent: Int
  let inner: Int
  let isLogarithm: Bool
  let input: Address
  let output: Address

  func run(_ machine: Machine) {
    unsafe bf_softmax(
      machine.pool, outer, extent, inner, isLogarithm, machine.floats(input),
      machine.floats(output))
  }
}

/// A reduction along one axis, or along neighbours in memory.
struct ReductionInstruction: Instruction {
  let reduction: bf_reduction
  let outer: Int
  let extent: Int
  let inner: Int
  let input: Address
  let output: Address

  func run(_ machine: Machine) {
    unsafe bf_reduce(
      machine.pool, reduction, outer, extent, inner, machine.floats(input),
      machine.floats(output))
  }
}

/// The position of the greatest or least element along one axis.
struct ArgumentInstruction: Instruction {
  let isGreatest: Bool
  let selectsLast: Bool
  let outer: Int
  let extent: Int
  let inner: Int
  let input: Address
  let output: Address

  func run(_ machine: Machine) {
    unsafe bf_arg_reduce(
      machine.pool, isGreatest, selectsLast, outer, extent, inner, machine.floats(input),
      machine.pointer(output).assumingMemoryBound(to: Int64.self))
  }
}

extension Lowering {
  func lower(_ softmax: Softmax, _ node: Node) throws(ExecutionError) {
    guard let source = floatOperands(node)?.first, let result = node.outputs[0],
      softmax.function == .softmax || softmax.function == .logSoftmax
    else { return try lowerByReference(node) }
    var input = try dense(try view(source))
    let axis = softmax.axis < 0 ? softmax.axis + input.rank : softmax.axis
    let outer: Int
    let inner: Int
    let extent: Int
    if softmax.flattensTrailingAxes || input.rank == 0 {
      input = try rowMajor(input)
      outer = input.extents.prefix(axis).reduce(1, *)
      extent = input.extents.dropFirst(axis).reduce(1, *)
      inner = 1
    } else {
      let order = input.memoryOrder
      let place = order.firstIndex(of: axis) ?? 0
      outer = order[..<place].reduce(1) { $0 * input.extents[$1] }
      extent = input.extents[axis]
      inner = order[(place + 1)...].reduce(1) { $0 * input.extents[$1] }
    }
    let output = allocate(for: result, input.type, order: input.memoryOrder) {
      $0.isLaidOutLike(input)
    }
    try emit(
      SoftmaxInstruction(
        outer: outer, extent: extent, inner: inner,
        isLogarithm: softmax.function == .logSoftmax, input: input.address,
        output: output.address),
      kernel: "softmax.f32", reads: [input.storage], writes: [output.storage])
    views[result.index] = output
  }

  func lower(_ reduction: Reduction, _ node: Node) throws(ExecutionError) {
    guard let source = node.inputs.first ?? nil, let sourceType = graph[source].type,
      sourceType.dtype == .float32, sourceType.elementCount > 0, let result = node.outputs[0],
      let type = graph[result].type
    else { return try lowerByReference(node) }
    switch reduction.function {
    case .reduce(let combination, let stated):
      guard let operands = graph.operandTypes(of: node), let axes = stated.axes(of: operands),
        !axes.isEmpty
      else { return try lowerByReference(node) }
      try lowerReduction(combination.kernel, source, axes: axes, result, type, node)
    case .argMax(let axis, _, let selectsLast):
      try lowerArgument(true, selectsLast, source, axis: axis, result, type)
    case .argMin(let axis, _, let selectsLast):
      try lowerArgument(false, selectsLast, source, axis: axis, result, type)
    case .cumulativeSum, .cumulativeProduct: try lowerByReference(node)
    }
  }

  /// A reduction over axes; they are brought together in memory when they are not.
  func lowerReduction(
    _ reduction: bf_reduction, _ source: Value.ID, axes: Set<Int>, _ result: Value.ID,
    _ type: TensorType, _ node: Node
  ) throws(ExecutionError) {
    var input = try view(source)
    if reduction == BF_REDUCE_MEAN, input.rank >= 3, axes == Set(2..<input.rank),
      let stride = input.pixelStride
    {
      return try lowerGlobalAverage(input, stride, result, type)
    }
    input = try dense(input)
    var order = input.memoryOrder
    let wide = order.filter { input.extents[$0] != 1 }
    let places = wide.indices.filter { axes.contains(wide[$0]) }
    let isTogether = places.isEmpty || places.count == places[places.count - 1] - places[0] + 1
    if !isTogether {
      order = input.extents.indices.filter { !axes.contains($0) } + axes.sorted()
      input = try contiguous(input, order: order)
      order = input.memoryOrder
    }
    let (outer, extent, inner) = split(input, order, axes)
    // The kept axes stay in the order in which they stand in memory.
    let kept = order.filter { !axes.contains($0) && input.extents[$0] != 1 }
    var output = allocate(type)
    if !kept.isEmpty { output = keeping(kept, of: input, axes, type, output) }
    try emit(
      ReductionInstruction(
        reduction: reduction, outer: outer, extent: extent, inner: inner, input: input.address,
        output: output.address),
      kernel: "reduce.f32", reads: [input.storage], writes: [output.storage])
    views[result.index] = output
  }

  private func split(
    _ input: TensorView, _ order: [Int], _ axes: Set<Int>
  ) -> (outer: Int, extent: Int, inner: Int) {
    var (outer, extent, inner) = (1, 1, 1)
    var hasReduced = false
    for axis in order where input.extents[axis] != 1 {
      if axes.contains(axis) {
        extent *= input.extents[axis]
        hasReduced = true
      } else if hasReduced {
        inner *= input.extents[axis]
      } else {
        outer *= input.extents[axis]
      }
    }
    return (outer, extent, inner)
  }

  /// The result's view when the axes that it keeps stand in memory in the order `kept`.
  private func keeping(
    _ kept: [Int], of input: TensorView, _ axes: Set<Int>, _ type: TensorType,
    _ output: TensorView
  ) -> TensorView {
    var output = output
    var stride = 1
    let keepsAxes = type.rank == input.rank
    let remaining = input.extents.indices.filter { !axes.contains($0) }
    for axis in kept.reversed() {
      guard let place = keepsAxes ? axis : remaining.firstIndex(of: axis) else { continue }
      output.strides[place] = stride
      stride *= input.extents[axis]
    }
    return output
  }

  private func lowerArgument(
    _ isGreatest: Bool, _ selectsLast: Bool, _ source: Value.ID, axis: Int, _ result: Value.ID,
    _ type: TensorType
  ) throws(ExecutionError) {
    let input = try rowMajor(try view(source))
    let split = AxisSplit(input.extents, axis: axis < 0 ? axis + input.rank : axis)
    let output = allocate(for: result, type) { $0.isRowMajor }
    try emit(
      ArgumentInstruction(
        isGreatest: isGreatest, selectsLast: selectsLast, outer: split.outer,
        extent: split.extent, inner: split.inner, input: input.address, output: output.address),
      kernel: "arg-reduce.f32", reads: [input.storage], writes: [output.storage])
    views[result.index] = output
  }
}

extension Reduction.Combination {
  fileprivate var kernel: bf_reduction {
    switch self {
    case .l1: BF_REDUCE_L1
    case .l2: BF_REDUCE_L2
    case .logSum: BF_REDUCE_LOG_SUM
    case .logSumExp: BF_REDUCE_LOG_SUM_EXP
    case .max: BF_REDUCE_MAX
    case .mean: BF_REDUCE_MEAN
    case .min: BF_REDUCE_MIN
    case .prod: BF_REDUCE_PROD
    case .sum: BF_REDUCE_SUM
    case .sumSquare: BF_REDUCE_SUM_SQUARE
    }
  }
}
