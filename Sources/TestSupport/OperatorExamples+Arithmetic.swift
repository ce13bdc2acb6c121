import ModelIR
import TensorTypes

/// At least one small use of every operator that computes.
public let arithmeticOperatorExamples: [OperatorExample] =
  elementwiseExamples + quantizedElementwiseExamples + matrixProductExamples + convolutionExamples
  + poolingExamples + normalizationExamples + reductionExamples + quantizationExamples
  + attentionExamples + recurrentExamples

private func tensor(_ dimensions: Int...) -> Operand { Operand(TensorType(.float32, dimensions)) }
private func tensor(_ dtype: DType, _ dimensions: Int...) -> Operand {
  Operand(TensorType(dtype, dimensions))
}
private let scale = tensor()
private let bytePoint = tensor(.uint8)

private let elementwiseExamples: [OperatorExample] = {
  let unary: [Elementwise.Function] = [
    .abs, .acos, .acosh, .asin, .asinh, .atan, .atanh, .ceil, .cos, .cosh, .erf, .exp, .floor,
    .hardSwish, .isNaN, .log, .mish, .neg, .reciprocal, .relu, .round, .sigmoid, .sign, .sin,
    .sinh, .softplus, .softsign, .sqrt, .tan, .tanh, .celu(alpha: 1), .clip(min: 0, max: 6),
    .elu(alpha: 1), .gelu(.erf), .gelu(.tanh), .fastGelu, .quickGelu(alpha: 1.702),
    .hardSigmoid(alpha: 0.2, beta: 0.5), .isInf(detectsNegative: true, detectsPositive: true),
    .leakyRelu(alpha: 0.01), .selu(alpha: 1.673, gamma: 1.051), .shrink(lambda: 0.5, bias: 0),
    .swish(alpha: 1), .thresholdedRelu(alpha: 1),
  ]
  let binary: [Elementwise.Function] = [
    .add, .div, .equal, .greater, .greaterOrEqual, .less, .lessOrEqual, .max, .mean, .min, .mul,
    .pRelu, .pow, .sub, .sum, .mod(truncates: true), .biasGelu, .swiGLU(alpha: 1),
  ]
  let logical: [Elementwise.Function] = [.and, .or, .xor]
  let integral: [Elementwise.Function] = [
    .bitwiseAnd, .bitwiseOr, .bitwiseXor, .bitShift(.left), .mod(truncates: false),
  ]
  return unary.map { OperatorExample(.elementwise(Elementwise($0)), [tensor(2, 3, 4)]) }
    + binary.map { OperatorExample(.elementwise(Elementwise($0)), [tensor(2, 3, 4), tensor(4)]) }
    + logical.map {
      OperatorExample(.elementwise(Elementwise($0)), [tensor(.bool, 3, 1), tensor(.bool, 4)])
    }
    + integral.map {
      OperatorExample(.elementwise(Elementwise($0)), [tensor(.uint8, 3, 4), tensor(.uint8, 4)])
    } + [
      OperatorExample(.elementwise(Elementwise(.not)), [tensor(.bool, 5)]),
      OperatorExample(.elementwise(Elementwise(.bitwiseNot)), [tensor(.uint8, 5)]),
      OperatorExample(
        .elementwise(Elementwise(.where)), [tensor(.bool, 3, 1), tensor(3, 4), tensor(4)]),
      OperatorExample(
        .elementwise(Elementwise(.clip(min: nil, max: nil))), [tensor(3, 4), scale, scale]),
      OperatorExample(.elementwise(Elementwise(.fastGelu)), [tensor(2, 3), tensor(3)]),
      OperatorExample(.elementwise(Elementwise(.sum)), [tensor(2, 3), tensor(3), tensor(2, 1)]),
    ]
}()

private let quantizedElementwiseExamples: [OperatorExample] = {
  let input = [tensor(.uint8, 2, 3), scale, bytePoint]
  let binary: [Elementwise.Function] = [.qLinearAdd, .qLinearMul]
  let unary: [Elementwise.Function] = [.qLinearSigmoid, .qLinearLeakyRelu(alpha: 0.01)]
  return binary.map {
    OperatorExample(.elementwise(Elementwise($0)), input + input + [scale, bytePoint])
  }
    + unary.map {
      OperatorExample(.elementwise(Elementwise($0)), input + [scale, bytePoint])
    }
}()

private let matrixProductExamples: [OperatorExample] = {
  let left = [tensor(.uint8, 2, 3), scale, bytePoint]
  let right = [tensor(.uint8, 3, 4), scale, bytePoint]
  let gemm = MatrixProduct.Gemm(alpha: 0.5, beta: 2, transposesB: true)
  func example(_ function: MatrixProduct.Function, _ inputs: [Operand?]) -> OperatorExample {
    OperatorExample(.matrixProduct(MatrixProduct(function)), inputs)
  }
  return [
    example(.matMul, [tensor(5, 2, 3), tensor(3, 4)]),
    example(.matMul, [tensor(3), tensor(3)]),
    example(.gemm(gemm), [tensor(2, 3), tensor(4, 3), tensor(4)]),
    example(
      .matMulInteger, [tensor(.uint8, 2, 3), tensor(.int8, 3, 4), bytePoint, tensor(.int8)]),
    example(.qLinearMatMul, left + right + [scale, bytePoint]),
    example(
      .qGemm(MatrixProduct.Gemm()), left + right + [tensor(.int32, 4), scale, bytePoint]),
    example(
      .matMulNBits(MatrixProduct.BlockQuantized(inputSize: 32, outputSize: 4, blockSize: 16)),
      [tensor(1, 2, 32), tensor(.uint8, 4, 2, 8), tensor(4, 2), tensor(.uint8, 4, 1)]),
    example(
      .fusedMatMul(MatrixProduct.Fused(alpha: 0.125, transposesB: true)),
      [tensor(5, 2, 3), tensor(5, 4, 3)]),
    example(
      .fusedGemm(gemm, activation: .relu), [tensor(2, 3), tensor(4, 3), tensor(4)]),
    example(
      .dynamicQuantizeMatMul,
      [tensor(2, 3), tensor(.int8, 3, 4), tensor(4), tensor(.int8, 4), tensor(4)]),
    example(
      .matMulIntegerToFloat,
      [
        tensor(.uint8, 2, 3), tensor(.int8, 3, 4), scale, scale, bytePoint, tensor(.int8),
        tensor(4),
      ]),
    OperatorExample(.einsum(Einsum("bij,bjk->bik")), [tensor(5, 2, 3), tensor(5, 3, 4)]),
    OperatorExample(.einsum(Einsum("...i->...")), [tensor(2, 3)]),
  ]
}()

private let convolutionExamples: [OperatorExample] = {
  let window = SpatialWindow(kernel: [3, 3], strides: [2, 2], padding: .explicit([1, 1, 1, 1]))
  let image = tensor(1, 4, 8, 8)
  let bytes = [tensor(.uint8, 1, 4, 8, 8), scale, bytePoint]
  let weights = [tensor(.int8, 6, 4, 3, 3), scale, tensor(.int8)]
  func example(
    _ function: Convolution.Function, _ inputs: [Operand?], group: Int = 1, outputCount: Int = 1
  ) -> OperatorExample {
    OperatorExample(
      .convolution(Convolution(function, window: window, group: group)), inputs,
      outputCount: outputCount)
  }
  return [
    example(.conv, [image, tensor(6, 4, 3, 3), tensor(6)]),
    example(.conv, [image, tensor(4, 1, 3, 3)], group: 4),
    OperatorExample(.convolution(Convolution(.conv)), [tensor(1, 2, 9), tensor(3, 2, 3)]),
    example(
      .convTranspose(outputPadding: [1, 1], outputShape: nil),
      [image, tensor(4, 6, 3, 3), tensor(6)]),
    example(
      .convInteger,
      [tensor(.uint8, 1, 4, 8, 8), tensor(.int8, 6, 4, 3, 3), bytePoint, tensor(.int8)]),
    example(
      .qLinearConv,
      bytes + weights + [scale, bytePoint, tensor(.int32, 6)]),
    example(
      .fusedConv(activation: .relu),
      [image, tensor(6, 4, 3, 3), tensor(6), tensor(1, 6, 4, 4)]),
    example(
      .deformConv(offsetGroup: 2),
      [image, tensor(6, 4, 3, 3), tensor(1, 36, 4, 4), tensor(6), tensor(1, 18, 4, 4)]),
    OperatorExample(
      .convolution(
        Convolution(.causalConvWithState(activation: .swish(alpha: 1), dilation: 1))),
      [tensor(1, 4, 8), tensor(4, 1, 3), tensor(4), tensor(1, 4, 2)], outputCount: 2),
  ]
}()

private let poolingExamples: [OperatorExample] = {
  let image = tensor(1, 4, 8, 8)
  let bytes: [Operand?] = [tensor(.uint8, 1, 4, 8, 8), scale, bytePoint, scale, bytePoint]
  let sliding = Pooling.Sliding(window: SpatialWindow(kernel: [2, 2], strides: [2, 2]))
  func example(
    _ function: Pooling.Function, _ inputs: [Operand?], outputCount: Int = 1
  ) -> OperatorExample {
    OperatorExample(.pooling(Pooling(function)), inputs, outputCount: outputCount)
  }
  return [
    example(.max(sliding, countsColumnsFirst: false), [image], outputCount: 2),
    example(.average(sliding, includesPadding: false), [image]),
    example(.lp(sliding, power: 2), [image]),
    example(.globalMax, [image]),
    example(.globalAverage, [image]),
    example(.globalLp(power: 2), [image]),
    example(.maxRegion(pooledShape: [2, 2], spatialScale: 1), [image, tensor(3, 5)]),
    example(
      .maxUnpool(window: SpatialWindow(kernel: [2, 2], strides: [2, 2])),
      [image, tensor(.int64, 1, 4, 8, 8)]),
    example(
      .regionAlign(
        Pooling.RegionAlignment(
          mode: .average, outputHeight: 2, outputWidth: 2, samplingRatio: 2, spatialScale: 1,
          usesHalfPixel: true)),
      [image, tensor(3, 4), tensor(.int64, 3)]),
    example(.qLinearAverage(sliding, includesPadding: false), bytes),
    example(.qLinearGlobalAverage(channelsLast: false), bytes),
  ]
}()

private let normalizationExamples: [OperatorExample] = {
  let image = tensor(2, 4, 3, 3)
  let tokens = tensor(2, 3, 8)
  let width = tensor(8)
  func example(
    _ function: Normalization.Function, _ inputs: [Operand?], outputCount: Int = 1
  ) -> OperatorExample {
    OperatorExample(.normalization(Normalization(function)), inputs, outputCount: outputCount)
  }
  return [
    example(
      .batch(Normalization.Batch()), [image] + Array(repeating: tensor(4), count: 4)),
    example(
      .batch(Normalization.Batch(isTraining: true)),
      [image] + Array(repeating: tensor(4), count: 4), outputCount: 3),
    example(
      .layer(axis: -1, statistics: .float32), [tokens, width, width], outputCount: 3),
    example(.rms(axis: -1, statistics: .float32), [tokens, width]),
    example(.simplifiedLayer(axis: -1, statistics: .float32), [tokens, width], outputCount: 2),
    example(.skipLayer, [tokens, tokens, width, width, width], outputCount: 4),
    example(.skipSimplifiedLayer, [tokens, tokens, width, width], outputCount: 4),
    example(.instance, [image, tensor(4), tensor(4)]),
    example(.group(Normalization.Group(count: 2)), [image, tensor(4), tensor(4)]),
    example(.localResponse(size: 3, alpha: 1e-4, beta: 0.75, bias: 1), [image]),
    example(.lp(axis: 1, power: 2), [image]),
    example(.meanVariance(axes: [0, 2, 3]), [image]),
    OperatorExample(.softmax(Softmax(.softmax, axis: -1)), [tokens]),
    OperatorExample(.softmax(Softmax(.logSoftmax, axis: -1)), [tokens]),
    OperatorExample(.softmax(Softmax(.hardmax, axis: -1)), [tokens]),
    OperatorExample(
      .softmax(Softmax(.loss(Softmax.Loss(), normalizes: true), axis: 1)),
      [tensor(.float32, 2, 5), tensor(.int64, 2), tensor(.float32, 5)], outputCount: 2),
    OperatorExample(
      .softmax(Softmax(.loss(Softmax.Loss(.none), normalizes: false), axis: 1)),
      [tensor(.float32, 2, 5, 3), tensor(.int64, 2, 3)]),
    OperatorExample(
      .softmax(Softmax(.qLinearSoftmax, axis: -1)),
      [tensor(.uint8, 2, 5), scale, bytePoint, scale, bytePoint]),
  ]
}()

private let reductionExamples: [OperatorExample] =
  Reduction.Combination.allCases.map {
    OperatorExample(.reduction(Reduction(.reduce($0, Reduction.Axes([1])))), [tensor(2, 3, 4)])
  } + [
    OperatorExample(
      .reduction(Reduction(.reduce(.sum, Reduction.Axes(keepsAxes: false)))),
      [tensor(2, 3, 4), Operand(TensorLiteral(vector: [0, -1]))]),
    OperatorExample(
      .reduction(Reduction(.argMax(axis: 1, keepsAxis: false, selectsLast: false))),
      [tensor(2, 3, 4)]),
    OperatorExample(
      .reduction(Reduction(.argMin(axis: 1, keepsAxis: true, selectsLast: false))),
      [tensor(2, 3, 4)]),
    OperatorExample(
      .reduction(Reduction(.cumulativeSum(isExclusive: false, isReversed: false))),
      [tensor(2, 3), Operand(TensorLiteral(scalar: 1))]),
    OperatorExample(
      .reduction(Reduction(.cumulativeProduct(isExclusive: false, isReversed: false))),
      [tensor(2, 3), Operand(TensorLiteral(scalar: 1))]),
  ]

private let quantizationExamples: [OperatorExample] = [
  OperatorExample(
    .quantization(
      QuantizationOperator(
        .quantizeLinear(
          QuantizationOperator.Granularity(axis: 0), output: nil, saturates: true, precision: nil))),
    [tensor(2, 3), tensor(2), tensor(.int8, 2)]),
  OperatorExample(
    .quantization(
      QuantizationOperator(
        .dequantizeLinear(
          QuantizationOperator.Granularity(axis: 1, blockSize: 2), output: nil))),
    [tensor(.int4, 2, 6), tensor(2, 3)]),
  OperatorExample(
    .quantization(QuantizationOperator(.dynamicQuantizeLinear)), [tensor(2, 3)], outputCount: 3),
]
