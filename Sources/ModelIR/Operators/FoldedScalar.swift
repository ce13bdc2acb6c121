import TensorTypes

/// One element of a literal while an operator is folded.
enum FoldedScalar: Sendable, Hashable {
  case integer(Int)
  case real(Double)

  typealias Checked = (partialValue: Int, overflow: Bool)

  /// A function of one element; `nil` on overflow.
  func map(_ integer: (Int) -> Checked, real: (Double) -> Double) -> Self? {
    switch self {
    case .integer(let value):
      let (result, overflow) = integer(value)
      return overflow ? nil : .integer(result)
    case .real(let value): return .real(real(value))
    }
  }

  /// A function of real elements only.
  func real(_ function: (Double) -> Double) -> Self? {
    if case .real(let value) = self { .real(function(value)) } else { nil }
  }

  /// A function of integer elements only.
  func integer(_ function: (Int) -> Int) -> Self? {
    if case .integer(let value) = self { .integer(function(value)) } else { nil }
  }

  /// A function of two elements of one kind; `nil` on overflow or division by zero.
  static func combine(
    _ left: Self, _ right: Self, _ integer: (Int, Int) -> Checked,
    real: (Double, Double) -> Double
  ) -> Self? {
    switch (left, right) {
    case (.integer(let left), .integer(let right)):
      let (result, overflow) = integer(left, right)
      return overflow ? nil : .integer(result)
    case (.real(let left), .real(let right)): return .real(real(left, right))
    case (.integer, .real), (.real, .integer): return nil
    }
  }
}

extension [FoldedScalar] {
  func pair(
    _ integer: (Int, Int) -> FoldedScalar.Checked, real: (Double, Double) -> Double
  ) -> FoldedScalar? {
    count == 2 ? reduced(integer, real: real) : nil
  }

  /// The elements combined from the first on.
  func reduced(
    _ integer: (Int, Int) -> FoldedScalar.Checked, real: (Double, Double) -> Double
  ) -> FoldedScalar? {
    guard var result = first else { return nil }
    for element in dropFirst() {
      guard let next = FoldedScalar.combine(result, element, integer, real: real) else {
        return nil
      }
      result = next
    }
    return result
  }

  /// A truth value of two elements of one kind.
  func relation(
    _ integer: (Int, Int) -> Bool, real: (Double, Double) -> Bool
  ) -> FoldedScalar? {
    guard count == 2 else { return nil }
    switch (self[0], self[1]) {
    case (.integer(let left), .integer(let right)): return .integer(integer(left, right) ? 1 : 0)
    case (.real(let left), .real(let right)):
      return .integer(real(left, right) ? 1 : 0)
    case (.integer, .real), (.real, .integer): return nil
    }
  }

  /// A truth value of two integers.
  func logic(_ function: (Int, Int) -> Bool) -> FoldedScalar? {
    guard count == 2, case .integer(let left) = self[0], case .integer(let right) = self[1] else {
      return nil
    }
    return .integer(function(left, right) ? 1 : 0)
  }
}

extension TensorLiteral {
  func scalar(at index: Int) -> FoldedScalar? {
    switch elements {
    case .integers(let values): index < values.count ? .integer(values[index]) : nil
    case .reals(let values): index < values.count ? .real(values[index]) : nil
    }
  }

  /// `nil` when an element is not of the type's kind or range, or when reals of the type are
  /// narrower than the arithmetic here can round to.
  init?(_ type: TensorType, scalars: [FoldedScalar]) {
    if let range = type.dtype.integerRange {
      var values: [Int] = []
      values.reserveCapacity(scalars.count)
      for scalar in scalars {
        guard case .integer(let value) = scalar, range.contains(value) else { return nil }
        values.append(value)
      }
      self.init(type, .integers(values))
    } else if type.dtype == .float32 || type.dtype == .float64 {
      var values: [Double] = []
      values.reserveCapacity(scalars.count)
      for scalar in scalars {
        guard case .real(let value) = scalar else { return nil }
        values.append(type.dtype == .float32 ? Double(Float(value)) : value)
      }
      self.init(type, .reals(values))
    } else {
      return nil
    }
  }
}
/// For each element of a broadcast result, the position of the element it takes from an operand;
/// `nil` when the operand does not broadcast to the result.
func broadcastSources(_ source: [Int], to target: [Int]) -> [Int]? {
  guard source.count <= target.count else { return nil }
  var positions = [0]
  var sourceStride = 1
  for offset in 1...max(target.count, 1) where offset <= target.count {
    let extent = target[target.count - offset]
    guard extent >= 0 else { return nil }
    guard extent > 0 else { return [] }
    let own = offset <= source.count ? source[source.count - offset] : 1
    guard own == extent || own == 1 else { return nil }
    let (count, overflow) = positions.count.multipliedReportingOverflow(by: extent)
    guard !overflow, count <= TensorLiteral.maximumElementCount else { return nil }
    var next: [Int] = []
    next.reserveCapacity(count)
    for index in 0..<extent {
      let shift = own == 1 ? 0 : index * sourceStride
      for position in positions { next.append(position + shift) }
    }
    positions = next
    sourceStride *= max(own, 1)
  }
  return positions
}
