import CKernels
import ModelIR
import Quantities
import TensorTypes

/// Turns a graph into instructions, storages and views.
///
/// An instruction that reads only constants runs at once, and its results are constants: so weights
/// are transposed, folded and packed by the same code that serves a run.
final class Lowering {
  let graph: Graph
  let uses: GraphUses
  let weights: any WeightSource
  let options: ExecutionOptions
  let machine: Machine
  var storages: [Storage] = []
  /// By value; `nil` until its group is lowered, and where only a run tells the type.
  var views: [TensorView?]
  var steps: [LoweredStep] = []
  /// Of storages since mapped weights were last given back.
  var madeBytes = 0
  /// Weights that the model comes without.
  var randomWeights: Set<Value.ID> = []
  /// Nodes that each run evaluates on their reference kernels.
  var referenceNodes: [Node] = []
  /// Where results are wanted, so that nobody copies them there.
  var destinations: [Value.ID: Destination] = [:]
  /// Scales of the real values that exist as bytes, by value.
  var affines: [ByteAffine?]
  /// Those values, until somebody needs real numbers.
  var quantized: [QuantizedView?]
  /// Storages that concatenations fill, by value.
  var assembled: [Value.ID: TensorView] = [:]
  /// Views that were copied into another order, for those who want the same.
  var copies: [TensorView: [[Int]: TensorView]] = [:]
  var observations: [Observation] = []
  /// The nodes that the instructions in hand compute.
  var current: [Node] = []

  init(
    _ graph: Graph, weights: any WeightSource, options: ExecutionOptions
  ) throws(ExecutionError) {
    self.graph = graph
    self.weights = weights
    self.options = options
    uses = GraphUses(graph)
    machine = try Machine(threads: options.threads, processors: options.processors)
    views = Array(repeating: nil, count: graph.values.count)
    affines = Array(repeating: nil, count: graph.values.count)
    quantized = Array(repeating: nil, count: graph.values.count)
  }

  // MARK: Storages

  func addStorage(bytes: Int, _ home: Storage.Home = .arena) -> Int {
    storages.append(Storage(byteCount: bytes, home: home))
    let id = storages.count - 1
    if case .constant(let storage) = home {
      unsafe machine.setBase(of: id, storage.bytes.baseAddress)
    }
    return id
  }

  /// Memory for a result, with the axes in `order` from the outermost in memory.
  func allocate(_ type: TensorType, order: [Int]? = nil) -> TensorView {
    let storage = addStorage(bytes: type.storageSize.rawValue)
    return TensorView(type, storage: storage, order: order ?? Array(0..<type.rank))
  }

  /// Memory for the result `value`: where it is wanted, if the kernel can write there, or new.
  func allocate(
    for value: Value.ID, _ type: TensorType, order: [Int]? = nil,
    accepts: (TensorView) -> Bool = { _ in false }
  ) -> TensorView {
    if let wanted = wantedView(of: value), wanted.type == type, accepts(wanted) { return wanted }
    return allocate(type, order: order)
  }

  /// Memory for the pixels of the result `value`, whose axes the node has in its own order, as a view
  /// of `[batch, channels, spatial…]`: where it is wanted, or new with the channels side by side.
  func allocatePixels(for value: Value.ID, _ type: TensorType, channelsLast: Bool) -> TensorView {
    let order = channelsLast ? nil : channelsLastOrder(rank: type.rank)
    return allocate(for: value, type, order: order) {
      $0.channelsFirst(from: channelsLast).pixelStride != nil
    }.channelsFirst(from: channelsLast)
  }

  /// Packed weights and the like, written once by `fill`.
  func constant(bytes: Int, _ fill: (UnsafeMutableRawPointer) -> Void) -> Address {
    let storage = TensorStorage(byteCount: bytes)
    if let base = unsafe storage.bytes.baseAddress { unsafe fill(base) }
    return Address(storage: addStorage(bytes: bytes, .constant(storage)), offset: 0)
  }

  func constant<Element: BitwiseCopyable>(_ values: [Element]) -> Address {
    unsafe constant(bytes: values.count * MemoryLayout<Element>.stride) { destination in
      unsafe values.withUnsafeBytes { source in
        if let base = source.baseAddress {
          unsafe destination.copyMemory(from: base, byteCount: source.count)
        }
      }
    }
  }

  // MARK: Instructions

  /// Adds an instruction, or runs it at once when all that it reads is constant.
  func emit(
    _ instruction: any Instruction, kernel: String, reads: [Int], writes: [Int],
    scratch: Int = 0, overwritable: [Int] = [], isPure: Bool = true
  ) throws(ExecutionError) {
    let folds =
      isPure && reads.allSatisfy { storages[$0].isConstant }
      && writes.allSatisfy {
        (storages[$0].isArena || storages[$0].isConstant) && !storages[$0].isAssembled
          && !storages[$0].isWritten
      }
    guard folds else {
      for storage in writes { storages[storage].isWritten = true }
      steps.append(
        LoweredStep(
          instruction: instruction, step: executionStep(kernel), reads: reads, writes: writes,
          scratch: scratch, overwritable: overwritable))
      return
    }
    for storage in writes where !storages[storage].isConstant {
      let memory = TensorStorage(byteCount: storages[storage].byteCount)
      storages[storage].home = .constant(memory)
      unsafe machine.setBase(of: storage, memory.bytes.baseAddress)
    }
    machine.reserveScratch(scratch)
    do throws(ReferenceError) { try instruction.run(machine) } catch {
      throw nodeError(error)
    }
  }

  func nodeError(_ error: ReferenceError) -> ExecutionError {
    .node(
      name: current.first?.name ?? "", operatorName: current.first?.op.name ?? "", error)
  }

  private func executionStep(_ kernel: String) -> ExecutionStep {
    var work: Work? = current.isEmpty ? nil : Work(reads: [], writes: [])
    for node in current {
      guard let operands = graph.operandTypes(of: node),
        let own = node.op.definition?.work(
          inputs: operands, outputs: node.outputs.map { $0.flatMap { graph[$0].type } })
      else {
        work = nil
        break
      }
      work?.macs += own.macs
      work?.otherOperations += own.otherOperations
      work?.reads += own.reads
      work?.writes += own.writes
    }
    return ExecutionStep(
      name: current.first?.name ?? "", kernel: kernel, operators: current.compactMap(\.op.kind),
      nodes: current.sorted { $0.id < $1.id }.map(\.name), work: work)
  }

  // MARK: Views

  /// The view of a value that a group before this one made.
  func view(_ value: Value.ID) throws(ExecutionError) -> TensorView {
    if let view = views[value.index] { return view }
    if let bytes = quantized[value.index] { return try dequantized(value, bytes) }
    if let constant = try constantView(value) {
      views[value.index] = constant
      return constant
    }
    throw .unknownType(value: graph[value].name)
  }

  /// The elements in the order of the axes, copied if they are not.
  func rowMajor(_ view: TensorView) throws(ExecutionError) -> TensorView {
    try contiguous(view, order: Array(0..<view.rank))
  }

  /// The elements side by side with the axes in `order`, copied if they are not.
  func contiguous(_ view: TensorView, order: [Int]) throws(ExecutionError) -> TensorView {
    if view.isContiguous(order) { return view }
    if let copied = copies[view]?[order] { return copied }
    let result = allocate(view.type, order: order)
    try copy(view, to: result)
    copies[view, default: [:]][order] = result
    return result
  }

  /// Without gaps or repeats: as it is, or copied in the order in which it stands.
  func dense(_ view: TensorView) throws(ExecutionError) -> TensorView {
    if view.isDense { return view }
    return try contiguous(
      view, order: view.strides.contains { $0 < 0 } ? Array(0..<view.rank) : view.memoryOrder)
  }

  /// Channels of a pixel side by side, pixels evenly spaced.
  func pixels(_ view: TensorView) throws(ExecutionError) -> TensorView {
    if view.pixelStride != nil { return view }
    return try contiguous(view, order: channelsLastOrder(rank: view.rank))
  }
}

extension Graph {
  /// The types of a node's inputs, and their elements where known; `nil` when a type is not.
  func operandTypes(of node: Node) -> [Operand?]? {
    var operands: [Operand?] = []
    for input in node.inputs {
      guard let input else {
        operands.append(nil)
        continue
      }
      guard let type = self[input].type else { return nil }
      operands.append(Operand(type, literal: self[input].literal))
    }
    return operands
  }
}
