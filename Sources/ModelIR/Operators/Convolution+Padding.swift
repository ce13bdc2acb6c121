import TensorTypes

extension Convolution {
  /// The share of ``work(inputs:outputs:)``'s multiply-accumulates that meet an element of the input and
  /// not its padding, between 0 and 1: a kernel may leave out the others, which are more than a quarter
  /// of a 5×5 window over 7×7 elements. 1 where the formula counts no padding; `nil` for operands that
  /// do not fit.
  public func shareOnInput(inputs: [Operand?]) -> Double? {
    switch function {
    case .convTranspose, .deformConv, .causalConvWithState: return 1
    case .conv, .convInteger, .qLinearConv, .fusedConv: break
    }
    guard let problem = try? problem(of: inputs) else { return nil }
    let spatial = problem.input.dimensions.dropFirst(channelsLast ? 1 : 2)
    let extents = Array(spatial.prefix(problem.kernel.count))
    guard let axes = try? window.axes(input: extents, kernel: problem.kernel) else { return nil }
    var share = 1.0
    for (index, axis) in axes.enumerated() {
      share *= axis.shareOnInput(
        outputs: problem.output[index], kernel: problem.kernel[index],
        isOddAtBeginning: window.padding == .sameLower)
    }
    return share
  }
}

extension SpatialWindow.Axis {
  /// Of `outputs · kernel` positions along the axis, the share inside the input.
  fileprivate func shareOnInput(outputs: Int, kernel: Int, isOddAtBeginning: Bool) -> Double {
    guard outputs > 0, kernel > 0, input > 0 else { return 1 }
    let dilation = kernel > 1 ? (span - 1) / (kernel - 1) : 1
    let begin: Double
    switch padding {
    case .explicit(let elements, _): begin = Double(elements)
    case .same:
      let reach = Double(outputs - 1) * Double(stride) + Double(span)
      let half = max(reach - Double(input), 0) / 2
      begin = half.rounded(isOddAtBeginning ? .up : .down)
    }
    // Windows and positions of the kernel are alike: both are steps along the axis. The fewer are
    // gone through, the others counted.
    let windows = (count: outputs, step: Double(stride))
    let positions = (count: kernel, step: Double(dilation))
    let (few, many) = outputs < kernel ? (windows, positions) : (positions, windows)
    var inside = 0.0
    for index in 0..<few.count {
      let offset = Double(index) * few.step - begin
      let first = max((-offset / many.step).rounded(.up), 0)
      let beyond = ((Double(input) - 1 - offset) / many.step).rounded(.down)
      inside += max(min(beyond, Double(many.count - 1)) - first + 1, 0)
    }
    return inside / (Double(outputs) * Double(kernel))
  }
}
