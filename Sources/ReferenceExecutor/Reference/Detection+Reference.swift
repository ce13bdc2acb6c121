import ModelIR
import TensorTypes

/// A box that a detector found.
private struct Found<S: KernelScalar> {
  let classIndex: Int
  let score: S
  let box: Box<S>
  /// `[x₀, y₀, x₁, y₁]`.
  let corners: [S]

  init(classIndex: Int, score: S, corners: [S]) {
    self.classIndex = classIndex
    self.score = score
    self.corners = corners
    box = Box(low: Array(corners[..<2]), high: Array(corners[2...]))
  }
}

extension Detection {
  func reference<S: KernelScalar>(
    _ use: KernelUse<S>
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    guard let type = use.types.first ?? nil else { throw .inconsistent("no shape") }
    let found: [Found<S>] =
      switch decoding {
      case .priors(let classCount): try amongPriors(use, classCount)
      case .anchors(let classCount, let maps, let scoring):
        suppressed(try amongAnchors(use, classCount, maps, scoring))
      }
    let rows = type.dimensions[1]
    var elements: [S] = []
    for found in found.best(rows) {
      elements += [S(Double(found.classIndex)), found.score] + found.corners
    }
    elements += Array(repeating: .zero, count: type.elementCount - elements.count)
    return try use.result(type.dimensions, elements)
  }

  /// The boxes without those that overlap a better one.
  private func suppressed<S: KernelScalar>(_ found: [Found<S>]) -> [Found<S>] {
    let ratio = S(selection.overlap)
    var kept: [Found<S>] = []
    for candidate in found.best(selection.candidatesPerClass ?? found.count) {
      // Without an early end, as the work formula counts.
      let overlapped = kept.count { ratio < $0.box.overlap(candidate.box) }
      if overlapped == 0 { kept.append(candidate) }
    }
    return kept
  }

  // MARK: Prior boxes

  private func amongPriors<S: KernelScalar>(
    _ use: KernelUse<S>, _ classCount: Int
  ) throws(ReferenceError) -> [Found<S>] {
    let (offsets, scores, priors) = (
      try use.required(0).elements, try use.required(1).elements, try use.required(2).elements
    )
    let (confidence, background) = (S(selection.confidence), S(1 - selection.confidence))
    let count = offsets.count / 4
    let boxes = (0..<count).map { index in
      let place = 4 * index..<4 * index + 4
      return decoded(
        Array(offsets[place]), prior: Array(priors[place]),
        variances: Array(priors[4 * count + place.lowerBound..<4 * count + place.upperBound]))
    }
    let isObject = (0..<count).map { scores[$0 * classCount] < background }
    return (1..<max(classCount, 1)).flatMap { classIndex in
      suppressed(
        (0..<count).compactMap { index in
          let score = scores[index * classCount + classIndex]
          guard confidence < score, isObject[index] else { return nil }
          return Found(classIndex: classIndex, score: score, corners: boxes[index])
        })
    }
  }

  /// Corners of the prior moved by parts of its sides, with sides scaled by exponentials.
  private func decoded<S: KernelScalar>(_ offsets: [S], prior: [S], variances: [S]) -> [S] {
    let half = S(0.5)
    var corners = prior
    for axis in 0..<2 {
      let side = prior[axis + 2] - prior[axis]
      let center = variances[axis] * offsets[axis] * side + (prior[axis] + prior[axis + 2]) * half
      let reach = (variances[axis + 2] * offsets[axis + 2]).applying(.exp) * side * half
      corners[axis] = center - reach
      corners[axis + 2] = center + reach
    }
    return corners
  }

  // MARK: Anchors

  private func amongAnchors<S: KernelScalar>(
    _ use: KernelUse<S>, _ classCount: Int, _ maps: [AnchorMap], _ scoring: ClassScoring
  ) throws(ReferenceError) -> [Found<S>] {
    var found: [Found<S>] = []
    for (index, map) in maps.enumerated() {
      let tensor = try use.required(index)
      let (height, width) = (tensor.dimensions[2], tensor.dimensions[3])
      let plane = height * width
      for (position, anchor) in map.anchors.enumerated() {
        for cell in 0..<plane {
          func channel(_ channel: Int) -> S {
            tensor.elements[(position * (5 + classCount) + channel) * plane + cell]
          }
          let classes = (0..<classCount).map { channel(5 + $0) }
          let best = scoring.best(of: classes)
          let score = logistic(channel(4)) * best.score
          let isEnough = !(score < S(selection.confidence)) && !score.doubleValue.isNaN
          guard isEnough || scoring == .softmax else { continue }
          let sizes = [(cell % width, width, anchor.width), (cell / width, height, anchor.height)]
          let corners = sizes.enumerated().map { axis, size in
            let center = (logistic(channel(axis)) + S(Double(size.0))) / S(Double(size.1))
            let extent = (map.stride * Double(size.1)).rounded(.towardZero)
            let reach = channel(axis + 2).applying(.exp) * S(size.2) / S(extent) * S(0.5)
            return (center - reach, center + reach)
          }
          guard isEnough else { continue }
          found.append(
            Found(
              classIndex: best.index + 1, score: score,
              corners: corners.map(\.0) + corners.map(\.1)))
        }
      }
    }
    return found
  }
}

extension Detection.ClassScoring {
  /// The first of the classes with the greatest score.
  fileprivate func best<S: KernelScalar>(of scores: [S]) -> (index: Int, score: S) {
    var classes = scores
    if self == .softmax {
      let greatest = classes.dropFirst().reduce(classes[0]) { S.maximum($0, $1) }
      let exponentials = classes.map { ($0 - greatest).applying(.exp) }
      let sum = exponentials.dropFirst().reduce(exponentials[0]) { $0 + $1 }
      classes = exponentials.map { $0 / sum }
    }
    var best = 0
    for index in classes.indices.dropFirst() where classes[best] < classes[index] { best = index }
    return (best, self == .softmax ? classes[best] : logistic(classes[best]))
  }
}

private func logistic<S: KernelScalar>(_ x: S) -> S { .one / (.one + (-x).applying(.exp)) }

extension Array {
  /// The `count` of greatest score, best first; equals keep their order. Sorting is not counted.
  fileprivate func best<S>(_ count: Int) -> [Element] where Element == Found<S> {
    let order = indices.sorted { one, other in
      let (left, right) = (self[one].score.doubleValue, self[other].score.doubleValue)
      return right < left || (left == right && one < other)
    }
    return order.prefix(Swift.max(count, 0)).map { self[$0] }
  }
}

extension Generator.PriorBoxes {
  func reference<S: KernelScalar>(
    _ use: KernelUse<S>
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    guard let type = use.types.first ?? nil else { throw .inconsistent("no shape") }
    let map = Array(try use.required(0).dimensions.suffix(2))
    let given = use.optional(1).map { Array($0.dimensions.suffix(2)) } ?? map
    let image = (0..<2).map { Double(imageSize[$0] ?? given[$0]) }
    let step = (0..<2).map { steps[$0] ?? image[$0] / Double(map[$0]) }
    let sides = self.sides
    var elements: [S] = []
    elements.reserveCapacity(type.elementCount)
    for cell in Indices(map) {
      let center = (0..<2).map { S((offset + Double(cell[$0])) * step[$0]) }
      for (width, height) in sides {
        let reach = [S(height / 2), S(width / 2)]
        for sign in [-1.0, 1.0] {
          for axis in [1, 0] {
            let corner =
              (sign < 0 ? center[axis] - reach[axis] : center[axis] + reach[axis])
              / S(image[axis])
            elements.append(clips ? S.minimum(S.maximum(corner, .zero), .one) : corner)
          }
        }
      }
    }
    let boxCount = elements.count / 4
    for _ in 0..<boxCount { elements += variances.map { S($0) } }
    return try use.result(type.dimensions, elements)
  }
}
