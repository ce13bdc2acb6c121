/// A box between two opposite corners.
struct Box<S: KernelScalar> {
  let low: [S]
  let high: [S]
  let area: S

  /// The corners of lesser and of greater coordinates, first axis first.
  init(low: [S], high: [S]) {
    self.low = low
    self.high = high
    area = (high[0] - low[0]) * (high[1] - low[1])
  }

  /// From two opposite corners, or from a centre and two sides, whose halves are not counted.
  init(_ numbers: [S], isCentered: Bool) {
    var corners = numbers
    if isCentered {
      let halves = numbers[2...].map { $0.doubleValue / 2 }
      corners = [(0, -1.0), (1, -1.0), (0, 1.0), (1, 1.0)].map { axis, side in
        S(numbers[axis].doubleValue + side * halves[axis])
      }
    }
    self.init(
      low: [S.minimum(corners[0], corners[2]), S.minimum(corners[1], corners[3])],
      high: [S.maximum(corners[0], corners[2]), S.maximum(corners[1], corners[3])])
  }

  /// Intersection over union.
  func overlap(_ other: Self) -> S {
    let sides = (0..<2).map { axis in
      S.maximum(
        S.minimum(high[axis], other.high[axis]) - S.maximum(low[axis], other.low[axis]), .zero)
    }
    let common = sides[0] * sides[1]
    let union = area + other.area - common
    return union.doubleValue > 0 ? common / union : .zero
  }
}
