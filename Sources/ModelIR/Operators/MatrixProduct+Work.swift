import Quantities
public import TensorTypes

extension MatrixProduct {
  /// Multiply-accumulates: result elements × depth. Other operations: the zero points subtracted
  /// from each operand element, alpha and beta where they are not 1, one add for each result
  /// element and addend, the activation, and the way from and to quantized numbers. The scales of
  /// operands and result are one factor, which is not counted.
  public func work(inputs: [Operand?], outputs: [TensorType?]) -> Work? {
    guard let (shape, depth) = try? product(of: inputs) else { return nil }
    let layout = layout
    let elements = elementCount(shape)
    var operations = FLOPs.zero
    for (operand, zeroPoint) in layout.zeroPoints where inputs.optional(zeroPoint) != nil {
      operations += FLOPs(inputs.elementCount(operand))
    }
    let addends = [layout.addend, layout.bias].compactMap { $0.flatMap { inputs.optional($0) } }
    let perElement = operationsPerResult(inputs) + addends.count
    operations += .product(perElement, elements)
    switch function {
    case .matMul, .fusedMatMul, .gemm, .matMulInteger, .qLinearMatMul, .qGemm, .fusedGemm,
      .matMulIntegerToFloat:
      break
    case .matMulNBits(let weights):
      operations += .product(AffineCost.dequantize, weights.inputSize, weights.outputSize)
    case .dynamicQuantizeMatMul:
      // The zero point found on the way is subtracted again.
      operations += .product(
        QuantizationOperator.dynamicOperationsPerElement + 1, inputs.elementCount(0))
      operations += FLOPs(QuantizationOperator.dynamicOperationsPerTensor)
    }
    return Work(
      macs: .product(elements, depth), otherOperations: operations, inputs: inputs,
      outputs: outputs)
  }

  /// Operations on each result element, addends aside.
  private func operationsPerResult(_ inputs: [Operand?]) -> Int {
    switch function {
    case .matMul, .matMulInteger, .matMulNBits: 0
    case .gemm(let gemm): gemm.scalings(hasAddend: inputs.optional(2) != nil)
    case .fusedGemm(let gemm, let activation):
      gemm.scalings(hasAddend: inputs.optional(2) != nil)
        + (activation.map { Elementwise($0).operationsPerElement(inputs: [inputs.optional(0)]) }
          ?? 0)
    case .fusedMatMul(let fused): fused.alpha == 1 ? 0 : 1
    // The scales of operands and result are one factor.
    case .qLinearMatMul: AffineCost.quantize
    case .qGemm: inputs.optional(8) == nil ? 1 : AffineCost.quantize
    case .dynamicQuantizeMatMul, .matMulIntegerToFloat: 1
    }
  }
}

extension MatrixProduct.Gemm {
  /// Multiplies by alpha and beta for one result element.
  fileprivate func scalings(hasAddend: Bool) -> Int {
    (alpha == 1 ? 0 : 1) + (hasAddend && beta != 1 ? 1 : 0)
  }
}
