public import CostModel
import HardwareModel
import ModelIR
import Platform
import Quantities
import TensorTypes

/// How shape changes the cost of a multiply-accumulate, the same on every device: chosen by
/// cross-validation over the devices of the ncnn benchmark table.
enum ShapeCost {
  /// Channels of a convolution that do not fill vectors of four.
  static func ragged(_ channels: Int...) -> Double {
    channels.contains { $0 % 4 != 0 } ? exp(0.3) : 1
  }

  /// Groups of few channels start and end more often than they compute.
  static func grouped(inputs: Int, outputs: Int) -> Double {
    1 + 8 / Double(max(inputs, 1)) + 8 / Double(max(outputs, 1))
  }

  /// Input channels up to which a 3×3 convolution is a network's first, which no Winograd serves.
  static let stemChannels = 4

  /// Elements that an operator which nobody models reads for what a candidate box takes: a box, its
  /// score and the scores of twenty classes.
  static let elementsOfBox = 25.0

  /// What an element that a pooling window reads takes of one that is moved.
  static let pooledShare = 0.5

  /// Elements of an activation that caches of embedded processors still hold: 1 MiB in float32.
  static let cachedElements = 262_144.0
}

extension ExecutionPlan {
  /// Amounts of every term in one run: the sum over all kernels on the unit and on the host.
  public var termAmounts: TermAmounts {
    kernelTermAmounts.reduce(into: TermAmounts()) { $0 += $1 }
  }

  /// Weight elements that one run reads, each once a kernel.
  public var weightElements: Double {
    let extraction = TermExtraction(self)
    return kernels.reduce(0) { $0 + extraction.elements($1.weights) }
  }

  /// Amounts of every term in each kernel, its repetitions included, in the order of ``kernels``.
  ///
  /// An activation fused behind a contraction adds nothing: it works on registers. Nor do steps that
  /// quantize the operands of an integer contraction or its result: they are part of it.
  public var kernelTermAmounts: [TermAmounts] {
    let extraction = TermExtraction(self)
    return kernels.map { extraction.amounts(of: $0) }
  }
}

private struct TermExtraction {
  let plan: ExecutionPlan
  let workload: Workload
  /// Tensors that a step of the kind made.
  private let dequantized: Set<Workload.TensorID>
  /// Tensors that a contraction reads or writes.
  private let contracted: Set<Workload.TensorID>

  init(_ plan: ExecutionPlan) {
    self.plan = plan
    workload = plan.workload
    var dequantized: Set<Workload.TensorID> = []
    var contracted: Set<Workload.TensorID> = []
    for step in workload.steps {
      if step.kind == .dequantizeLinear { dequantized.formUnion(step.outputs.compactMap { $0 }) }
      switch step.op {
      case .convolution, .matrixProduct:
        contracted.formUnion(step.inputs.compactMap { $0 })
        contracted.formUnion(step.outputs.compactMap { $0 })
      case .elementwise, .einsum, .pooling, .normalization, .softmax, .reduction, .quantization,
        .attention, .recurrent, .view, .movement, .indexing, .generator, .signal, .geometry,
        .conditional, .loop, .scan, .opaque:
        break
      }
    }
    // A value is quantized, then read as reals again: both steps belong to the contraction.
    for step in workload.steps where step.kind == .dequantizeLinear {
      guard let output = step.outputs.first.flatMap({ $0 }), contracted.contains(output),
        let input = step.inputs.first.flatMap({ $0 })
      else { continue }
      contracted.insert(input)
    }
    self.dequantized = dequantized
    self.contracted = contracted
  }

  func amounts(of kernel: ExecutionPlan.Kernel) -> TermAmounts {
    guard !kernel.isFree, let first = kernel.steps.first, workload.steps.indices.contains(first)
    else { return TermAmounts() }
    let step = workload.steps[first]
    if case .quantization = step.op, belongsToContraction(step) { return TermAmounts() }
    var amounts = TermAmounts()
    amounts[.dispatch] = 1
    amounts[.spilled] = elements(kernel.reads + kernel.writes, over: ShapeCost.cachedElements)
    switch step.op {
    case .convolution(let convolution):
      add(convolution, of: kernel, step: step, to: &amounts)
    case .matrixProduct, .einsum, .attention, .recurrent, .signal:
      addProduct(kernel, step: step, to: &amounts)
    case .pooling(let pooling):
      amounts[.movement] = ShapeCost.pooledShare * pooledElements(pooling, of: kernel)
    case .elementwise, .softmax, .normalization, .reduction, .quantization, .view, .movement,
      .indexing, .generator, .geometry, .conditional, .loop, .scan:
      let boxes = workload.candidateBoxCount(of: step)
      if boxes > 0 {
        amounts[.detection] = Double(boxes)
      } else {
        amounts[Self.term(of: kernel, step: step)] = activations(of: kernel)
      }
    case .opaque:
      amounts[.detection] = max(1, elements(kernel.reads) / ShapeCost.elementsOfBox)
    }
    return Double(kernel.repetitions) * amounts
  }

  private func belongsToContraction(_ step: Workload.Step) -> Bool {
    let touched = [step.inputs.first, step.outputs.first].compactMap { $0 }.compactMap { $0 }
    return touched.contains(where: contracted.contains)
  }

  private func isInt8(_ kernel: ExecutionPlan.Kernel, _ step: Workload.Step) -> Bool {
    kernel.computes == .int8 || kernel.computes == .uint8
      || step.inputs.first.flatMap { $0 }.map(dequantized.contains) ?? false
  }

  private static func term(of kernel: ExecutionPlan.Kernel, step: Workload.Step) -> CostTerm {
    if step.kind == .batchNormalization { return .elementwise }
    switch kernel.kernelClass {
    case .elementwise: return .elementwise
    case .transcendental, .reduction: return .function
    case .movement, .pooling: return .movement
    case .pointwiseConvolution, .spatialConvolution, .stridedConvolution, .stemConvolution,
      .groupedConvolution, .depthwiseConvolution, .matrixProduct, .matrixVector, .recurrent:
      return .function
    }
  }

  // MARK: Contractions

  private func add(
    _ convolution: Convolution, of kernel: ExecutionPlan.Kernel, step: Workload.Step,
    to amounts: inout TermAmounts
  ) {
    amounts[.convolutionDispatch] = 1
    let isInt8 = isInt8(kernel, step)
    func set(_ term: CostTerm, _ amount: Double) {
      amounts[isInt8 ? term.inInt8 : term] += amount
    }
    let macs = Double(kernel.macs.rawValue)
    let weights = weightElements(kernel, step, isInt8: isInt8)
    guard let contraction = kernel.contraction else {
      set(.otherConvolution, macs)
      set(.convolutionActivations, activations(of: kernel))
      amounts[.convolutionWeights] = weights
      return
    }
    if kernel.kernelClass == .matrixVector {
      amounts[.matrixVector] = weights > 0 ? weights : macs
      return
    }
    let window = kernelExtents(convolution, step: step)
    let positions = window.reduce(1, saturatingProduct)
    let channels = max(1, contraction.k / max(1, positions))
    let isDepthwise = kernel.kernelClass == .depthwiseConvolution
    // Quantized operands are read through steps that belong to this kernel.
    let touched =
      isInt8
      ? Double(elementCount(step.inputs.first) + elementCount(step.outputs.first))
      : activations(of: kernel)
    set(.convolutionActivations, touched)
    amounts[.convolutionWeights] = weights
    if isDepthwise {
      set(.depthwise, macs * ShapeCost.ragged(saturatingProduct(contraction.n, contraction.groups)))
      return
    }
    let cost = macs * ShapeCost.ragged(channels, contraction.n)
    let strides = convolution.window.strides
    let isDense =
      contraction.groups == 1 && convolution.isForward
      && convolution.window.dilations.allSatisfy { $0 == 1 }
    let isSmall = window == [3, 3] && channels > ShapeCost.stemChannels
    if isDense, positions == 1, strides.allSatisfy({ $0 == 1 }) {
      set(.pointwise, cost)
    } else if isDense, isSmall, strides.allSatisfy({ $0 == 1 }) {
      set(.spatial, cost)
    } else {
      let grouped =
        contraction.groups > 1 ? ShapeCost.grouped(inputs: channels, outputs: contraction.n) : 1
      let isStrided = isDense && isSmall && strides.allSatisfy { $0 == 2 }
      set(isStrided ? .strided : .otherConvolution, cost * grouped)
      amounts[.columns] =
        Double(contraction.k) * Double(contraction.m) * Double(contraction.groups)
    }
  }

  private func addProduct(
    _ kernel: ExecutionPlan.Kernel, step: Workload.Step, to amounts: inout TermAmounts
  ) {
    let macs = Double(kernel.macs.rawValue)
    let isInt8 = isInt8(kernel, step)
    if kernel.kernelClass == .matrixVector || kernel.kernelClass == .recurrent {
      let weights = weightElements(kernel, step, isInt8: isInt8)
      amounts[.matrixVector] = kernel.kernelClass == .recurrent || weights == 0 ? macs : weights
    } else if macs > 0 {
      amounts[isInt8 ? .pointwiseInt8 : .pointwise] = macs
    } else {
      amounts[.function] = activations(of: kernel)
    }
  }

  /// Weight elements read; in 8 bits, four of them count as one.
  private func weightElements(
    _ kernel: ExecutionPlan.Kernel, _ step: Workload.Step, isInt8: Bool
  ) -> Double {
    guard isInt8 else { return elements(kernel.weights) }
    let index = step.kind == .qLinearConv || step.kind == .qLinearMatMul ? 3 : 1
    let count = step.inputs.indices.contains(index) ? elementCount(step.inputs[index]) : 0
    return Double(count) / 4
  }

  private func kernelExtents(_ convolution: Convolution, step: Workload.Step) -> [Int] {
    if let kernel = convolution.window.kernel { return kernel }
    let index = step.kind == .qLinearConv ? 3 : 1
    guard step.inputs.indices.contains(index), let id = step.inputs[index],
      let type = workload.tensors[id].type, type.rank > 2
    else { return [] }
    return Array(type.dimensions.dropFirst(2))
  }

  // MARK: Elements

  private func pooledElements(_ pooling: Pooling, of kernel: ExecutionPlan.Kernel) -> Double {
    switch pooling.function {
    case .max(let sliding, _), .average(let sliding, _), .lp(let sliding, _),
      .qLinearAverage(let sliding, _):
      let window = (sliding.window.kernel ?? []).reduce(1, saturatingProduct)
      return elements(kernel.writes) * Double(window)
    case .globalMax, .globalAverage, .globalLp, .qLinearGlobalAverage: return elements(kernel.reads)
    case .maxRegion, .maxUnpool, .regionAlign: return activations(of: kernel)
    }
  }

  private func activations(of kernel: ExecutionPlan.Kernel) -> Double {
    elements(kernel.reads) + elements(kernel.writes)
  }

  private func elementCount(_ id: Workload.TensorID??) -> Int {
    id.flatMap { $0 }.flatMap { workload.tensors[$0].type?.elementCount } ?? 0
  }

  /// Elements touched of operands of which more than `least` are: a gather or slice touches a part of
  /// its tensor.
  func elements(_ operands: [ExecutionPlan.Operand], over least: Double = 0) -> Double {
    operands.reduce(0) { sum, operand in
      let size = Double(plan.tensorSizes[operand.tensor].rawValue)
      guard size > 0, let type = workload.tensors[operand.tensor].type else { return sum }
      let touched = Double(type.elementCount) * min(1, Double(operand.size.rawValue) / size)
      return touched > least ? sum + touched : sum
    }
  }
}

extension Convolution {
  /// Whether it reads plain neighbours and writes one element a position.
  fileprivate var isForward: Bool {
    switch function {
    case .conv, .convInteger, .qLinearConv, .fusedConv: true
    case .convTranspose, .deformConv, .causalConvWithState: false
    }
  }
}
