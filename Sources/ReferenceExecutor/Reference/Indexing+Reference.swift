import ModelIR
import TensorTypes

extension Indexing {
  func reference<S: KernelScalar>(_ use: KernelUse<S>) throws(ReferenceError) -> [ReferenceTensor<
    S
  >] {
    let data = try use.required(0)
    switch self {
    case .gather(let axis): return [try gathered(data, try use.required(1), axis: axis)]
    case .gatherElements(let axis): return [try gatheredElements(use, axis)]
    case .gatherND(let batchDimensions): return [try gatheredND(use, batchDimensions)]
    case .gatherBlockQuantized(let table): return [try table.reference(use)]
    case .scatterElements(let axis, let combination):
      return [try scatteredElements(use, axis, combination)]
    case .scatterND(let combination): return [try scatteredND(use, combination)]
    case .tensorScatter(let axis, let isRing): return [try cacheUpdated(use, axis, isRing)]
    case .oneHot(let axis, let wraps): return [try oneHot(use, axis, wraps)]
    case .compress(let axis):
      let picks = try use.required(1).elements.indices.filter {
        use.optional(1)?.elements[$0].isTrue ?? false
      }
      guard let axis else {
        let kept = picks.filter { $0 < data.elements.count }
        return [try data.picking(kept, [kept.count])]
      }
      let axisPosition = try resolved(axis, rank: data.dimensions.count)
      let kept = picks.filter { $0 < data.dimensions[axisPosition] }
      let indices = try ReferenceTensor(
        computed: TensorType(.int64, [kept.count]), kept.map { S(Double($0)) })
      return [try gathered(data, indices, axis: axis)]
    case .unique(let axis, let isSorted): return try unique(use, axis, isSorted)
    case .termCounts(let terms): return [try terms.reference(use)]
    case .nonZero:
      let hits = zip(Indices(data.dimensions), data.elements)
        .filter { !$0.1.isEqual(to: .zero) }.map(\.0)
      let rows = data.dimensions.indices.flatMap { axis in hits.map { S(Double($0[axis])) } }
      return [try use.result([data.dimensions.count, hits.count], rows)]
    case .topK(let axis, let count, let selectsLeast):
      return try greatest(use, axis, count, selectsLeast)
    }
  }

  /// An index counted from the front.
  func place(_ index: Int, of extent: Int, input: Int = 1) throws(ReferenceError) -> Int {
    guard index >= -extent, index < extent else {
      throw .invalidElement(input: input, reason: "names place \(index) of \(extent)")
    }
    return index < 0 ? index + extent : index
  }

  func gathered<S: KernelScalar>(
    _ data: ReferenceTensor<S>, _ indices: ReferenceTensor<S>, axis: Int
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let axis = try resolved(axis, rank: data.dimensions.count)
    let split = AxisSplit(data.dimensions, axis: axis)
    var places: [Int] = []
    for index in indices.integers { places.append(try place(index, of: split.extent)) }
    let positions = (0..<split.outer).flatMap { outer in
      places.flatMap { place in
        let start = (outer * split.extent + place) * split.inner
        return start..<start + split.inner
      }
    }
    let shape = data.dimensions[..<axis] + indices.dimensions + data.dimensions[(axis + 1)...]
    return try data.picking(positions, Array(shape))
  }

  private func gatheredElements<S: KernelScalar>(
    _ use: KernelUse<S>, _ axis: Int
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let (data, indices) = (try use.required(0), try use.required(1))
    return try data.picking(
      try elementPlaces(data.dimensions, indices, axis), indices.dimensions)
  }

  /// For each index, its own place in the data with the coordinate of the axis replaced.
  private func elementPlaces<S: KernelScalar>(
    _ data: [Int], _ indices: ReferenceTensor<S>, _ axis: Int
  ) throws(ReferenceError) -> [Int] {
    let axis = try resolved(axis, rank: data.count)
    let strides = rowMajorStrides(data)
    var places: [Int] = []
    for (coordinates, index) in zip(Indices(indices.dimensions), indices.integers) {
      var target = coordinates
      target[axis] = try place(index, of: data[axis])
      guard target.isInside(data) else {
        throw .invalidElement(input: 1, reason: "reaches beyond the data")
      }
      places.append(position(target, strides))
    }
    return places
  }

  private func gatheredND<S: KernelScalar>(
    _ use: KernelUse<S>, _ batchDimensions: Int
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let (data, indices) = (try use.required(0), try use.required(1))
    let starts = try slicePlaces(data.dimensions, indices, batchDimensions)
    let width = indices.dimensions.last ?? 0
    let slice = Array(data.dimensions.dropFirst(batchDimensions + width))
    let size = elementCount(slice)
    return try data.picking(
      starts.flatMap { $0..<$0 + size }, indices.dimensions.dropLast() + slice)
  }

  /// Where the slice that each index tuple names begins.
  private func slicePlaces<S: KernelScalar>(
    _ data: [Int], _ indices: ReferenceTensor<S>, _ batchDimensions: Int
  ) throws(ReferenceError) -> [Int] {
    let strides = rowMajorStrides(data)
    let width = indices.dimensions.last ?? 0
    let tuples = indices.integers
    var starts: [Int] = []
    for (row, coordinates) in Indices(indices.dimensions.dropLast()).enumerated() {
      let batch = Array(coordinates.prefix(batchDimensions))
      guard batch.isInside(data) else {
        throw .invalidElement(input: 1, reason: "has more batches than the data")
      }
      var start = position(batch, strides)
      for offset in 0..<width {
        let axis = batchDimensions + offset
        start += try place(tuples[row * width + offset], of: data[axis]) * strides[axis]
      }
      starts.append(start)
    }
    return starts
  }

  private func scatteredElements<S: KernelScalar>(
    _ use: KernelUse<S>, _ axis: Int, _ combination: Combination?
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let (data, indices) = (try use.required(0), try use.required(1))
    let updates = try use.required(2)
    guard updates.dimensions == indices.dimensions else {
      throw .invalidElement(input: 2, reason: "has another shape than the indices")
    }
    var elements = data.elements
    let places = try elementPlaces(data.dimensions, indices, axis)
    for (place, update) in zip(places, updates.elements) {
      elements[place] = combination?.combined(elements[place], update) ?? update
    }
    return try use.result(data.dimensions, elements)
  }

  private func scatteredND<S: KernelScalar>(
    _ use: KernelUse<S>, _ combination: Combination?
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let (data, indices) = (try use.required(0), try use.required(1))
    let updates = try use.required(2).elements
    let starts = try slicePlaces(data.dimensions, indices, 0)
    let size = elementCount(data.dimensions.dropFirst(indices.dimensions.last ?? 0))
    guard updates.count == starts.count * size else {
      throw .invalidElement(input: 2, reason: "has \(updates.count) elements")
    }
    var elements = data.elements
    for (row, start) in starts.enumerated() {
      for offset in 0..<size {
        let update = updates[row * size + offset]
        let place = start + offset
        elements[place] = combination?.combined(elements[place], update) ?? update
      }
    }
    return try use.result(data.dimensions, elements)
  }

  /// New entries written from a place of the axis on, one place an item of the batch.
  private func cacheUpdated<S: KernelScalar>(
    _ use: KernelUse<S>, _ axis: Int, _ isRing: Bool
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let (data, update) = (try use.required(0), try use.required(1))
    let axis = try resolved(axis, rank: data.dimensions.count)
    let starts = use.integers(2)
    var elements = data.elements
    let strides = rowMajorStrides(data.dimensions)
    for (index, element) in zip(Indices(update.dimensions), update.elements) {
      var target = index
      if let starts {
        guard starts.indices.contains(index[0]) else {
          throw .invalidElement(input: 2, reason: "has \(starts.count) places")
        }
        target[axis] &+= starts[index[0]]
        if isRing, data.dimensions[axis] > 0, target[axis] >= 0 {
          target[axis] %= data.dimensions[axis]
        }
      }
      guard target.isInside(data.dimensions) else {
        throw .invalidElement(input: 2, reason: "reaches beyond the data")
      }
      elements[position(target, strides)] = element
    }
    return try use.result(data.dimensions, elements)
  }

  /// The second value where the class is the index, the first elsewhere; an index out of range has
  /// none.
  private func oneHot<S: KernelScalar>(
    _ use: KernelUse<S>, _ axis: Int, _ wraps: Bool
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let (indices, values) = (try use.required(0), try use.required(2).elements)
    guard let depth = use.integers(1)?.first, values.count == 2 else {
      throw .invalidElement(input: 2, reason: "are not two values")
    }
    let axis = try resolved(axis, rank: indices.dimensions.count + 1)
    var shape = indices.dimensions
    shape.insert(depth, at: axis)
    let classes = indices.integers.map { $0 < 0 && wraps ? $0 &+ depth : $0 }
    let strides = rowMajorStrides(indices.dimensions)
    let elements = Indices(shape).map { index in
      var source = index
      let candidate = source.remove(at: axis)
      return values[classes[position(source, strides)] == candidate ? 1 : 0]
    }
    return try use.result(shape, elements)
  }
}

extension Indexing.Combination {
  fileprivate func combined<S: KernelScalar>(_ old: S, _ new: S) -> S {
    switch self {
    case .sum: old + new
    case .product: old * new
    case .minimum: S.minimum(old, new)
    case .maximum: S.maximum(old, new)
    }
  }
}
