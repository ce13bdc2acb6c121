import CKernels
import ModelIR
import TensorTypes

/// A register program over elements.
struct ChainInstruction: Instruction {
  private let chain: bf_chain
  private let inputs: [Address]
  private let output: Address

  /// `nil` when the operands have more axes than kernels take.
  init?(
    steps: [ChainProgram.Step], result: Int, inputs: [TensorView], output: TensorView
  ) {
    let operands = inputs.map { $0.broadcast(to: output.extents) } + [output]
    let axes = output.memoryOrder.filter { output.extents[$0] != 1 }
    var extents: [Int] = []
    var strides: [[Int]] = []
    for axis in axes {
      let next = operands.map { $0.strides[axis] }
      let extent = output.extents[axis]
      if let last = strides.last, zip(last, next).allSatisfy({ $0 == $1 * extent }) {
        strides[strides.count - 1] = next
        extents[extents.count - 1] *= extent
      } else {
        strides.append(next)
        extents.append(extent)
      }
    }
    guard extents.count <= BF_CHAIN_RANK else { return nil }
    func operand(_ position: Int, _ register: Int) -> bf_chain_operand {
      var operand = bf_chain_operand()
      operand.type = operands[position].dtype == .bool ? BF_BOOL : BF_F32
      operand.reg = UInt8(register)
      setElements(of: &operand.stride, strides.map { $0[position] })
      return operand
    }
    var chain = bf_chain()
    chain.rank = max(extents.count, 1)
    setElements(of: &chain.extent, extents.isEmpty ? [1] : extents)
    chain.input_count = inputs.count
    chain.output_count = 1
    chain.step_count = steps.count
    setElements(of: &chain.input, inputs.indices.map { operand($0, $0) })
    setElements(of: &chain.output, [operand(inputs.count, result)])
    setElements(of: &chain.step, steps.map(bf_chain_step.init))
    self.chain = chain
    self.inputs = inputs.map(\.address)
    self.output = output.address
  }

  func run(_ machine: Machine) {
    unsafe withUnsafeTemporaryAllocation(of: UnsafeRawPointer?.self, capacity: inputs.count) {
      pointers in
      for position in inputs.indices {
        unsafe pointers.initializeElement(
          at: position, to: UnsafeRawPointer(machine.pointer(inputs[position])))
      }
      var result: UnsafeMutableRawPointer? = unsafe machine.pointer(output)
      unsafe withUnsafePointer(to: chain) { chain in
        unsafe bf_chain_run(machine.pool, chain, pointers.baseAddress, &result)
      }
    }
  }
}

extension bf_chain_step {
  fileprivate init(_ step: ChainProgram.Step) {
    self.init()
    function = step.function
    activation = step.activation.function
    result = UInt8(step.result)
    x = UInt8(step.operands[0])
    if step.operands.count > 1 { y = UInt8(step.operands[1]) }
    if step.operands.count > 2 { z = UInt8(step.operands[2]) }
    let isActivation = step.function == BF_UNARY_ACTIVATION
    a = isActivation ? step.activation.a : step.a
    b = isActivation ? step.activation.b : step.b
  }
}

extension Lowering {
  func lower(_ program: ChainProgram) throws(ExecutionError) {
    guard let type = graph[program.result].type else {
      throw .unknownType(value: graph[program.result].name)
    }
    var inputs: [TensorView] = []
    for input in program.inputs { inputs.append(try view(input)) }
    let leader = inputs.first { $0.extents == type.dimensions && $0.isDense }
    let order =
      leader?.memoryOrder
      ?? (uses.prefersChannelsLast[program.result.index]
        ? channelsLastOrder(rank: type.rank) : nil)
    let output = allocate(for: program.result, type, order: order) { _ in true }
    guard let (steps, register) = program.allocated,
      let instruction = ChainInstruction(
        steps: steps, result: register, inputs: inputs, output: output)
    else {
      throw nodeError(.notEvaluated("a chain of rank \(type.rank)"))
    }
    let overwritable = inputs.filter {
      $0.isLaidOutLike(output) && $0.dtype == output.dtype && $0.offset == output.offset
    }.map(\.storage)
    try emit(
      instruction, kernel: "elementwise.f32", reads: inputs.map(\.storage),
      writes: [output.storage],
      overwritable: overwritable.filter { candidate in
        inputs.allSatisfy { $0.storage != candidate || $0.isLaidOutLike(output) }
      })
    views[program.result.index] = output
  }
}
