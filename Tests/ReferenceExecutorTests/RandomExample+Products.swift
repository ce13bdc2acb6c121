import ModelIR
import TensorTypes
import TestSupport

extension ExampleMaker {
  mutating func matrixProduct() -> OperatorExample {
    let (rows, depth, columns) = (integer(1...4), integer(1...4), integer(1...4))
    let batch = shape(rank: 0...2, extent: 1...3)
    var left = broadcastable(to: batch) + [rows, depth]
    var right = broadcastable(to: batch) + [depth, columns]
    let result = batch + [rows, columns]
    func example(_ function: MatrixProduct.Function, _ inputs: [Operand?]) -> OperatorExample {
      OperatorExample(.matrixProduct(MatrixProduct(function)), trimmed(inputs))
    }
    switch integer(0...5) {
    case 0:
      if integer(0...3) == 0 { left = [depth] }
      if integer(0...3) == 0 { right = [depth] }
      return example(.matMul, [tensor(left), tensor(right)])
    case 1:
      let transposes = (flag(), flag())
      if transposes.0 { left.swapAt(left.count - 1, left.count - 2) }
      if transposes.1 { right.swapAt(right.count - 1, right.count - 2) }
      return example(
        .fusedMatMul(
          MatrixProduct.Fused(
            alpha: element([1, 0.5]), transposesA: transposes.0, transposesB: transposes.1)),
        [tensor(left), tensor(right)])
    case 2:
      return example(
        .matMulInteger,
        [
          tensor(left, .uint8), tensor(right, .int8), maybe(bytePoint),
          maybe(element([tensor([], .int8), tensor([columns], .int8)])),
        ])
    case 3:
      return example(
        .qLinearMatMul,
        [
          tensor(left, .uint8), scalar, bytePoint, tensor(right, .int8), scalar,
          tensor([], .int8), scalar, bytePoint,
        ])
    case 4:
      return example(
        .matMulIntegerToFloat,
        [
          tensor(left, .uint8), tensor(right, .int8), scalar, element([scalar, tensor([columns])]),
          maybe(bytePoint), maybe(tensor([columns], .int8)), maybe(tensor([columns])),
        ])
    default:
      return example(
        .dynamicQuantizeMatMul,
        [
          tensor(left), tensor(Array(result.suffix(1)), .int8).reshaped([depth, columns]),
          element([scalar, tensor([columns])]), maybe(tensor([columns], .int8)),
          maybe(tensor([columns])),
        ])
    }
  }

  mutating func gemm() -> OperatorExample {
    let (rows, depth, columns) = (integer(1...4), integer(1...4), integer(1...4))
    let gemm = MatrixProduct.Gemm(
      alpha: element([1, 0.5]), beta: element([1, 2]), transposesA: flag(), transposesB: flag())
    let left = gemm.transposesA ? [depth, rows] : [rows, depth]
    let right = gemm.transposesB ? [columns, depth] : [depth, columns]
    let addend = maybe(tensor(broadcastable(to: [rows, columns])))
    switch integer(0...2) {
    case 0:
      return OperatorExample(
        .matrixProduct(MatrixProduct(.gemm(gemm))),
        trimmed([tensor(left), tensor(right), addend]))
    case 1:
      return OperatorExample(
        .matrixProduct(
          MatrixProduct(
            .fusedGemm(gemm, activation: element([nil, .relu, .tanh, .hardSwish])))),
        trimmed([tensor(left), tensor(right), addend]))
    default:
      let isReal = flag()
      return OperatorExample(
        .matrixProduct(MatrixProduct(.qGemm(gemm))),
        trimmed([
          tensor(left, .uint8), scalar, bytePoint, tensor(right, .int8), tensor([columns]),
          tensor([columns], .int8), addend == nil ? nil : tensor([columns], .int32),
          isReal ? nil : scalar, isReal ? nil : bytePoint,
        ]))
    }
  }

  mutating func blockQuantizedProduct() -> OperatorExample {
    let blockSize = element([16, 32])
    let weights = MatrixProduct.BlockQuantized(
      inputSize: integer(1...40), outputSize: integer(1...4), bits: element([2, 4, 8]),
      blockSize: blockSize)
    let blocks = (weights.inputSize - 1) / blockSize + 1
    let zeroBytes = (blocks * weights.bits - 1) / 8 + 1
    return OperatorExample(
      .matrixProduct(MatrixProduct(.matMulNBits(weights))),
      trimmed([
        tensor(shape(rank: 0...2) + [weights.inputSize]),
        tensor([weights.outputSize, blocks, blockSize * weights.bits / 8], .uint8),
        tensor([weights.outputSize, blocks]),
        maybe(tensor([weights.outputSize, zeroBytes], .uint8)), nil,
        maybe(tensor([weights.outputSize])),
      ]))
  }

  mutating func einsum() -> OperatorExample {
    let letters = ["a", "b", "c", "d"]
    let extents = Dictionary(uniqueKeysWithValues: letters.map { ($0, integer(1...3)) })
    let ellipsis = shape(rank: 0...2, extent: 1...3)
    let usesEllipsis = flag()
    var terms: [String] = []
    var inputs: [Operand?] = []
    for _ in 0..<integer(1...3) {
      let names = (0..<integer(usesEllipsis ? 0...2 : 1...3)).map { _ in element(letters) }
      let isFirst = flag()
      let own = usesEllipsis ? ellipsis.suffix(integer(0...ellipsis.count)) : []
      let dots = usesEllipsis ? "..." : ""
      terms.append(isFirst ? dots + names.joined() : names.joined() + dots)
      let named = names.map { extents[$0] ?? 1 }
      inputs.append(tensor(isFirst ? own + named : named + own))
    }
    let used = Set(terms.joined().map(String.init)).subtracting(["."]).sorted()
    let kept = used.filter { _ in flag() }.shuffled(using: &generator)
    let result = usesEllipsis ? "->..." : "->"
    return OperatorExample(
      .einsum(Einsum(terms.joined(separator: ",") + (flag() ? result + kept.joined() : ""))),
      inputs)
  }
}

extension Operand {
  fileprivate func reshaped(_ dimensions: [Int]) -> Operand {
    Operand(TensorType(type.dtype, dimensions))
  }
}
