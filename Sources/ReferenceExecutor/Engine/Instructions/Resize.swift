import CKernels
import ModelIR
import TensorTypes

/// Rows and columns interpolated from others.
struct ResizeInstruction: Instruction {
  let batch: Int
  let input: (height: Int, width: Int)
  let output: (height: Int, width: Int)
  let channels: Int
  let taps: Int
  let source: Address
  let result: Address
  /// For each row, then column, of the result: the ones it is made of, and their weights.
  let rowIndex: Address
  let columnIndex: Address
  let rowWeight: Address?
  let columnWeight: Address?

  func run(_ machine: Machine) {
    var shape = unsafe bf_resize(
      batch: batch, in_height: input.height, in_width: input.width, out_height: output.height,
      out_width: output.width, channels: channels, taps: taps,
      row_index: machine.pointer(rowIndex).assumingMemoryBound(to: Int32.self),
      column_index: machine.pointer(columnIndex).assumingMemoryBound(to: Int32.self),
      row_weight: machine.floats(rowWeight), column_weight: machine.floats(columnWeight))
    unsafe bf_f32_resize(machine.pool, &shape, machine.floats(source), machine.floats(result))
  }
}

extension Lowering {
  func lower(
    _ resize: Resize, _ node: Node, _ source: Value.ID, _ result: Value.ID, _ type: TensorType
  ) throws(ExecutionError) {
    let whole = try view(source)
    guard type.dtype == .float32, (3...4).contains(type.rank), whole.elementCount > 0,
      type.elementCount > 0,
      let filters = try filters(resize, node, whole.extents, type.dimensions),
      let taps = taps(filters)
    else { return try lowerByReference(node) }
    let order = channelsLastOrder(rank: type.rank)
    let input = try contiguous(whole, order: order)
    let output = allocate(for: result, type, order: order) { $0.isContiguous(order) }
    let hasRows = type.rank == 4
    let rows = hasRows ? filters[0] : [[(0, 1)]]
    let columns = filters[filters.count - 1]
    let (rowIndex, rowWeight) = tables(rows, taps)
    let (columnIndex, columnWeight) = tables(columns, taps)
    try emit(
      ResizeInstruction(
        batch: type.dimensions[0],
        input: (hasRows ? input.extents[2] : 1, input.extents[type.rank - 1]),
        output: (rows.count, columns.count), channels: type.dimensions[1], taps: taps,
        source: input.address, result: output.address, rowIndex: rowIndex,
        columnIndex: columnIndex, rowWeight: taps == 1 ? nil : rowWeight,
        columnWeight: taps == 1 ? nil : columnWeight),
      kernel: "resize.f32",
      reads: [input.storage, rowIndex.storage, columnIndex.storage]
        + (taps == 1 ? [] : [rowWeight.storage, columnWeight.storage]),
      writes: [output.storage])
    views[result.index] = output
  }

  typealias Filter = [[(place: Int, weight: Double)]]

  /// The filters of the spatial axes; `nil` when others change too, or a run decides.
  func filters(
    _ resize: Resize, _ node: Node, _ input: [Int], _ output: [Int]
  ) throws(ExecutionError) -> [Filter]? {
    let inputs = [resize.scalesInput, resize.sizesInput, resize.regionInput].compactMap { $0 }
    for index in inputs where index < node.inputs.count {
      guard let id = node.inputs[index] else { continue }
      guard graph[id].literal != nil || graph[id].type?.elementCount == 0 else { return nil }
    }
    let axes: [SampledAxis]
    do throws(ReferenceError) {
      axes = try resize.sampledAxes(input, output) { index in
        guard index < node.inputs.count, let id = node.inputs[index] else { return nil }
        return graph[id].literal?.reals ?? []
      }
    } catch { throw nodeError(error) }
    guard axes.prefix(2).allSatisfy({ $0.before == $0.after && !$0.isMoved }) else { return nil }
    return axes.dropFirst(2).map { axis in
      axis.before == axis.after && !axis.isMoved
        ? (0..<axis.after).map { [($0, 1)] } : AxisFilter(resize, axis).places
    }
  }

  /// How many elements every place is made of: as many as the widest filter has, if kernels take so
  /// many.
  private func taps(_ filters: [Filter]) -> Int? {
    let counts = filters.joined().map(\.count)
    guard let most = counts.max(), !counts.contains(0) else { return nil }
    return [1, 2, 4].first { $0 >= most }
  }

  private func tables(_ filter: Filter, _ taps: Int) -> (index: Address, weight: Address) {
    var (places, weights): ([Int32], [Float]) = ([], [])
    for sources in filter {
      for tap in 0..<taps {
        places.append(Int32(clamping: sources[min(tap, sources.count - 1)].place))
        weights.append(tap < sources.count ? Float(sources[tap].weight) : 0)
      }
    }
    return (constant(places), constant(weights))
  }
}
