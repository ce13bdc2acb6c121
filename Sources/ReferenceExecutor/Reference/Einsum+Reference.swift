import ModelIR
import TensorTypes

extension Einsum {
  /// Combines operands two at a time from the left; an index that neither the result nor a later
  /// operand names is summed at once.
  func reference<S: KernelScalar>(_ use: KernelUse<S>) throws(ReferenceError) -> [ReferenceTensor<
    S
  >] {
    let plan = try EinsumPlan(equation, use)
    var current = NamedTensor(try use.required(0), plan.terms[0])
    if plan.terms.count == 1, !Set(current.names).isSubset(of: plan.result) {
      current = current.combined(with: nil, keeping: plan.result, plan.extents)
    }
    for position in plan.terms.indices.dropFirst() {
      let later = plan.terms[(position + 1)...].reduce(into: Set(plan.result)) { $0.formUnion($1) }
      let operand = NamedTensor(try use.required(position), plan.terms[position])
      let touched = current.names + operand.names
      let kept = unique(touched).filter { later.contains($0) }
      current = current.combined(with: operand, keeping: kept, plan.extents)
    }
    let shape = plan.result.map { plan.extents[$0] ?? 1 }
    return [try use.result(shape, current.elements(in: plan.result, plan.extents))]
  }
}

private func unique(_ names: [String]) -> [String] {
  var seen: Set<String> = []
  return names.filter { seen.insert($0).inserted }
}

/// A tensor whose axes have names; a name that stands twice takes the diagonal.
private struct NamedTensor<S: KernelScalar> {
  let names: [String]
  private let strides: [Int]
  private let elements: [S]

  init(_ tensor: ReferenceTensor<S>, _ names: [String]) {
    self.init(tensor.elements, tensor.dimensions, names)
  }

  private init(_ elements: [S], _ dimensions: [Int], _ names: [String]) {
    self.names = names
    self.elements = elements
    strides = zip(rowMajorStrides(dimensions), dimensions).map { $1 == 1 ? 0 : $0 }
  }

  /// Positions of the elements for all values of `axes`.
  private func positions(_ axes: [String], _ extents: [String: Int]) -> [Int] {
    stridedPositions(
      axes.map { extents[$0] ?? 1 },
      axes.map { axis in
        zip(names, strides).reduce(0) { $1.0 == axis ? $0 + $1.1 : $0 }
      })
  }

  func elements(in order: [String], _ extents: [String: Int]) -> [S] {
    positions(order, extents).map { elements[$0] }
  }

  /// The products with another tensor, summed over what is not kept; with none, only the sums.
  func combined(
    with other: Self?, keeping kept: [String], _ extents: [String: Int]
  ) -> Self {
    let summed = unique(names + (other?.names ?? [])).filter { !kept.contains($0) }
    let axes = kept + summed
    let (own, others) = (positions(axes, extents), other?.positions(axes, extents))
    let run = elementCount(summed.map { extents[$0] ?? 1 })
    let keptShape = kept.map { extents[$0] ?? 1 }
    let results = (0..<elementCount(keptShape)).map { result in
      func term(_ point: Int) -> S {
        guard let other, let others else { return elements[own[point]] }
        return elements[own[point]] * other.elements[others[point]]
      }
      if summed.isEmpty { return term(result) }
      return total((result * run..<(result + 1) * run).lazy.map(term))
    }
    return Self(results, keptShape, kept)
  }
}

/// An equation with its indices named: letters, and `…0`, `…1` for the axes that the ellipsis stands
/// for, counted from the last.
private struct EinsumPlan {
  var terms: [[String]] = []
  var result: [String] = []
  var extents: [String: Int] = [:]

  init<S>(_ equation: String, _ use: KernelUse<S>) throws(ReferenceError) {
    let sides = equation.filter { $0 != " " }.split(
      separator: "->", omittingEmptySubsequences: false)
    let parts = sides[0].split(separator: ",", omittingEmptySubsequences: false)
    var ellipsisRank = 0
    for (position, part) in parts.enumerated() {
      let shape = try use.required(position).dimensions
      let spare = part.contains(".") ? shape.count - (part.count - 3) : 0
      ellipsisRank = max(ellipsisRank, spare)
      let names = Self.names(part, ellipsisRank: spare)
      for (name, extent) in zip(names, shape) where extents[name] == nil || extent != 1 {
        extents[name] = extent
      }
      terms.append(names)
    }
    if sides.count > 1 {
      result = Self.names(sides[1], ellipsisRank: ellipsisRank)
    } else {
      let all = terms.flatMap { $0 }
      let single = all.filter { name in
        !name.hasPrefix("…") && all.count { $0 == name } == 1
      }
      result = Self.names("...", ellipsisRank: ellipsisRank) + single.sorted()
    }
  }

  private static func names(_ part: some StringProtocol, ellipsisRank: Int) -> [String] {
    var names: [String] = []
    var dots = 0
    for character in part {
      guard character == "." else {
        names.append(String(character))
        continue
      }
      dots += 1
      if dots == 3 { names += (0..<ellipsisRank).reversed().map { "…\($0)" } }
    }
    return names
  }
}
