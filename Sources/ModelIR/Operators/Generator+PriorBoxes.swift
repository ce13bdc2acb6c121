import TensorTypes

extension Generator {
  /// Boxes of several sizes and aspect ratios around the centre of every cell of a map, as parts of
  /// the image: `[1, 2, 4 · boxes]`, first the corners x₀, y₀, x₁, y₁, then four variances each.
  ///
  /// Input 0 is the map, input 1 the image where its size is not stated. A cell has, for each least
  /// size, a square, the square between it and the greatest size, and a box for each aspect ratio and
  /// its reciprocal. Source: Liu et al., SSD, ECCV 2016, §2.2.
  public struct PriorBoxes: Sendable, Hashable {
    /// Sides of the squares, in pixels.
    public let leastSizes: [Double]
    /// None, or one for each of the least.
    public let greatestSizes: [Double]
    /// Width over height; squares are there without.
    public let aspectRatios: [Double]
    /// Whether the reciprocals of the ratios have boxes too.
    public let flips: Bool
    /// Whether boxes end at the image's borders.
    public let clips: Bool
    /// Of the centre's two coordinates and the two sides.
    public let variances: [Double]
    /// Height and width of the image; `nil` for those of input 1.
    public let imageSize: [Int?]
    /// Pixels between cells, down and across; `nil` for the image's extent over the map's.
    public let steps: [Double?]
    /// Where the centre lies in its cell, as a part of it.
    public let offset: Double
    public init(
      leastSizes: [Double], greatestSizes: [Double], aspectRatios: [Double], flips: Bool,
      clips: Bool, variances: [Double], imageSize: [Int?], steps: [Double?], offset: Double
    ) {
      self.leastSizes = leastSizes
      self.greatestSizes = greatestSizes
      self.aspectRatios = aspectRatios
      self.flips = flips
      self.clips = clips
      self.variances = variances
      self.imageSize = imageSize
      self.steps = steps
      self.offset = offset
    }

    /// Width and height of each box of a cell, in their order.
    public var sides: [(width: Double, height: Double)] {
      var sides: [(width: Double, height: Double)] = []
      for (index, least) in leastSizes.enumerated() {
        sides.append((least, least))
        if index < greatestSizes.count {
          let between = (least * greatestSizes[index]).squareRoot()
          sides.append((between, between))
        }
        for ratio in aspectRatios.map({ $0.squareRoot() }) {
          sides.append((least * ratio, least / ratio))
          if flips { sides.append((least / ratio, least * ratio)) }
        }
      }
      return sides
    }

    func outputType(_ inputs: [Operand?]) throws(ShapeError) -> TensorType {
      let map = try inputs.required(0, count: 1...2, ranks: 4...4).type
      if imageSize.contains(nil) { _ = try inputs.required(1, count: 2...2, ranks: 4...4) }
      guard greatestSizes.isEmpty || greatestSizes.count == leastSizes.count else {
        throw .extentMismatch(
          what: "the count of greatest sizes", expected: leastSizes.count,
          actual: greatestSizes.count)
      }
      guard variances.count == 4, imageSize.count == 2, steps.count == 2 else {
        throw .invalidAttribute(name: "variances", reason: "are not four of a box on two axes")
      }
      return TensorType(
        map.dtype,
        [
          1, 2,
          try extentProduct(
            4, map.dimensions[2], map.dimensions[3], sides.count, of: "the prior boxes"),
        ])
    }
  }
}
