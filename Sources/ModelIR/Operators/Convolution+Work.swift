import Quantities
public import TensorTypes

extension Convolution {
  /// Multiply-accumulates: result elements × (input channels / group) × kernel elements, padding
  /// counted like data; transposed, input elements × (output channels / group) × kernel elements.
  /// Other operations: one add for each result element and bias or addend, the activation, the
  /// zero points subtracted from each operand element, and the way back to quantized numbers.
  public func work(inputs: [Operand?], outputs: [TensorType?]) -> Work? {
    guard let problem = try? problem(of: inputs), group > 0 else { return nil }
    let layout = layout
    let kernel = elementCount(problem.kernel)
    let results = elementCount([problem.batch, problem.outputChannels] + problem.output)
    let perResult = MACs.product(results, problem.inputChannels / group, kernel)
    var operations = FLOPs.zero
    if layout.bias.flatMap({ inputs.optional($0) }) != nil { operations += FLOPs(results) }
    for (operand, zeroPoint) in layout.zeroPoints where inputs.optional(zeroPoint) != nil {
      operations += FLOPs(inputs.elementCount(operand))
    }
    let macs: MACs
    switch function {
    case .conv, .convInteger:
      macs = perResult
    case .convTranspose:
      macs = .product(problem.input.elementCount, problem.outputChannels / group, kernel)
    case .qLinearConv:
      macs = perResult
      operations += .product(AffineCost.quantize, results)
    case .fusedConv(let activation):
      macs = perResult
      if inputs.optional(3) != nil { operations += FLOPs(results) }
      operations += .product(operationsPerElement(activation, inputs), results)
    case .deformConv(let offsetGroup):
      macs = perResult
      operations += sampling(problem, offsetGroup: offsetGroup, masked: inputs.optional(4) != nil)
    case .causalConvWithState(let activation, _):
      macs = .product(results, kernel)
      operations += .product(operationsPerElement(activation, inputs), results)
    }
    return Work(macs: macs, otherOperations: operations, inputs: inputs, outputs: outputs)
  }

  private func operationsPerElement(
    _ activation: Elementwise.Function?, _ inputs: [Operand?]
  ) -> Int {
    activation.map { Elementwise($0).operationsPerElement(inputs: [inputs.optional(0)]) } ?? 0
  }

  /// Reading between elements: with `n` axes, `2ⁿ` corners. A position of an offset group finds its
  /// coordinates and floors (3 operations an axis), the complements (1 an axis) and, axis by axis,
  /// the corners' weights (`4 + 8 + … + 2ⁿ = 2ⁿ⁺¹ − 4` multiplies); a sample of a channel is `2ⁿ`
  /// multiplies, `2ⁿ − 1` adds and the mask's multiply.
  private func sampling(_ problem: Problem, offsetGroup: Int, masked: Bool) -> FLOPs {
    let axes = problem.kernel.count
    let corners = axes < 32 ? 1 << axes : Int.max
    let positions = elementCount([problem.batch] + problem.output + problem.kernel)
    let samples = FLOPs.product(positions, problem.inputChannels)
    let products = FLOPs(max((2 * FLOPs(corners)).rawValue - 4, 0))
    let weights = FLOPs.product(4, axes) + products
    let perSample = 2 * FLOPs(corners) - FLOPs(masked ? 0 : 1)
    return FLOPs.product(positions, offsetGroup, weights.rawValue)
      + .product(samples.rawValue, perSample.rawValue)
  }
}
