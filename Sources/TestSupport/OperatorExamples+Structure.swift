import ModelIR
import TensorTypes

private func float(_ extents: Int...) -> Operand { Operand(TensorType(.float32, extents)) }
private func integer(_ extents: Int...) -> Operand { Operand(TensorType(.int64, extents)) }
private func vector(_ values: Int...) -> Operand { Operand(TensorLiteral(vector: values)) }
private func scalar(_ value: Int) -> Operand { Operand(TensorLiteral(scalar: value)) }
private func reals(_ values: Double...) -> Operand {
  let type = TensorType(.float32, [values.count])
  return Operand(type, literal: TensorLiteral(type, .reals(values)))
}

/// At least one small use of every operator that moves, names, picks or generates elements.
public let structureOperatorExamples: [OperatorExample] =
  views + movements + indexings + generators + samplings

private let views: [OperatorExample] = [
  OperatorExample(.view(.reshape()), [float(2, 3, 4), vector(0, -1)]),
  OperatorExample(.view(.reshape(to: [4, 6])), [float(2, 3, 4)]),
  OperatorExample(.view(.flatten(axis: 1)), [float(2, 3, 4)]),
  OperatorExample(.view(.squeeze()), [float(1, 3, 1), vector(0)]),
  OperatorExample(.view(.unsqueeze(axes: [0, -1])), [float(3, 4)]),
  OperatorExample(.view(.identity), [float(3, 4)]),
  OperatorExample(.view(.dropout(masksInInputDType: false)), [float(3, 4)], outputCount: 2),
  OperatorExample(.view(.bitCast(to: .int32)), [float(3, 4)]),
]

private let movements: [OperatorExample] = [
  OperatorExample(.movement(.transpose(permutation: [0, 2, 1])), [float(2, 3, 4)]),
  OperatorExample(.movement(.concat(axis: 1)), [float(2, 3), float(2, 5)]),
  OperatorExample(
    .movement(.qLinearConcat(axis: 0)),
    [
      float(), Operand(TensorType(.uint8, [])), Operand(TensorType(.uint8, [2, 3])), float(),
      Operand(TensorType(.uint8, [])),
    ]),
  OperatorExample(
    .movement(.split(Movement.Split(axis: 0))), [float(6, 4), vector(2, 4)], outputCount: 2),
  OperatorExample(
    .movement(.slice(Movement.Slice())),
    [float(8, 6), vector(1), vector(7), vector(0), vector(2)]),
  OperatorExample(.movement(.pad()), [float(3, 4), vector(0, 1, 0, 2)]),
  OperatorExample(.movement(.expand), [float(3, 1), vector(2, 1, 6)]),
  OperatorExample(.movement(.tile), [float(3, 4), vector(2, 1)]),
  OperatorExample(.movement(.depthToSpace(blockSize: 2)), [float(1, 8, 3, 5)]),
  OperatorExample(.movement(.centerCropPad()), [float(3, 4), vector(5, 2)]),
  OperatorExample(.movement(.spaceToDepth(blockSize: 2)), [float(1, 2, 6, 10)]),
  OperatorExample(
    .movement(.resize(Resize(.linear, scalesInput: 2, sizesInput: 3))),
    [float(1, 2, 4, 4), nil, reals(1, 1, 2, 2)]),
  OperatorExample(
    .movement(.upsample(Resize(.nearest, scalesInput: 1, sampling: .corners))),
    [float(1, 2, 4, 4), reals(1, 1, 2, 2)]),
  OperatorExample(.movement(.reverseSequence()), [float(4, 3), integer(3)]),
  OperatorExample(.movement(.trilu(upper: false)), [float(4, 4)]),
  OperatorExample(.movement(.cast(to: .float16)), [float(3, 4)]),
  OperatorExample(.movement(.castLike()), [float(3, 4), Operand(TensorType(.int8, [1]))]),
  OperatorExample(
    .movement(.col2Im(dilations: nil, pads: nil, strides: nil)),
    [float(1, 5, 5), vector(5, 5), vector(1, 5)]),
]

private let indexings: [OperatorExample] =
  [
    OperatorExample(.indexing(.gather(axis: 0)), [float(100, 8), integer(2, 3)]),
    OperatorExample(.indexing(.gatherElements(axis: 1)), [float(3, 4), integer(3, 2)]),
    OperatorExample(.indexing(.gatherND(batchDimensions: 0)), [float(3, 4, 5), integer(2, 2)]),
    OperatorExample(
      .indexing(
        .gatherBlockQuantized(
          Indexing.GatherBlockQuantized(axis: 0, blockSize: 32, elementsPerByte: 2))),
      [Operand(TensorType(.uint8, [100, 32])), integer(4), float(100, 2)]),
    OperatorExample(
      .indexing(.scatterElements(axis: 0, combining: .sum)),
      [float(3, 4), integer(2, 4), float(2, 4)]),
    OperatorExample(
      .indexing(.scatterND(combining: nil)), [float(3, 4), integer(2, 1), float(2, 4)]),
    OperatorExample(
      .indexing(.tensorScatter(axis: -2)), [float(1, 2, 16, 4), float(1, 2, 1, 4), integer(1)]),
    OperatorExample(.indexing(.oneHot(axis: -1)), [integer(5), scalar(10), float(2)]),
    OperatorExample(
      .indexing(.compress(axis: 0)),
      [
        float(3, 4),
        Operand(
          TensorType(.bool, [3]),
          literal: TensorLiteral(TensorType(.bool, [3]), .integers([1, 0, 1]))),
      ]),
    OperatorExample(.indexing(.unique(axis: nil)), [float(6)], outputCount: 4),
  ] + termCountExamples + [
    OperatorExample(.indexing(.nonZero), [vector(3, 0, 4)]),
    OperatorExample(.indexing(.topK(axis: -1)), [float(2, 9), vector(3)], outputCount: 2),
  ]

private let termCountExamples: [OperatorExample] = [
  Indexing.TermCounts(
    .scaledCount, lengths: 1...2, greatestGap: 1, pool: [2, 3, 5, 4], starts: [0, 2],
    columns: [0, 1, 2], weights: [1, 2, 3])
].compactMap { terms in
  terms.map { OperatorExample(.indexing(.termCounts($0)), [integer(2, 6)]) }
}

private let generators: [OperatorExample] = [
  OperatorExample(
    .generator(
      .constant(TensorType(.int64, [2]), TensorLiteral(vector: [3, 4]))), []),
  OperatorExample(.generator(.constantOfShape(.float32)), [vector(3, 4)]),
  OperatorExample(.generator(.eyeLike()), [float(3, 4)]),
  OperatorExample(.generator(.range), [scalar(2), scalar(11), scalar(3)]),
  OperatorExample(.generator(.shape(start: 1)), [float(3, 4)]),
  OperatorExample(.generator(.size), [float(3, 4)]),
  OperatorExample(.generator(.window(.blackman, .float32)), [scalar(16)]),
  OperatorExample(.generator(.window(.hamming, .float32)), [scalar(16)]),
  OperatorExample(.generator(.window(.hann, .float32)), [scalar(16)]),
  OperatorExample(
    .generator(.melWeightMatrix(.float32)),
    [scalar(8), scalar(16), scalar(8000), float(), float()]),
  OperatorExample(.generator(.random(.normal(TensorType(.float32, [3])))), []),
  OperatorExample(.generator(.random(.uniform(TensorType(.float32, [3])))), []),
  OperatorExample(.generator(.random(.normalLike(nil))), [float(3, 4)]),
  OperatorExample(.generator(.random(.uniformLike(.float16))), [float(3, 4)]),
  OperatorExample(.generator(.random(.bernoulli(.bool))), [float(3, 4)]),
  OperatorExample(.generator(.random(.multinomial(sampleCount: 5, .int32))), [float(2, 9)]),
  OperatorExample(
    .generator(.priorBoxes(priorBoxes(clips: true))), [float(1, 8, 2, 3), float(1, 3, 20, 30)]),
  OperatorExample(
    .generator(.priorBoxes(priorBoxes(clips: false, imageSize: [20, 30]))), [float(1, 8, 2, 3)]),
]

private func priorBoxes(clips: Bool, imageSize: [Int?] = [nil, nil]) -> Generator.PriorBoxes {
  Generator.PriorBoxes(
    leastSizes: [6, 9], greatestSizes: [9, 12], aspectRatios: [2, 3], flips: true, clips: clips,
    variances: [0.1, 0.1, 0.2, 0.2], imageSize: imageSize, steps: [nil, 10], offset: 0.5)
}

private let samplings: [OperatorExample] = [
  OperatorExample(
    .signal(.dft(axis: 1, inverse: false, onesided: true)), [float(2, 16, 1)]),
  OperatorExample(
    .signal(.stft(onesided: true)), [float(2, 128, 1), scalar(8), float(16), scalar(16)]),
  OperatorExample(.geometry(.affineGrid()), [float(2, 2, 3), vector(2, 3, 5, 6)]),
  OperatorExample(.geometry(.gridSample(.linear)), [float(1, 2, 4, 4), float(1, 3, 5, 2)]),
  OperatorExample(.geometry(.nonMaxSuppression()), [float(1, 6, 4), float(1, 2, 6)]),
  OperatorExample(
    .geometry(
      .detection(
        Detection(
          .priors(classCount: 3),
          Detection.Selection(
            confidence: 0.1, overlap: 0.45, candidatesPerClass: 5, limit: 8)))),
    [float(1, 24), float(1, 18), float(1, 2, 24)]),
  OperatorExample(
    .geometry(.detection(detection(.softmax))), [float(1, 16, 3, 2), float(1, 16, 1, 2)]),
  OperatorExample(
    .geometry(.detection(detection(.sigmoid))), [float(1, 16, 3, 2), float(1, 16, 1, 2)]),
  OperatorExample(
    .geometry(.detectionPostProcess(postProcess(.acrossClasses(rowsOfBox: 2)))),
    [float(1, 6, 4), float(1, 6, 4), float(6, 4)], outputCount: 4),
  OperatorExample(
    .geometry(.detectionPostProcess(postProcess(.byClass(limit: 2, rowsOfBox: 1)))),
    [float(1, 6, 5), float(1, 6, 3), float(6, 4)], outputCount: 4),
  OperatorExample(.geometry(.det), [float(5, 3, 3)]),
  OperatorExample(.geometry(.inverse), [float(5, 3, 3)]),
]

private func postProcess(
  _ suppression: DetectionPostProcess.Suppression
) -> DetectionPostProcess {
  DetectionPostProcess(
    scales: [10, 10, 5, 5], classCount: 3, score: 0.1, overlap: 0.5, limit: 4,
    suppression: suppression)
}

private func detection(_ scoring: Detection.ClassScoring) -> Detection {
  let anchors = [
    Detection.Anchor(width: 12, height: 18), Detection.Anchor(width: 37, height: 49),
  ]
  let maps = [Detection.AnchorMap(anchors, stride: 16), Detection.AnchorMap(anchors, stride: 32)]
  return Detection(
    .anchors(classCount: 3, maps, scoring), Detection.Selection(confidence: 0, overlap: 1))
}
