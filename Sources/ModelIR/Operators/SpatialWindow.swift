import Quantities
import TensorTypes

/// The window that convolutions and pooling move over the spatial axes: those after batch and
/// channels, or between them when channels are last.
public struct SpatialWindow: Sendable, Hashable {
  public enum Padding: Sendable, Hashable {
    /// All beginnings, then all ends; empty is none.
    case explicit([Int])
    /// As much as makes `⌈input / stride⌉` outputs; an odd element goes to the end.
    case sameUpper
    /// The same, with an odd element at the beginning.
    case sameLower
    case valid
  }

  /// `nil` takes the extents of the weights.
  public let kernel: [Int]?
  /// Empty is 1 along each axis.
  public let strides: [Int]
  /// Empty is 1 along each axis.
  public let dilations: [Int]
  public let padding: Padding

  public init(
    kernel: [Int]? = nil, strides: [Int] = [], dilations: [Int] = [],
    padding: Padding = .explicit([])
  ) {
    self.kernel = kernel
    self.strides = strides
    self.dilations = dilations
    self.padding = padding
  }
}

extension SpatialWindow {
  /// The window along one axis, with every value checked.
  struct Axis {
    enum Padding {
      case explicit(begin: Int, end: Int)
      case same
    }
    let input: Int
    let stride: Int
    /// From the first to the last input element that one window reads, both counted:
    /// `(kernel − 1) · dilation + 1`.
    let span: Int
    let padding: Padding
  }

  /// Checks the attributes against a kernel and the spatial extents of an input.
  func axes(input: [Int], kernel: [Int]) throws(ShapeError) -> [Axis] {
    let rank = input.count
    if let declared = self.kernel, declared != kernel {
      throw .invalidAttribute(
        name: "kernel_shape", reason: "is \(declared), but the weights have \(kernel)")
    }
    try requireEqual("the rank of the kernel", kernel.count, rank)
    for extent in kernel where extent <= 0 {
      throw .invalidAttribute(name: "kernel_shape", reason: "has the extent \(extent)")
    }
    let strides = try filled(strides, rank: rank, name: "strides")
    let dilations = try filled(dilations, rank: rank, name: "dilations")
    var axes: [Axis] = []
    for axis in 0..<rank {
      guard input[axis] >= 0 else {
        throw .invalidInput(index: 0, reason: "has the extent \(input[axis])")
      }
      let reach = try extentProduct(kernel[axis] - 1, dilations[axis], of: "the dilated kernel")
      axes.append(
        Axis(
          input: input[axis], stride: strides[axis],
          span: try extentSum(reach, 1, of: "the dilated kernel"),
          padding: try padding(along: axis, rank: rank)))
    }
    return axes
  }

  private func filled(_ values: [Int], rank: Int, name: String) throws(ShapeError) -> [Int] {
    if values.isEmpty { return Array(repeating: 1, count: rank) }
    guard values.count == rank else {
      throw .invalidAttribute(name: name, reason: "has \(values.count) values, expected \(rank)")
    }
    for value in values where value <= 0 {
      throw .invalidAttribute(name: name, reason: "has the value \(value)")
    }
    return values
  }

  private func padding(along axis: Int, rank: Int) throws(ShapeError) -> Axis.Padding {
    switch padding {
    case .valid: return .explicit(begin: 0, end: 0)
    case .sameUpper, .sameLower: return .same
    case .explicit(let pads):
      if pads.isEmpty { return .explicit(begin: 0, end: 0) }
      guard pads.count == 2 * rank else {
        throw .invalidAttribute(
          name: "pads", reason: "has \(pads.count) values, expected \(2 * rank)")
      }
      let (begin, end) = (pads[axis], pads[rank + axis])
      guard begin >= 0, end >= 0 else {
        throw .invalidAttribute(name: "pads", reason: "has a negative value")
      }
      return .explicit(begin: begin, end: end)
    }
  }
}

extension SpatialWindow.Axis {
  /// How many windows fit. `roundsUp` also counts a last window that reaches past the padded end,
  /// unless it would start in the end padding.
  func windowCount(roundsUp: Bool = false) throws(ShapeError) -> Int {
    switch padding {
    case .same: return ceilingQuotient(input, stride)
    case .explicit(let begin, let end):
      let padded = try extentSum(input, begin, end, of: "the padded input")
      guard padded >= span else {
        // A window that begins in the data and reaches less than a stride too far still counts.
        if roundsUp, span - padded < stride, input + begin > 0 { return 1 }
        throw .invalidInput(
          index: 0, reason: "has \(padded) elements with padding, fewer than the window's \(span)")
      }
      guard roundsUp else { return (padded - span) / stride + 1 }
      let steps = ceilingQuotient(padded - span, stride)
      let (start, overflow) = steps.multipliedReportingOverflow(by: stride)
      return overflow || start >= padded - end ? steps : steps + 1
    }
  }

  /// The extent that a transposed window produces: `stride · (input − 1) + span + extra − padding`.
  func transposedExtent(extra: Int) throws(ShapeError) -> Int {
    let what = "the transposed extent"
    guard extra >= 0 else {
      throw .invalidAttribute(name: "output_padding", reason: "has a negative value")
    }
    let steps = try extentProduct(stride, input - 1, of: what)
    let pads: Int
    switch padding {
    case .explicit(let begin, let end): pads = try extentSum(begin, end, of: what)
    case .same: pads = max(span - stride, 0)
    }
    let extent = try extentSum(steps, span, extra, -pads, of: what)
    guard extent >= 0 else {
      throw .invalidAttribute(name: "pads", reason: "cut off more than the whole result")
    }
    return extent
  }
}
