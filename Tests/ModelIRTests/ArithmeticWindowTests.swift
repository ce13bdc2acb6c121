import ModelIR
import Quantities
import TensorTypes
import Testing

@Test func `a padded, strided convolution`() throws {
  let window = SpatialWindow(kernel: [7, 7], strides: [2, 2], padding: .explicit([3, 3, 3, 3]))
  let (types, work) = try evaluated(
    Convolution(.conv, window: window), [tensor(1, 3, 224, 224), tensor(64, 3, 7, 7), tensor(64)])
  #expect(types == [float32(1, 64, 112, 112)])
  // The first layer of ResNet: 64 · 112 · 112 · 3 · 49.
  #expect(work?.macs == MACs(118_013_952))
  #expect(work?.otherOperations == FLOPs(64 * 112 * 112))
}

@Test func `groups divide the input channels`() throws {
  let window = SpatialWindow(padding: .explicit([1, 1, 1, 1]))
  let (types, work) = try evaluated(
    Convolution(.conv, window: window, group: 8), [tensor(2, 8, 5, 5), tensor(16, 1, 3, 3)])
  #expect(types == [float32(2, 16, 5, 5)])
  #expect(work?.macs == MACs(2 * 16 * 25 * 9))
}

/// One axis of a convolution and the share of its products that read an element.
struct PaddedAxis: Sendable {
  var padding: SpatialWindow.Padding
  var side: Int
  var kernel: Int
  var stride = 1
  var dilation = 1
  var read: Int
  var of: Int
}

/// Along an axis of 7 a kernel of 5, padded by 2, reads 3, 4, 5, 5, 5, 4, 3 elements: 29 of 35.
@Test(arguments: [
  PaddedAxis(padding: .explicit([2, 2, 2, 2]), side: 7, kernel: 5, read: 29, of: 35),
  PaddedAxis(padding: .explicit([]), side: 7, kernel: 5, read: 1, of: 1),
  PaddedAxis(padding: .sameUpper, side: 7, kernel: 5, read: 29, of: 35),
  // Every other window: 3, 5, 5, 3 of 5.
  PaddedAxis(padding: .explicit([2, 2, 2, 2]), side: 7, kernel: 5, stride: 2, read: 16, of: 20),
  // Four elements, one of padding, at the end or at the beginning: 3 and 2 of 3, or 2 and 3.
  PaddedAxis(padding: .sameUpper, side: 4, kernel: 3, stride: 2, read: 5, of: 6),
  PaddedAxis(padding: .sameLower, side: 4, kernel: 3, stride: 2, read: 5, of: 6),
  // Positions two apart: the middle one always reads, the outer ones in one of three windows each.
  PaddedAxis(padding: .explicit([2, 2, 2, 2]), side: 3, kernel: 3, dilation: 2, read: 5, of: 9),
  // Fewer windows than positions: 7 elements under one kernel of 9.
  PaddedAxis(padding: .explicit([1, 1, 1, 1]), side: 7, kernel: 9, read: 7, of: 9),
])
func `products with padding are told apart`(axis: PaddedAxis) throws {
  let window = SpatialWindow(
    strides: [axis.stride, axis.stride], dilations: [axis.dilation, axis.dilation],
    padding: axis.padding)
  let inputs: [Operand?] = [
    tensor(1, 8, axis.side, axis.side), tensor(8, 1, axis.kernel, axis.kernel),
  ]
  let found = Convolution(.conv, window: window, group: 8).shareOnInput(inputs: inputs)
  let share = Double(axis.read) / Double(axis.of)
  #expect(abs(try #require(found) - share * share) < 1e-12)
}

@Test(arguments: [
  (SpatialWindow.Padding.sameUpper, 2, 1, 5), (.sameLower, 3, 2, 4), (.valid, 2, 1, 4),
  (.explicit([2, 0]), 2, 2, 4), (.explicit([]), 1, 4, 2),
])
func `padding rules of one axis`(
  padding: SpatialWindow.Padding, stride: Int, dilation: Int, expected: Int
) throws {
  let window = SpatialWindow(strides: [stride], dilations: [dilation], padding: padding)
  let (types, _) = try evaluated(
    Convolution(.conv, window: window), [tensor(1, 1, 10), tensor(1, 1, 3)])
  #expect(types == [float32(1, 1, expected)])
}

@Test func `attributes that would trap are errors`() {
  func error(_ window: SpatialWindow, group: Int = 1) -> Bool {
    let convolution = Convolution(.conv, window: window, group: group)
    let inputs: [Operand?] = [tensor(1, 4, 8, 8), tensor(4, 4, 3, 3)]
    return (try? convolution.outputTypes(for: inputs, outputCount: 1)) == nil
  }
  #expect(!error(SpatialWindow()))
  #expect(error(SpatialWindow(), group: 0))
  #expect(error(SpatialWindow(), group: -1))
  #expect(error(SpatialWindow(), group: 3))
  #expect(error(SpatialWindow(strides: [0, 1])))
  #expect(error(SpatialWindow(strides: [1])))
  #expect(error(SpatialWindow(dilations: [1, -1])))
  #expect(error(SpatialWindow(dilations: [.max, .max])))
  #expect(error(SpatialWindow(kernel: [2, 3])))
  #expect(error(SpatialWindow(padding: .explicit([-1, 0, 0, 0]))))
  #expect(error(SpatialWindow(padding: .explicit([.max, 0, .max, 0]))))
  #expect(error(SpatialWindow(dilations: [4, 4])))
}

@Test func `a transposed convolution grows its input`() throws {
  let window = SpatialWindow(strides: [2, 2], padding: .explicit([1, 1, 1, 1]))
  let function = Convolution.Function.convTranspose(outputPadding: [1, 1], outputShape: nil)
  let (types, work) = try evaluated(
    Convolution(function, window: window, group: 2), [tensor(1, 4, 8, 8), tensor(4, 3, 3, 3)])
  // 2 · 7 + 3 + 1 − 2 = 16.
  #expect(types == [float32(1, 6, 16, 16)])
  #expect(work?.macs == MACs(4 * 64 * 3 * 9))
  let stated = Convolution(
    .convTranspose(outputPadding: [], outputShape: [15, 17]), window: window)
  #expect(
    try evaluated(stated, [tensor(1, 4, 8, 8), tensor(4, 3, 3, 3)]).types == [float32(1, 3, 15, 17)]
  )
}

@Test func `quantized convolutions keep channels where they are`() throws {
  let scale = tensor()
  let zero = tensor(.uint8)
  let parameters = [scale, zero, tensor(.int8, 4, 6, 3, 3), scale, tensor(.int8), scale, zero]
  let (types, work) = try evaluated(
    Convolution(.qLinearConv, channelsLast: true), [tensor(.uint8, 1, 5, 5, 6)] + parameters)
  #expect(types == [TensorType(.uint8, [1, 3, 3, 4])])
  #expect(work?.macs == MACs(9 * 4 * 54))
  // Zero points off 150 inputs and 216 weights, 5 operations on each of 36 results.
  #expect(work?.otherOperations == FLOPs(150 + 216 + 180))
  let integer = try evaluated(
    Convolution(.convInteger), [tensor(.uint8, 1, 6, 5, 5), tensor(.int8, 4, 6, 3, 3)])
  #expect(integer.types == [TensorType(.int32, [1, 4, 3, 3])])
}

@Test func `a convolution with state keeps the last inputs`() throws {
  let convolution = Convolution(.causalConvWithState(activation: nil, dilation: 1))
  let (types, work) = try evaluated(
    convolution, [tensor(2, 4, 6), tensor(4, 1, 3)], outputCount: 2)
  #expect(types == [float32(2, 4, 6), float32(2, 4, 2)])
  #expect(work?.macs == MACs(48 * 3))
}

@Test(arguments: [
  // input, kernel, stride, padding at both ends, floor, ceiling
  (5, 2, 2, 0, 2, 3), (6, 3, 2, 1, 3, 4), (4, 1, 3, 1, 2, 2), (32, 3, 2, 0, 15, 16),
])
func `a window that starts in the end padding is dropped`(
  input: Int, kernel: Int, stride: Int, padding: Int, floor: Int, ceiling: Int
) throws {
  let window = SpatialWindow(
    kernel: [kernel], strides: [stride], padding: .explicit([padding, padding]))
  func extent(_ roundsUp: Bool) throws -> Int? {
    let sliding = Pooling.Sliding(window: window, roundsUp: roundsUp)
    return try evaluated(Pooling(.max(sliding, countsColumnsFirst: false)), [tensor(1, 1, input)])
      .types[0]?.dimensions[2]
  }
  #expect(try extent(false) == floor)
  #expect(try extent(true) == ceiling)
}

@Test func `pooling counts window reads`() throws {
  let sliding = Pooling.Sliding(window: SpatialWindow(kernel: [3, 3], strides: [2, 2]))
  let (types, work) = try evaluated(
    Pooling(.max(sliding, countsColumnsFirst: false)), [tensor(1, 2, 7, 7)], outputCount: 2)
  #expect(types == [float32(1, 2, 3, 3), TensorType(.int64, [1, 2, 3, 3])])
  #expect(work?.otherOperations == FLOPs(18 * 9))
  let average = try evaluated(
    Pooling(.average(sliding, includesPadding: true)), [tensor(1, 2, 7, 7)])
  #expect(average.work?.otherOperations == FLOPs(18 * 9 + 18))
  let global = try evaluated(Pooling(.globalAverage), [tensor(1, 2, 7, 7)])
  #expect(global.types == [float32(1, 2, 1, 1)])
  #expect(global.work?.otherOperations == FLOPs(98 + 2))
}

@Test func `regions whose samples depend on data have unknown work`() throws {
  func work(_ ratio: Int) throws -> Work? {
    let alignment = Pooling.RegionAlignment(
      mode: .average, outputHeight: 7, outputWidth: 7, samplingRatio: ratio, spatialScale: 0.25,
      usesHalfPixel: false)
    let (types, work) = try evaluated(
      Pooling(.regionAlign(alignment)), [tensor(1, 8, 16, 16), tensor(3, 4), tensor(.int64, 3)])
    #expect(types == [float32(3, 8, 7, 7)])
    return work
  }
  #expect(try work(0) == nil)
  #expect(try work(2)?.otherOperations == FLOPs(3 * 8 * 49 * (4 * 8 + 1)))
}

@Test func `unpooling needs a known shape or derives one`() throws {
  let unpool = Pooling(.maxUnpool(window: SpatialWindow(kernel: [2, 2], strides: [2, 2])))
  let inputs: [Operand?] = [tensor(1, 1, 2, 2), tensor(.int64, 1, 1, 2, 2)]
  #expect(try evaluated(unpool, inputs).types == [float32(1, 1, 4, 4)])
  let shape = Operand(TensorLiteral(vector: [1, 1, 5, 5]))
  #expect(try evaluated(unpool, inputs + [shape]).types == [float32(1, 1, 5, 5)])
  #expect(try evaluated(unpool, inputs + [tensor(.int64, 4)]).types == [nil])
}
