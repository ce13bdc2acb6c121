import CKernels
import ModelIR
import TensorTypes

/// Rows scaled by their own statistics, after another tensor is added if there is one.
struct RowNormalizationInstruction: Instruction {
  let rows: Int
  let width: Int
  let isRootMeanSquare: Bool
  let epsilon: Float
  let input: Address
  var addend: Address?
  var scale: Address?
  var bias: Address?
  var sum: Address?
  let output: Address
  var mean: Address?
  var inverseDeviation: Address?

  func run(_ machine: Machine) {
    unsafe bf_normalize_rows(
      machine.pool, rows, width, isRootMeanSquare, epsilon, machine.floats(input),
      machine.floats(addend), machine.floats(scale), machine.floats(bias),
      sum.map { unsafe machine.floats($0) }, machine.floats(output),
      mean.map { unsafe machine.floats($0) }, inverseDeviation.map { unsafe machine.floats($0) })
  }
}

/// Groups of channels scaled by their own statistics.
struct GroupNormalizationInstruction: Instruction {
  let batch: Int
  let pixels: Int
  let channels: Int
  let groups: Int
  let epsilon: Float
  let input: Address
  let scale: Address
  let bias: Address
  let output: Address

  func run(_ machine: Machine) {
    unsafe bf_normalize_groups(
      machine.pool, batch, pixels, channels, groups, epsilon, machine.floats(input),
      machine.floats(scale), machine.floats(bias), machine.floats(output))
  }
}

extension Lowering {
  func lower(_ normalization: Normalization, _ node: Node) throws(ExecutionError) {
    guard let operands = floatOperands(node), let result = node.outputs.first ?? nil,
      let type = graph[result].type
    else { return try lowerByReference(node) }
    switch normalization.function {
    case .batch(let batch):
      guard !batch.isTraining, batch.isPerChannel, type.rank >= 2,
        node.outputs.dropFirst().allSatisfy({ $0 == nil }),
        operands.dropFirst().allSatisfy({ uses.isConstant[$0.index] }),
        let (factors, addends) = try affine(node, channels: type.dimensions[1])
      else { return try lowerByReference(node) }
      try lowerAffine(operands[0], factors, addends, result, type)
    case .layer(let axis, _):
      try lowerRows(
        normalization, node, operands, axis: axis, isRootMeanSquare: false, result, type)
    case .rms(let axis, _), .simplifiedLayer(let axis, _):
      try lowerRows(normalization, node, operands, axis: axis, isRootMeanSquare: true, result, type)
    case .skipLayer:
      try lowerSkip(normalization, node, operands, isRootMeanSquare: false, result, type)
    case .skipSimplifiedLayer:
      try lowerSkip(normalization, node, operands, isRootMeanSquare: true, result, type)
    case .instance:
      try lowerGroups(normalization, node, operands, groups: type.dimensions[1], result, type)
    case .group(let group):
      guard group.scalesChannels, !group.channelsLast, group.activation == nil else {
        return try lowerByReference(node)
      }
      try lowerGroups(normalization, node, operands, groups: group.count, result, type)
    case .localResponse, .lp, .meanVariance: try lowerByReference(node)
    }
  }

  /// `factor · x + addend` with numbers for each channel.
  private func lowerAffine(
    _ source: Value.ID, _ factors: [Float], _ addends: [Float], _ result: Value.ID,
    _ type: TensorType
  ) throws(ExecutionError) {
    let shape = [factors.count] + Array(repeating: 1, count: type.rank - 2)
    let parameter = TensorType(.float32, shape)
    let scale = TensorView(parameter, storage: constant(factors).storage)
    let shift = TensorView(parameter, storage: constant(addends).storage)
    let input = try view(source)
    let order =
      input.isDense
      ? input.memoryOrder
      : uses.prefersChannelsLast[result.index] ? channelsLastOrder(rank: type.rank) : nil
    let output = allocate(for: result, type, order: order) { _ in true }
    guard
      let instruction = ChainInstruction(
        steps: [.init(function: BF_MUL_ADD, result: 0, operands: [0, 1, 2])], result: 0,
        inputs: [input, scale, shift], output: output)
    else { throw nodeError(.notEvaluated("an operand of rank \(type.rank)")) }
    try emit(
      instruction, kernel: "elementwise.f32",
      reads: [input.storage, scale.storage, shift.storage], writes: [output.storage],
      overwritable: input.isLaidOutLike(output) ? [input.storage] : [])
    views[result.index] = output
  }

  private func lowerRows(
    _ normalization: Normalization, _ node: Node, _ operands: [Value.ID], axis: Int,
    isRootMeanSquare: Bool,
    _ result: Value.ID, _ type: TensorType
  ) throws(ExecutionError) {
    let axis = axis < 0 ? axis + type.rank : axis
    let extents = Array(type.dimensions[axis...])
    var parameters: [TensorView?] = [nil, nil]
    for (place, id) in node.inputs.dropFirst().enumerated() where place < 2 {
      guard let id else { continue }
      let parameter = try view(id)
      guard parameter.elementCount == extents.reduce(1, *) else {
        return try lowerByReference(node)
      }
      parameters[place] = try rowMajor(parameter)
    }
    let statistics = node.outputs.dropFirst()
    guard statistics.allSatisfy({ $0.map { graph[$0].type?.dtype == .float32 } ?? true }) else {
      return try lowerByReference(node)
    }
    let input = try rowMajor(try view(operands[0]))
    let output = allocate(for: result, type) { $0.isRowMajor }
    var instruction = RowNormalizationInstruction(
      rows: type.dimensions[..<axis].reduce(1, *), width: extents.reduce(1, *),
      isRootMeanSquare: isRootMeanSquare, epsilon: Float(normalization.epsilon),
      input: input.address, scale: parameters[0]?.address, bias: parameters[1]?.address,
      output: output.address)
    var writes = [output.storage]
    for (place, id) in statistics.enumerated() {
      guard let id, let type = graph[id].type else { continue }
      let row = allocate(type)
      writes.append(row.storage)
      views[id.index] = row
      if isRootMeanSquare || place == 1 {
        instruction.inverseDeviation = row.address
      } else {
        instruction.mean = row.address
      }
    }
    try emit(
      instruction, kernel: isRootMeanSquare ? "rms-norm.f32" : "layer-norm.f32",
      reads: [input.storage] + parameters.compactMap { $0?.storage }, writes: writes)
    views[result.index] = output
  }

  /// Normalization written as several operators.
  func lower(_ pattern: NormalizationPattern, result: Value.ID) throws(ExecutionError) {
    guard let type = graph[result].type, let width = type.dimensions.last else {
      throw .unknownType(value: graph[result].name)
    }
    let input = try rowMajor(try view(pattern.input))
    var parameters: [TensorView?] = []
    for id in [pattern.scale, pattern.bias] {
      guard let id else {
        parameters.append(nil)
        continue
      }
      parameters.append(try rowMajor(try view(id)))
    }
    let output = allocate(for: result, type) { $0.isRowMajor }
    try emit(
      RowNormalizationInstruction(
        rows: type.elementCount / max(width, 1), width: width,
        isRootMeanSquare: pattern.isRootMeanSquare, epsilon: Float(pattern.epsilon),
        input: input.address, scale: parameters[0]?.address, bias: parameters[1]?.address,
        output: output.address),
      kernel: pattern.isRootMeanSquare ? "rms-norm.f32" : "layer-norm.f32",
      reads: [input.storage] + parameters.compactMap { $0?.storage }, writes: [output.storage])
    views[result.index] = output
  }

  /// `input, skip, gamma, beta?, bias?`, and the sum as the last output.
  private func lowerSkip(
    _ normalization: Normalization, _ node: Node, _ operands: [Value.ID], isRootMeanSquare: Bool,
    _ result: Value.ID,
    _ type: TensorType
  ) throws(ExecutionError) {
    let betaPlace = isRootMeanSquare ? nil : 3
    let biasPlace = isRootMeanSquare ? 3 : 4
    func present(_ place: Int) -> Value.ID? { node.inputs.count > place ? node.inputs[place] : nil }
    guard present(biasPlace) == nil, let skip = node.inputs[1], graph[skip].type == type,
      let gamma = node.inputs[2], let width = type.dimensions.last,
      graph[gamma].type?.elementCount == width,
      node.outputs.dropFirst().prefix(2).allSatisfy({ $0 == nil })
    else { return try lowerByReference(node) }
    let input = try rowMajor(try view(operands[0]))
    let addend = try rowMajor(try view(skip))
    let scale = try rowMajor(try view(gamma))
    var bias: TensorView?
    if let place = betaPlace, let beta = present(place) {
      guard graph[beta].type?.elementCount == width else { return try lowerByReference(node) }
      bias = try rowMajor(try view(beta))
    }
    let output = allocate(for: result, type) { $0.isRowMajor }
    var instruction = RowNormalizationInstruction(
      rows: type.elementCount / max(width, 1), width: width, isRootMeanSquare: isRootMeanSquare,
      epsilon: Float(normalization.epsilon), input: input.address, addend: addend.address,
      scale: scale.address, bias: bias?.address, output: output.address)
    var writes = [output.storage]
    if node.outputs.count > 3, let id = node.outputs[3] {
      let sum = allocate(for: id, type) { $0.isRowMajor }
      instruction.sum = sum.address
      writes.append(sum.storage)
      views[id.index] = sum
    }
    try emit(
      instruction, kernel: isRootMeanSquare ? "rms-norm.f32" : "layer-norm.f32",
      reads: [input.storage, addend.storage, scale.storage] + [bias?.storage].compactMap { $0 },
      writes: writes)
    views[result.index] = output
  }

  private func lowerGroups(
    _ normalization: Normalization, _ node: Node, _ operands: [Value.ID], groups: Int,
    _ result: Value.ID,
    _ type: TensorType
  ) throws(ExecutionError) {
    let order = channelsLastOrder(rank: type.rank)
    let input = try contiguous(try view(operands[0]), order: order)
    let scale = try rowMajor(try view(operands[1]))
    let bias = try rowMajor(try view(operands[2]))
    let output = allocate(for: result, type, order: order) { $0.isContiguous(order) }
    try emit(
      GroupNormalizationInstruction(
        batch: type.dimensions[0], pixels: type.dimensions.dropFirst(2).reduce(1, *),
        channels: type.dimensions[1], groups: groups, epsilon: Float(normalization.epsilon),
        input: input.address, scale: scale.address, bias: bias.address, output: output.address),
      kernel: "group-norm.f32", reads: [input.storage, scale.storage, bias.storage],
      writes: [output.storage])
    views[result.index] = output
  }
}
