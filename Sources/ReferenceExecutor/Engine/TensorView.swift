import ModelIR
import Quantities
import TensorTypes

/// Where the elements of a value stand: a start in a storage, and how far apart neighbours along
/// each axis are. Transposes, slices and broadcasts are other views of the same storage.
struct TensorView: Hashable {
  /// A position in the storages of a lowering.
  var storage: Int
  /// Of the first element, in elements.
  var offset = 0
  var dtype: DType
  var extents: [Int]
  /// In elements; 0 repeats.
  var strides: [Int]

  /// Dense, in the order of the axes.
  init(_ type: TensorType, storage: Int) {
    self.storage = storage
    dtype = type.dtype
    extents = type.dimensions
    strides = rowMajorStrides(type.dimensions)
  }

  /// Dense, with the axes in `order` from the outermost to the innermost.
  init(_ type: TensorType, storage: Int, order: [Int]) {
    self.init(type, storage: storage)
    var stride = 1
    for axis in order.reversed() {
      strides[axis] = stride
      stride *= max(extents[axis], 1)
    }
  }

  var rank: Int { extents.count }
  var elementCount: Int { extents.reduce(1, *) }
  var type: TensorType { TensorType(dtype, extents) }
  /// Bytes of one element; 0 where several share a byte, and for text.
  var elementSize: Int { dtype.block.elements == 1 ? dtype.block.bytes.rawValue : 0 }
  var address: Address { Address(storage: storage, offset: offset * elementSize) }

  /// The axes from the outermost in memory to the innermost; those of extent 1 stand where they
  /// stood.
  var memoryOrder: [Int] {
    let wide = extents.indices.filter { extents[$0] > 1 }
    var sorted = wide.sorted { (strides[$1], $0) < (strides[$0], $1) }[...]
    return extents.indices.map { extents[$0] > 1 ? sorted.removeFirst() : $0 }
  }

  /// Whether the elements fill their bytes without gaps or repeats, in some order of the axes.
  var isDense: Bool { isContiguous(memoryOrder) }

  var isRowMajor: Bool { isContiguous(Array(extents.indices)) }

  func isContiguous(_ order: [Int]) -> Bool {
    var expected = 1
    for axis in order.reversed() where extents[axis] != 1 {
      guard strides[axis] == expected else { return false }
      expected *= extents[axis]
    }
    return true
  }

  func isLaidOutLike(_ other: TensorView) -> Bool {
    extents == other.extents
      && extents.indices.allSatisfy { extents[$0] == 1 || strides[$0] == other.strides[$0] }
  }

  /// The axes in another order; as they stand when the order is empty.
  func ordered(_ axes: [Int]) -> TensorView { axes.isEmpty ? self : transposed(axes) }

  /// `[batch, channels, spatial…]` of a view with its channels last; as it is with channels first.
  func channelsFirst(from channelsLast: Bool) -> TensorView {
    channelsLast && rank > 2 ? transposed([0, rank - 1] + Array(1..<rank - 1)) : self
  }

  /// The way back from ``channelsFirst(from:)``.
  func channelsLast(_ channelsLast: Bool) -> TensorView {
    channelsLast && rank > 2 ? transposed(channelsLastOrder(rank: rank)) : self
  }

  func transposed(_ permutation: [Int]) -> TensorView {
    var view = self
    view.extents = permutation.map { extents[$0] }
    view.strides = permutation.map { strides[$0] }
    return view
  }

  /// `count` elements along an axis from `start` on, `step` apart.
  func sliced(axis: Int, start: Int, count: Int, step: Int = 1) -> TensorView {
    var view = self
    view.offset += start * strides[axis]
    view.extents[axis] = count
    view.strides[axis] *= step
    return view
  }

  /// With extents of 1 repeated, by numpy's rule.
  func broadcast(to target: [Int]) -> TensorView {
    let shift = target.count - rank
    var view = self
    view.extents = target
    view.strides = target.indices.map { axis in
      axis < shift || extents[axis - shift] == 1 && target[axis] != 1 ? 0 : strides[axis - shift]
    }
    return view
  }

  /// The same elements under other extents; `nil` when they cannot be named by strides.
  func reshaped(_ target: [Int]) -> TensorView? {
    if target == extents { return self }
    var view = self
    view.extents = target
    view.strides = rowMajorStrides(target)
    guard elementCount > 0 else { return view }
    let old = extents.indices.filter { extents[$0] != 1 }
    let new = target.indices.filter { target[$0] != 1 }
    var (from, to) = (0, 0)
    while from < old.count || to < new.count {
      guard from < old.count, to < new.count else { return nil }
      let (oldStart, newStart) = (from, to)
      var (oldCount, newCount) = (extents[old[from]], target[new[to]])
      while oldCount != newCount {
        if oldCount < newCount {
          from += 1
          guard from < old.count else { return nil }
          oldCount *= extents[old[from]]
        } else {
          to += 1
          guard to < new.count else { return nil }
          newCount *= target[new[to]]
        }
      }
      for axis in oldStart..<from
      where strides[old[axis]] != strides[old[axis + 1]] * extents[old[axis + 1]] {
        return nil
      }
      var stride = strides[old[from]]
      for axis in (newStart...to).reversed() {
        view.strides[new[axis]] = stride
        stride *= target[new[axis]]
      }
      from += 1
      to += 1
    }
    return view
  }
}

extension TensorView {
  /// Elements from one pixel to the next when the view is `[batch, channels, spatial…]` with the
  /// channels of a pixel side by side and the pixels evenly spaced, row after row, image after
  /// image; `nil` otherwise.
  var pixelStride: Int? {
    guard rank >= 2, extents[1] == 1 || strides[1] == 1 else { return nil }
    var pixel: Int?
    var pixels = 1
    for axis in (2..<rank).reversed() where extents[axis] != 1 {
      if let pixel {
        guard strides[axis] == pixel * pixels else { return nil }
      } else {
        pixel = strides[axis]
      }
      pixels *= extents[axis]
    }
    if extents[0] != 1 {
      if let pixel {
        guard strides[0] == pixel * pixels else { return nil }
      } else {
        pixel = strides[0]
      }
    }
    let stride = pixel ?? max(extents[1], 1)
    return stride >= extents[1] ? stride : nil
  }

  /// The distance between rows when all axes but the last form one evenly spaced axis of rows whose
  /// elements stand side by side; `nil` otherwise.
  var rowStride: Int? {
    guard let width = extents.last else { return 1 }
    guard width == 1 || strides[rank - 1] == 1 else { return nil }
    var row: Int?
    var rows = 1
    for axis in extents.indices.dropLast().reversed() where extents[axis] != 1 {
      if let row {
        guard strides[axis] == row * rows else { return nil }
      } else {
        row = strides[axis]
      }
      rows *= extents[axis]
    }
    let stride = row ?? width
    return stride >= width ? stride : nil
  }
}

extension TensorType {
  /// `[batch, channels, spatial…]` of a type with its channels last; as it is with channels first.
  func channelsFirst(from channelsLast: Bool) -> TensorType {
    guard channelsLast, rank > 2 else { return self }
    return TensorType(dtype, [dimensions[0], dimensions[rank - 1]] + dimensions[1..<rank - 1])
  }
}

/// Batch, spatial axes, channels: the order of convolutions.
func channelsLastOrder(rank: Int) -> [Int] {
  rank < 3 ? Array(0..<rank) : [0] + Array(2..<rank) + [1]
}
