import Quantities
public import TensorTypes

/// A sum of products over named indices, in numpy's notation: `"bij,bjk->bik"`.
public struct Einsum: OperatorDefinition {
  public let equation: String
  public init(_ equation: String) { self.equation = equation }

  public var kind: OperatorKind { .einsum }

  public func outputTypes(
    for inputs: [Operand?], outputCount: Int
  ) throws(ShapeError) -> [TensorType?] {
    let indexed = try indexed(inputs)
    guard let first = inputs.first ?? nil else {
      throw .wrongInputCount(expected: 1...Int.max, actual: inputs.count)
    }
    return [TensorType(first.type.dtype, indexed.result.map { indexed.extents[$0] ?? 1 })]
  }

  /// Operands are combined two at a time from the left, and an index that neither the result nor
  /// a later operand names is summed at once. A step that sums costs one multiply-accumulate for
  /// each point of the indices it touches, one that does not a multiply; a single operand costs an
  /// add for each point when it is summed and nothing when it is only rearranged.
  public func work(inputs: [Operand?], outputs: [TensorType?]) -> Work? {
    guard let indexed = try? indexed(inputs) else { return nil }
    func points(_ indices: Set<Index>) -> Int {
      elementCount(indices.map { indexed.extents[$0] ?? 1 })
    }
    var work = Work(inputs: inputs, outputs: outputs)
    var current = Set(indexed.terms.first ?? [])
    if indexed.terms.count == 1, !current.isSubset(of: indexed.result) {
      work.otherOperations += FLOPs(points(current))
    }
    for position in indexed.terms.indices.dropFirst() {
      let touched = current.union(indexed.terms[position])
      let needed = indexed.terms[(position + 1)...].reduce(into: Set(indexed.result)) {
        $0.formUnion($1)
      }
      current = touched.intersection(needed)
      if current == touched {
        work.otherOperations += FLOPs(points(touched))
      } else {
        work.macs += MACs(points(touched))
      }
    }
    return work
  }
}

extension Einsum {
  /// A letter, or an axis that the ellipsis stands for, counted from the last.
  enum Index: Hashable, Comparable {
    case ellipsis(fromEnd: Int)
    case letter(UInt8)

    /// The order of an implicit result: the ellipsis' axes, then the letters.
    static func < (lhs: Self, rhs: Self) -> Bool {
      switch (lhs, rhs) {
      case (.ellipsis(let left), .ellipsis(let right)): left > right
      case (.letter(let left), .letter(let right)): left < right
      case (.ellipsis, .letter): true
      case (.letter, .ellipsis): false
      }
    }
  }

  /// The equation with the ellipsis replaced by its axes, and every index' extent.
  struct Indexed {
    var terms: [[Index]] = []
    var result: [Index] = []
    var extents: [Index: Int] = [:]
  }

  func indexed(_ inputs: [Operand?]) throws(ShapeError) -> Indexed {
    let sides = Self.split(Array(equation.utf8.filter { $0 != UInt8(ascii: " ") }))
    guard let sides else { throw invalid("has no term, or more than one arrow") }
    guard sides.terms.count == inputs.count else {
      throw .wrongInputCount(
        expected: sides.terms.count...sides.terms.count, actual: inputs.count)
    }
    var indexed = Indexed()
    var occurrences: [Index: Int] = [:]
    var ellipsisRank = 0
    for (position, term) in sides.terms.enumerated() {
      guard let operand = inputs[position] else {
        throw .wrongInputCount(
          expected: sides.terms.count...sides.terms.count, actual: inputs.count)
      }
      let shape = operand.type.dimensions
      let parsed = try parse(term)
      let spare = shape.count - parsed.letters
      guard parsed.hasEllipsis ? spare >= 0 : spare == 0 else {
        throw .wrongRank(
          input: position, expected: "\(parsed.letters)\(parsed.hasEllipsis ? " or more" : "")",
          actual: shape.count)
      }
      if parsed.hasEllipsis { ellipsisRank = max(ellipsisRank, spare) }
      let indices = parsed.indices(ellipsisRank: spare)
      for (index, extent) in zip(indices, shape) {
        occurrences[index, default: 0] += 1
        let known = indexed.extents[index] ?? 1
        guard known == extent || known == 1 || extent == 1 else {
          throw .contractionMismatch(left: known, right: extent)
        }
        indexed.extents[index] = known == 1 ? extent : known
      }
      indexed.terms.append(indices)
    }
    if let result = sides.result {
      indexed.result = try parse(result).indices(ellipsisRank: ellipsisRank)
      guard Set(indexed.result).count == indexed.result.count else {
        throw invalid("repeats an index in the result")
      }
      for index in indexed.result where indexed.extents[index] == nil {
        throw invalid("has an index in the result that no operand has")
      }
    } else {
      indexed.result = occurrences.keys.filter { index in
        if case .ellipsis = index { true } else { occurrences[index] == 1 }
      }.sorted()
    }
    return indexed
  }

  private func invalid(_ reason: String) -> ShapeError {
    .invalidAttribute(name: "equation", reason: reason)
  }

  /// The terms left of the arrow, and what is right of it, if there is an arrow.
  private static func split(_ text: [UInt8]) -> (terms: [[UInt8]], result: [UInt8]?)? {
    var left = text[...]
    var result: [UInt8]?
    if let arrow = text.indices.dropLast().first(where: {
      text[$0] == UInt8(ascii: "-") && text[$0 + 1] == UInt8(ascii: ">")
    }) {
      left = text[..<arrow]
      result = Array(text[(arrow + 2)...])
    }
    let terms = left.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    return terms.isEmpty ? nil : (terms.map { Array($0) }, result)
  }

  private struct Term {
    var before: [Index] = []
    var after: [Index] = []
    var hasEllipsis = false
    var letters: Int { before.count + after.count }
    func indices(ellipsisRank: Int) -> [Index] {
      let axes = (0..<(hasEllipsis ? ellipsisRank : 0)).reversed()
      return before + axes.map { .ellipsis(fromEnd: $0) } + after
    }
  }

  private func parse(_ text: [UInt8]) throws(ShapeError) -> Term {
    var term = Term()
    var position = 0
    while position < text.count {
      switch text[position] {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
        let index = Index.letter(text[position])
        if term.hasEllipsis { term.after.append(index) } else { term.before.append(index) }
        position += 1
      case UInt8(ascii: ".")
      where !term.hasEllipsis && text[position...].starts(with: Array("...".utf8)):
        term.hasEllipsis = true
        position += 3
      default: throw invalid("has an unexpected character")
      }
    }
    return term
  }
}
