import ModelIR
import ReferenceExecutor
import TensorTypes
import Testing

private func tensor(_ dimensions: [Int], _ elements: [Double]) throws -> ReferenceTensor<Double> {
  try #require(ReferenceTensor(TensorType(.float32, dimensions), elements))
}

private func expectClose(
  _ actual: [Double], _ expected: [Double], sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(actual.count == expected.count, sourceLocation: sourceLocation)
  for (one, other) in zip(actual, expected) {
    #expect(abs(one - other) < 1e-4, "\(actual) \(expected)", sourceLocation: sourceLocation)
  }
}

/// Values worked out by hand.
@Suite struct ReferenceValueTests {
  private let image = (1...9).map(Double.init)

  @Test func `a convolution sums what its window covers, and reads zeros in the padding`() throws {
    let convolution = Convolution(
      .conv, window: SpatialWindow(strides: [2, 2], padding: .explicit([1, 1, 1, 1])))
    let results = try Operator.convolution(convolution).reference([
      tensor([1, 1, 3, 3], image), tensor([1, 1, 3, 3], Array(repeating: 1, count: 9)),
      tensor([1], [100]),
    ])
    #expect(results[0].dimensions == [1, 1, 2, 2])
    // 1+2+4+5, 2+3+5+6, 4+5+7+8, 5+6+8+9.
    #expect(results[0].elements == [112, 116, 124, 128])
  }

  @Test func `a slice may end beyond all whole numbers`() throws {
    let places = try [[0], [0x1p63], [0]].map { (element: [Double]) in
      try #require(ReferenceTensor<Double>(TensorType(.int64, [1]), element))
    }
    let results = try Operator.movement(.slice(Movement.Slice())).reference(
      [tensor([3], [5, 6, 7])] + places)
    #expect(results[0].elements == [5, 6, 7])
  }

  @Test func `a transposed convolution spreads each element by its kernel`() throws {
    let convolution = Convolution(
      .convTranspose(outputPadding: [], outputShape: nil), window: SpatialWindow(strides: [2]))
    let results = try Operator.convolution(convolution).reference([
      tensor([1, 1, 3], [1, 2, 3]), tensor([1, 1, 3], [1, 10, 100]),
    ])
    #expect(results[0].elements == [1, 10, 102, 20, 203, 30, 300])
  }

  @Test func `a grouped convolution keeps groups apart`() throws {
    let results = try Operator.convolution(Convolution(.conv, group: 2)).reference([
      tensor([1, 2, 2], [1, 2, 3, 4]), tensor([2, 1, 2], [1, 1, 10, 10]),
    ])
    #expect(results[0].elements == [3, 70])
  }

  @Test func `a mean over a window does not count its padding unless told to`() throws {
    let sliding = Pooling.Sliding(
      window: SpatialWindow(kernel: [2, 2], strides: [2, 2], padding: .explicit([1, 1, 0, 0])))
    func means(_ includesPadding: Bool) throws -> [Double] {
      try Operator.pooling(Pooling(.average(sliding, includesPadding: includesPadding)))
        .reference([tensor([1, 1, 3, 3], image)])[0].elements
    }
    #expect(try means(false) == [1, 2.5, 5.5, 7])
    #expect(try means(true) == [0.25, 1.25, 2.75, 7])
  }

  @Test func `a maximum comes with its place, and the last window may be partial`() throws {
    let sliding = Pooling.Sliding(
      window: SpatialWindow(kernel: [2, 2], strides: [2, 2]), roundsUp: true)
    let results = try Operator.pooling(Pooling(.max(sliding, countsColumnsFirst: false)))
      .reference([tensor([1, 1, 3, 3], image)], outputCount: 2)
    #expect(results[0].elements == [5, 6, 8, 9])
    #expect(results[1].elements == [4, 5, 7, 8])
  }

  @Test func `softmax gives shares of the exponentials`() throws {
    let results = try Operator.softmax(Softmax(.softmax, axis: -1))
      .reference([tensor([2, 3], [1, 2, 3, 1000, 1000, 1000])])
    expectClose(results[0].elements, [0.09003, 0.24473, 0.66524, 1.0 / 3, 1.0 / 3, 1.0 / 3])
  }

  @Test func `layer normalization centres and scales each row`() throws {
    let normalization = Normalization(.layer(axis: -1, statistics: .float32), epsilon: 0)
    let results = try Operator.normalization(normalization).reference(
      [tensor([1, 4], [1, 2, 3, 4]), tensor([4], [1, 1, 2, 2]), tensor([4], [0, 0, 0, 1])],
      outputCount: 3)
    // Mean 2.5, variance 1.25.
    expectClose(results[0].elements, [-1.34164, -0.44721, 0.89443, 3.68328])
    expectClose(results[1].elements, [2.5])
    expectClose(results[2].elements, [0.89443])
  }

  /// One cell: gates i, o, f, g are 1, 2, 3 and 4 times the input, and half the state.
  @Test func `an LSTM remembers through its gates`() throws {
    let results = try Operator.recurrent(Recurrent(.lstm(couplesInputAndForget: false))).reference(
      [
        tensor([2, 1, 1], [0.1, -0.2]), tensor([1, 4, 1], [1, 2, 3, 4]),
        tensor([1, 4, 1], [0.5, 0.5, 0.5, 0.5]),
      ], outputCount: 3)
    // t = 1: i = σ(0.1), o = σ(0.2), g = tanh(0.4); c = i·g = 0.199465, h = o·tanh c = 0.108241.
    // t = 2: i = σ(−0.145879), o = σ(−0.345879), f = σ(−0.545879), g = tanh(−0.745879);
    // c = f·0.199465 + i·g = −0.220141, h = o·tanh c = −0.089777.
    expectClose(results[0].elements, [0.108241, -0.089777])
    expectClose(results[1].elements, [-0.089777])
    expectClose(results[2].elements, [-0.220141])
  }

  @Test func `resizing by lines weighs pixel centres`() throws {
    let resize = Resize(.linear, scales: [1, 2])
    let results = try Operator.movement(.resize(resize)).reference([tensor([1, 3], [1, 2, 4])])
    #expect(results[0].elements == [1, 1.25, 1.75, 2.5, 3.5, 4])
  }

  @Test func `heads of keys serve groups of queries`() throws {
    let attention = Attention(
      .scaledDotProduct(queryHeads: nil, keyValueHeads: nil, Attention.Scoring(isCausal: true)))
    // Queries of zero see all keys alike: the results are running means of the values.
    let results = try Operator.attention(attention).reference([
      tensor([1, 2, 2, 1], [0, 0, 0, 0]), tensor([1, 1, 2, 1], [5, 7]),
      tensor([1, 1, 2, 1], [1, 3]),
    ])
    #expect(results[0].elements == [1, 2, 1, 2])
  }

  @Test func `integers wrap and divide toward zero`() throws {
    func integers(_ dtype: DType, _ elements: [Double]) throws -> ReferenceTensor<Double> {
      try #require(ReferenceTensor(TensorType(dtype, [elements.count]), elements))
    }
    let sum = try Operator.elementwise(Elementwise(.add))
      .reference([integers(.uint8, [250, 1]), integers(.uint8, [10, 2])])
    #expect(sum[0].elements == [4, 3])
    let quotient = try Operator.elementwise(Elementwise(.div))
      .reference([integers(.int32, [-7, 7]), integers(.int32, [2, 2])])
    #expect(quotient[0].elements == [-3, 3])
  }

  @Test func `the greatest come first, equal ones by place`() throws {
    let count = try #require(ReferenceTensor<Double>(TensorLiteral(vector: [3])))
    let results = try Operator.indexing(.topK(axis: -1)).reference(
      [tensor([5], [2, 7, 7, 1, 9]), count], outputCount: 2)
    #expect(results[0].elements == [9, 7, 7])
    #expect(results[1].elements == [4, 1, 2])
  }

  @Test func `an inverse times its matrix is one`() throws {
    let results = try Operator.geometry(.inverse)
      .reference([tensor([2, 2], [0, 2, 4, 1])])
    #expect(results[0].elements == [-0.125, 0.25, 0.5, 0])
    #expect(
      try Operator.geometry(.det).reference([tensor([2, 2], [0, 2, 4, 1])])[0].elements == [-8])
  }

  @Test func `a cast rounds to the numbers of its dtype`() throws {
    func cast(_ value: Double, _ dtype: DType) throws -> Double? {
      try Operator.movement(.cast(to: dtype)).reference([tensor([1], [value])])[0].elements.first
    }
    #expect(try cast(-1.7, .int8) == -1)
    #expect(try cast(300, .uint8) == 44)
    #expect(try cast(2049, .float16) == 2048)
    #expect(try cast(1e6, .float16) == .infinity)
    #expect(try cast(1000, .float8e4m3fn) == 448)
    #expect(try cast(0.3, .bfloat16) == 0.30078125)
  }

  @Test func `control flow and unknown operators are not evaluated`() {
    let unknown = Operator.opaque(OpaqueOperator(name: "Secret", domain: "lab"))
    #expect(throws: ReferenceError.notEvaluated("lab::Secret")) {
      try unknown.reference([ReferenceTensor<Double>]())
    }
  }

  @Test func `inputs that do not suit are refused by the shape rule`() throws {
    let operands = [try tensor([2, 3], image.dropLast(3)), try tensor([2, 2], [1, 2, 3, 4])]
    #expect(throws: ReferenceError.shape(.contractionMismatch(left: 3, right: 2))) {
      try Operator.matrixProduct(MatrixProduct(.matMul)).reference(operands)
    }
  }

  @Test func `an index beyond the data is refused`() throws {
    let data = try tensor([3], [1, 2, 3])
    let index = try #require(ReferenceTensor<Double>(TensorLiteral(scalar: 3)))
    #expect(throws: ReferenceError.invalidElement(input: 1, reason: "names place 3 of 3")) {
      try Operator.indexing(.gather(axis: 0)).reference([data, index])
    }
  }
}
