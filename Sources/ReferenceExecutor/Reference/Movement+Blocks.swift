import ModelIR
import Quantities
import TensorTypes

extension Movement {
  /// Channels, outermost or innermost the block's rows and columns, spread over space.
  func toSpace<S>(
    _ input: ReferenceTensor<S>, _ size: Int, channelsLast: Bool, channelsOutermost: Bool
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let ordered = channelsLast ? try input.transposed([0, 3, 1, 2]) : input
    let (batch, channels) = (ordered.dimensions[0], ordered.dimensions[1] / (size * size))
    let (height, width) = (ordered.dimensions[2], ordered.dimensions[3])
    let parts = channelsOutermost ? [channels, size, size] : [size, size, channels]
    let result = try ordered.reshaped([batch] + parts + [height, width])
      .transposed(channelsOutermost ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2])
      .reshaped([batch, channels, height * size, width * size])
    return channelsLast ? try result.transposed([0, 2, 3, 1]) : result
  }

  /// The inverse of ``toSpace(_:_:channelsLast:channelsOutermost:)``.
  func toDepth<S>(
    _ input: ReferenceTensor<S>, _ size: Int, channelsLast: Bool, channelsOutermost: Bool
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let ordered = channelsLast ? try input.transposed([0, 3, 1, 2]) : input
    let (batch, channels) = (ordered.dimensions[0], ordered.dimensions[1])
    let (height, width) = (ordered.dimensions[2] / size, ordered.dimensions[3] / size)
    let result = try ordered.reshaped([batch, channels, height, size, width, size])
      .transposed(channelsOutermost ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4])
      .reshaped([batch, channels * size * size, height, width])
    return channelsLast ? try result.transposed([0, 2, 3, 1]) : result
  }

  /// Columns of blocks added into an image; what falls into the padding is cut off afterwards.
  func folded<S: KernelScalar>(
    _ use: KernelUse<S>, _ dilations: [Int]?, _ pads: [Int]?, _ strides: [Int]?
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let input = try use.required(0)
    let (image, block) = (use.integers(1) ?? [], use.integers(2) ?? [])
    let window = SpatialWindow(
      strides: strides ?? [], dilations: dilations ?? [], padding: .explicit(pads ?? []))
    let rank = image.count
    let begins = pads.map { Array($0.prefix(rank)) } ?? Array(repeating: 0, count: rank)
    let ends = pads.map { Array($0.suffix(rank)) } ?? begins
    guard block.count == rank, begins.count == rank, ends.count == rank,
      (begins + ends + (strides ?? []) + (dilations ?? [])).allSatisfy({ $0 >= 0 && $0 < 1 << 31 }),
      image.allSatisfy({ $0 < 1 << 31 })
    else { throw .invalidElement(input: 1, reason: "does not suit the block \(block)") }
    let geometry = try WindowGeometry(window, kernel: block, input: image)
    let padded = (0..<rank).map { begins[$0] + image[$0] + ends[$0] }
    let (batch, size) = (input.dimensions[0], elementCount(block))
    let channels = input.dimensions[1] / size
    let windows = Array(Indices(geometry.counts))
    guard elementCount(padded) <= Operator.maximumElementCount, windows.count == input.dimensions[2]
    else { throw .invalidElement(input: 0, reason: "has \(input.dimensions[2]) blocks") }
    let paddedStrides = rowMajorStrides(padded)
    let elements = Array(Indices(block))
    var results: [S] = []
    for plane in 0..<batch * channels {
      var sums = Array(repeating: S.zero, count: elementCount(padded))
      for (row, element) in elements.enumerated() {
        for (column, index) in windows.enumerated() {
          let coordinates = zip(geometry.coordinates(window: index, element: element), begins)
            .map { $0 + $1 }
          sums[position(coordinates, paddedStrides)] +=
            input.elements[(plane * size + row) * windows.count + column]
        }
      }
      for place in stridedPositions(
        image, paddedStrides, offset: position(begins, paddedStrides))
      {
        results.append(sums[place])
      }
    }
    return try use.result([batch, channels] + image, results)
  }
}
