import ModelIR
import Quantities
import ReferenceExecutor
import TensorTypes
import TestSupport
import Testing

/// Values that ncnn 1.0.20261020 gives for the same layers and inputs.
@Suite struct DetectionTests {
  private func tensor(_ dimensions: [Int], _ elements: [Double]) throws -> ReferenceTensor<Double> {
    try #require(ReferenceTensor(TensorType(.float32, dimensions), elements))
  }

  private func expect(
    _ actual: ReferenceTensor<Double>, _ rows: [[Double]],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let expected = rows.flatMap { $0 }
    for (one, other) in zip(actual.elements, expected) {
      #expect(abs(one - other) < 2e-6, sourceLocation: sourceLocation)
    }
    #expect(
      actual.elements.dropFirst(expected.count).allSatisfy { $0 == 0 },
      sourceLocation: sourceLocation)
  }

  private func priors() throws -> ReferenceTensor<Double> {
    let boxes = Generator.PriorBoxes(
      leastSizes: [4], greatestSizes: [6], aspectRatios: [2], flips: true, clips: false,
      variances: [0.1, 0.1, 0.2, 0.2], imageSize: [nil, nil], steps: [nil, nil], offset: 0.5)
    return try Operator.generator(.priorBoxes(boxes)).reference([
      tensor([1, 1, 1, 2], [0, 0]), tensor([1, 3, 8, 16], Array(repeating: 0, count: 384)),
    ])[0]
  }

  @Test func `prior boxes surround each cell's centre`() throws {
    let priors = try priors()
    #expect(priors.dimensions == [1, 2, 32])
    let first = [
      [0.125, 0.25, 0.375, 0.75], [0.096907, 0.193814, 0.403093, 0.806186],
      [0.073223, 0.323223, 0.426777, 0.676777], [0.161612, 0.146447, 0.338388, 0.853553],
    ]
    let second = first.map { [$0[0] + 0.5, $0[1], $0[2] + 0.5, $0[3]] }
    expect(
      priors, first + second + Array(repeating: [0.1, 0.1, 0.2, 0.2], count: 8))
  }

  @Test func `offsets move prior boxes, and each class keeps its best`() throws {
    let detection = Detection(
      .priors(classCount: 3),
      Detection.Selection(confidence: 0.25, overlap: 0.45, candidatesPerClass: 3, limit: 4))
    let scores = [
      [0.5, 0.3, 0.2], [0.1, 0.62, 0.28], [0.9, 0.05, 0.05], [0.2, 0.2, 0.6], [0.3, 0.36, 0.34],
      [0.1, 0.8, 0.1], [0.76, 0.24, 0], [0.3, 0.3, 0.4],
    ]
    let offsets = (0..<32).map { Double(7 * $0 % 11 - 5) / 5 }
    let result = try Operator.geometry(.detection(detection)).reference([
      tensor([1, 32], offsets), tensor([1, 24], scores.flatMap { $0 }), priors(),
    ])[0]
    #expect(result.dimensions == [1, 4, 6])
    expect(
      result,
      [
        [1, 0.8, 0.643029, 0.156065, 0.893713, 0.81944],
        [1, 0.62, 0.076467, 0.157071, 0.43578, 0.769444],
        [2, 0.6, 0.149113, 0.103734, 0.365029, 0.839698],
        [2, 0.4, 0.688823, 0.10137, 0.839462, 0.89863],
      ])
  }

  private let wide = (0..<32).map { Double(5 * $0 % 13 - 6) / 3 }

  @Test func `anchors in cells weigh classes by a softmax`() throws {
    let anchors = [Detection.Anchor(width: 1, height: 2), Detection.Anchor(width: 3, height: 1.5)]
    let detection = Detection(
      .anchors(classCount: 3, [Detection.AnchorMap(anchors)], .softmax),
      Detection.Selection(confidence: 0.2, overlap: 0.3))
    let result = try Operator.geometry(.detection(detection)).reference([
      tensor([1, 16, 1, 2], wide)
    ])[0]
    #expect(result.dimensions == [1, 4, 6])
    expect(
      result,
      [
        [3, 0.583374, 0.649628, -3.631624, 0.932942, 4.310111],
        [3, 0.441444, -1.138549, -2.509673, 2.555979, 2.926891],
      ])
  }

  /// Scores are σ(box) · σ(class), as ncnn's general layer has them; its x86 one has
  /// 1 / (1 + e⁻ᵇ (1 + e⁻ᶜ)) instead.
  @Test func `anchors in pixels weigh the best class by its sigmoid`() throws {
    let anchors = [
      Detection.Anchor(width: 37, height: 49), Detection.Anchor(width: 12, height: 18),
    ]
    // 16.5 pixels a cell are 16 pixels down and 33 across.
    let maps = [
      Detection.AnchorMap(anchors, stride: 16.5), Detection.AnchorMap(anchors, stride: 8),
    ]
    let detection = Detection(
      .anchors(classCount: 3, maps, .sigmoid), Detection.Selection(confidence: 0.4, overlap: 0.3))
    let tall = (0..<32).map { Double(3 * $0 % 7 - 3) / 2 }
    let result = try Operator.geometry(.detection(detection)).reference([
      tensor([1, 16, 1, 2], wide), tensor([1, 16, 2, 1], tall),
    ])[0]
    #expect(result.dimensions == [1, 8, 6])
    expect(
      result,
      [
        [1, 0.597695, -0.350721, 0.347102, 1.350721, 1.030438],
        [3, 0.581992, 0.756944, -2.638907, 0.825626, 3.317394],
        [1, 0.455054, 0.210193, -1.886479, 0.544888, 3.155421],
      ])
  }

  @Test func `the formula beside prior boxes counts all boxes as found in one class`() throws {
    let detection = Detection(
      .priors(classCount: 2), Detection.Selection(confidence: 0.25, overlap: 1))
    let inputs = try [
      tensor([1, 32], Array(repeating: 0, count: 32)),
      tensor([1, 16], (0..<16).map { $0.isMultiple(of: 2) ? 0.1 : 0.9 }), priors(),
    ]
    let counted: [ReferenceTensor<Counted>?] = inputs.map { input in
      ReferenceTensor(input.type, input.elements.map { Counted($0) })
    }
    let (result, operations) = try Counted.counting {
      try Operator.geometry(.detection(detection)).reference(counted)
    }
    let definition = Geometry.detection(detection)
    let work = try #require(
      definition.work(inputs: inputs.map { Operand($0.type) }, outputs: [result[0].type]))
    #expect(work.flops.rawValue == operations)
    // 8 boxes: decoded, two scores, area; 28 pairs.
    #expect(operations == 8 * (24 + 2 + 3) + 28 * 13)
  }
}
