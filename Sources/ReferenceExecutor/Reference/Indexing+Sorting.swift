import ModelIR
import TensorTypes

/// A list kept in order, into which elements are put by bisection.
///
/// The list has room for `capacity` elements, and every search asks `⌈log₂(capacity + 1)⌉` times,
/// however many are there.
struct SortedList<Element> {
  private(set) var elements: [Element] = []
  private let capacity: Int
  private let steps: Int

  init(capacity: Int) {
    self.capacity = capacity
    steps = capacity <= 0 ? 0 : Int.bitWidth - capacity.leadingZeroBitCount
  }

  /// The first place whose element does not precede; `precedes` is given `nil` for a place not yet
  /// taken.
  func place(_ precedes: (Element?) -> Bool) -> Int {
    var (low, size) = (0, 1 << steps)
    for _ in 0..<steps {
      size /= 2
      let middle = low + size - 1
      let isTaken = middle < elements.count
      if precedes(isTaken ? elements[middle] : nil), isTaken { low = middle + 1 }
    }
    return low
  }

  /// Puts an element at a place; the last falls out when there is no room.
  mutating func insert(_ element: Element, at place: Int) {
    guard place < capacity else { return }
    elements.insert(element, at: place)
    if elements.count > capacity { elements.removeLast() }
  }

  mutating func replace(_ element: Element, at place: Int) { elements[place] = element }
}

extension Indexing {
  /// The greatest elements of each row in descending order, or the least in ascending order; equal
  /// ones by place.
  func greatest<S: KernelScalar>(
    _ use: KernelUse<S>, _ axis: Int, _ stated: Int?, _ selectsLeast: Bool
  ) throws(ReferenceError) -> [ReferenceTensor<S>] {
    let data = try use.required(0)
    let axis = try resolved(axis, rank: data.dimensions.count)
    guard let count = stated ?? use.integers(1)?.first else {
      throw .invalidElement(input: 1, reason: "holds no count")
    }
    var shape = data.dimensions
    shape[axis] = count
    let split = AxisSplit(shape, axis: axis)
    var values = Array(repeating: S.zero, count: elementCount(shape))
    var places = values
    for (row, results) in zip(AxisSplit(data.dimensions, axis: axis).rows, split.rows) {
      var list = SortedList<(value: S, place: Int)>(capacity: count)
      for (place, source) in row.enumerated() {
        let value = data.elements[source]
        let end = selectsLeast ? S.infinity : S.negativeInfinity
        list.insert(
          (value, place),
          at: list.place { entry in
            let other = entry?.value ?? end
            return !(selectsLeast ? value < other : other < value)
          })
      }
      for (result, entry) in zip(results, list.elements) {
        values[result] = entry.value
        places[result] = S(Double(entry.place))
      }
    }
    return [try use.result(shape, values), try use.result(shape, places, output: 1)]
  }

  /// The distinct elements, or slices across an axis, in ascending order or as they come; where each first stands,
  /// which of them each element is, and how many there are of each.
  func unique<S: KernelScalar>(
    _ use: KernelUse<S>, _ axis: Int?, _ isSorted: Bool
  ) throws(ReferenceError) -> [ReferenceTensor<S>] {
    let data = try use.required(0)
    let slices: [[Int]]
    var axisPosition = 0
    if let axis {
      axisPosition = try resolved(axis, rank: data.dimensions.count)
      let split = AxisSplit(data.dimensions, axis: axisPosition)
      let rows = split.rows
      slices = (0..<split.extent).map { index in rows.map { $0[index] } }
    } else {
      slices = data.elements.indices.map { [$0] }
    }
    var distinct = distinctSlices(data, slices)
    if !isSorted { distinct.sort { $0[0] < $1[0] } }
    let indices = distinct.map { $0[0] }
    var inverse = Array(repeating: S.zero, count: slices.count)
    for (index, members) in distinct.enumerated() {
      for member in members { inverse[member] = S(Double(index)) }
    }
    let results: ReferenceTensor<S>
    if axis == nil {
      results = try data.picking(indices, [indices.count])
    } else {
      let kept = try ReferenceTensor(
        computed: TensorType(.int64, [indices.count]), indices.map { S(Double($0)) })
      results = try gathered(data, kept, axis: axisPosition)
    }
    func vector(_ elements: [S]) throws(ReferenceError) -> ReferenceTensor<S> {
      try ReferenceTensor(computed: TensorType(.int64, [elements.count]), elements)
    }
    return [
      results, try vector(indices.map { S(Double($0)) }), try vector(inverse),
      try vector(distinct.map { S(Double($0.count)) }),
    ]
  }

  /// The slices that are equal, in ascending order. A comparison of two slices looks at all of
  /// their elements: one operation for elements alone, two each for longer ones; and each slice is
  /// compared once more to see whether it is there already.
  private func distinctSlices<S: KernelScalar>(
    _ data: ReferenceTensor<S>, _ slices: [[Int]]
  ) -> [[Int]] {
    func precedes(_ one: Int, _ other: Int) -> Bool {
      var order: Bool?
      for (left, right) in zip(slices[one], slices[other]) {
        let (x, y) = (data.elements[left], data.elements[right])
        let isLess = x < y
        let isGreater = slices[one].count > 1 ? y < x : false
        if order == nil, isLess || isGreater { order = isLess }
      }
      return order ?? false
    }
    var list = SortedList<[Int]>(capacity: slices.count)
    for slice in slices.indices {
      let place = list.place { precedes($0?[0] ?? slice, slice) }
      let found = place < list.elements.count ? list.elements[place] : nil
      let isBefore = precedes(slice, found?[0] ?? slice)
      if let found, !isBefore {
        list.replace(found + [slice], at: place)
      } else {
        list.insert([slice], at: place)
      }
    }
    return list.elements
  }
}
