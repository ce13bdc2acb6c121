import ModelIR

/// Where a window stands on each spatial axis.
struct WindowGeometry {
  let kernel: [Int]
  let strides: [Int]
  let dilations: [Int]
  /// Elements of padding in front; behind the end, whatever a window reaches is padding too.
  var begins: [Int]
  /// How many windows fit.
  var counts: [Int]

  init(
    _ window: SpatialWindow, kernel: [Int], input: [Int], roundsUp: Bool = false
  ) throws(ReferenceError) {
    let rank = input.count
    self.kernel = kernel
    strides = window.strides.isEmpty ? Array(repeating: 1, count: rank) : window.strides
    dilations = window.dilations.isEmpty ? Array(repeating: 1, count: rank) : window.dilations
    begins = []
    counts = []
    guard kernel.count == rank, strides.count == rank, dilations.count == rank else {
      throw .inconsistent("a window of another rank")
    }
    for axis in 0..<rank {
      let span = (kernel[axis] - 1) * dilations[axis] + 1
      switch window.padding {
      case .valid, .explicit:
        var (begin, end) = (0, 0)
        if case .explicit(let pads) = window.padding, !pads.isEmpty {
          (begin, end) = (pads[axis], pads[rank + axis])
        }
        let room = input[axis] + begin + end - span
        var count = room / strides[axis] + 1
        // A last, partial window counts unless it starts in the end padding.
        if roundsUp, room % strides[axis] != 0, count * strides[axis] < input[axis] + begin {
          count += 1
        }
        begins.append(begin)
        counts.append(count)
      case .sameUpper, .sameLower:
        let count = (input[axis] + strides[axis] - 1) / strides[axis]
        let padding = max((count - 1) * strides[axis] + span - input[axis], 0)
        begins.append(window.padding == .sameLower ? (padding + 1) / 2 : padding / 2)
        counts.append(count)
      }
    }
  }

  /// The input coordinates of one kernel element of one window; outside of the input in padding.
  func coordinates(window: [Int], element: [Int]) -> [Int] {
    kernel.indices.map {
      window[$0] * strides[$0] + element[$0] * dilations[$0] - begins[$0]
    }
  }

  /// For each window, the positions in one plane that its elements read; `nil` in padding.
  func reads(of input: [Int]) -> [[Int?]] {
    let inputStrides = rowMajorStrides(input)
    let elements = Array(Indices(kernel))
    return Indices(counts).map { window in
      elements.map { element in
        let coordinates = coordinates(window: window, element: element)
        return coordinates.isInside(input) ? position(coordinates, inputStrides) : nil
      }
    }
  }
}

extension [Int] {
  func isInside(_ extents: [Int]) -> Bool {
    zip(self, extents).allSatisfy { $0 >= 0 && $0 < $1 }
  }
}

/// A tensor with its channels behind the batch; an operand with channels last is rearranged.
struct Planes<S: KernelScalar> {
  let batch: Int
  let channels: Int
  let spatial: [Int]
  let elements: [S]
  let channelsLast: Bool

  init(_ tensor: ReferenceTensor<S>, channelsLast: Bool = false) throws(ReferenceError) {
    let rank = tensor.dimensions.count
    self.channelsLast = channelsLast && rank > 2
    let ordered =
      self.channelsLast ? try tensor.transposed([0, rank - 1] + Array(1..<rank - 1)) : tensor
    batch = ordered.dimensions[0]
    channels = ordered.dimensions[1]
    spatial = Array(ordered.dimensions.dropFirst(2))
    elements = ordered.elements
  }

  var planeSize: Int { elementCount(spatial) }

  /// Results in the order of `[batch, channels, spatial…]`, put into the operand's order.
  func result(
    _ use: KernelUse<S>, channels: Int, _ spatial: [Int], _ elements: [S], output: Int = 0
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let result = try use.result([batch, channels] + spatial, elements, output: output)
    guard channelsLast else { return result }
    return try result.transposed([0] + Array(2..<spatial.count + 2) + [1])
  }
}
