import HardwareModel
import ModelIR
import TensorTypes

extension OperatorBenchmark {
  /// Channels and extent of square images, as networks have them.
  static let layers = [(16, 14), (32, 28), (64, 28), (64, 56), (128, 28), (256, 14)]

  static let convolutions: [OperatorBenchmark] = [
    convolution("1x1", 1), convolution("3x3", 3), convolution("5x5", 5, over: smaller),
    convolution("7x7", 7, over: smaller),
    convolution("3x3 stride 2", 3, stride: 2), convolution("1x1 stride 2", 1, stride: 2),
    convolution("3x3 dilation 2", 3, dilation: 2),
    convolution("3x3 groups of 4", 3, channelsPerGroup: 4),
    convolution("3x3 groups of 16", 3, channelsPerGroup: 16),
    convolution("3x3 depthwise", 3, over: separable, channelsPerGroup: 1),
    convolution("3x3 depthwise stride 2", 3, over: separable, stride: 2, channelsPerGroup: 1),
    convolution("5x5 depthwise", 5, over: separable, channelsPerGroup: 1),
    stem("3x3 stride 2, 3 channels in", kernel: 3, channels: 32),
    stem("7x7 stride 2, 3 channels in", kernel: 7, channels: 64),
    transposed("2x2 stride 2", kernel: 2, padding: 0),
    transposed("4x4 stride 2", kernel: 4, padding: 1),
  ]

  private static let smaller = [(16, 14), (32, 14), (32, 28), (64, 14), (64, 28)]
  private static let separable = [(32, 14), (64, 28), (96, 56), (144, 28), (384, 14), (960, 7)]

  private static func convolution(
    _ name: String, _ kernel: Int, over layers: [(Int, Int)] = layers, stride: Int = 1,
    dilation: Int = 1, channelsPerGroup: Int? = nil
  ) -> OperatorBenchmark {
    OperatorBenchmark(.conv, name, per: .mac, over: layers) { graph, layer in
      let (channels, extent) = layer
      let inGroup = channelsPerGroup ?? channels
      let window = SpatialWindow(
        kernel: [kernel, kernel], strides: [stride, stride], dilations: [dilation, dilation],
        padding: .explicit(Array(repeating: kernel / 2 * dilation, count: 4)))
      graph.subject(
        .convolution(Convolution(.conv, window: window, group: channels / inGroup)),
        [graph.image(channels, extent), graph.weight([channels, inGroup, kernel, kernel])])
    }
  }

  /// The first layer of a network, which gets its image in planes.
  private static func stem(_ name: String, kernel: Int, channels: Int) -> OperatorBenchmark {
    OperatorBenchmark(.conv, name, per: .mac, over: [32, 64, 112, 160, 224]) { graph, extent in
      let window = SpatialWindow(
        kernel: [kernel, kernel], strides: [2, 2],
        padding: .explicit(Array(repeating: kernel / 2, count: 4)))
      graph.subject(
        .convolution(Convolution(.conv, window: window)),
        [graph.fed([1, 3, extent, extent]), graph.weight([channels, 3, kernel, kernel])])
    }
  }

  private static func transposed(_ name: String, kernel: Int, padding: Int) -> OperatorBenchmark {
    OperatorBenchmark(.convTranspose, name, per: .mac, over: smaller) { graph, layer in
      let (channels, extent) = layer
      let window = SpatialWindow(
        kernel: [kernel, kernel], strides: [2, 2],
        padding: .explicit(Array(repeating: padding, count: 4)))
      graph.subject(
        .convolution(
          Convolution(.convTranspose(outputPadding: [], outputShape: nil), window: window)),
        [graph.image(channels, extent), graph.weight([channels, channels, kernel, kernel])])
    }
  }
}
