import ModelIR
import Quantities
import TensorTypes

extension Convolution {
  /// Adds each element, times the kernel, into the result; what falls into the padding is cut off
  /// afterwards.
  func transposed<S: KernelScalar>(
    _ use: KernelUse<S>, _ outputPadding: [Int], _ outputShape: [Int]?
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let planes = try Planes(try use.required(0), channelsLast: channelsLast)
    let weights = try filters(use)
    let kernel = Array(weights.dimensions.dropFirst(2))
    let (full, begins, extents) = try extents(
      planes.spatial, kernel, outputPadding, outputShape?.suffix(kernel.count))
    let geometry = try WindowGeometry(
      SpatialWindow(strides: window.strides, dilations: window.dilations), kernel: kernel,
      input: full)
    let fullStrides = rowMajorStrides(full)
    let elements = Array(Indices(kernel))
    let places = Indices(planes.spatial).map { input in
      elements.map { position(geometry.coordinates(window: input, element: $0), fullStrides) }
    }
    let depth = weights.dimensions[1]
    let (inputsPerGroup, filter) = (planes.channels / group, elements.count)
    var results: [S] = []
    for batch in 0..<planes.batch {
      for output in 0..<depth * group {
        var plane = Array(repeating: S.zero, count: elementCount(full))
        for channel in 0..<inputsPerGroup {
          let input = output / depth * inputsPerGroup + channel
          let base = (batch * planes.channels + input) * planes.planeSize
          let kernelBase = (input * depth + output % depth) * filter
          for (index, targets) in places.enumerated() {
            for (element, target) in targets.enumerated() {
              plane[target] +=
                planes.elements[base + index] * weights.elements[kernelBase + element]
            }
          }
        }
        for index in Indices(extents) {
          let coordinates = zip(index, begins).map { $0 + $1 }
          var value =
            coordinates.isInside(full) ? plane[position(coordinates, fullStrides)] : .zero
          if let bias = use.optional(2) { value += bias.elements[output] }
          results.append(value)
        }
      }
    }
    return try planes.result(use, channels: depth * group, extents, results)
  }

  /// The extents before padding is cut off, what is cut off in front, and the result's extents.
  func extents(
    _ input: [Int], _ kernel: [Int], _ outputPadding: [Int], _ outputShape: ArraySlice<Int>?
  ) throws(ReferenceError) -> (full: [Int], begins: [Int], result: [Int]) {
    var (full, begins, result): ([Int], [Int], [Int]) = ([], [], [])
    for axis in input.indices {
      let stride = window.strides.isEmpty ? 1 : window.strides[axis]
      let dilation = window.dilations.isEmpty ? 1 : window.dilations[axis]
      let span = (kernel[axis] - 1) * dilation + 1
      full.append(max(stride * (input[axis] - 1) + span, 0))
      let extended = full[axis] + (outputPadding.isEmpty ? 0 : outputPadding[axis])
      var padding = max(span - stride, 0)
      if let outputShape {
        result.append(Array(outputShape)[axis])
        padding = extended - result[axis]
      }
      switch window.padding {
      case .explicit(let pads) where outputShape == nil:
        let (begin, end) = pads.isEmpty ? (0, 0) : (pads[axis], pads[input.count + axis])
        begins.append(begin)
        padding = begin + end
      case .valid where outputShape == nil:
        begins.append(0)
        padding = 0
      // Half of the padding, rounded down even below zero.
      case .sameUpper: begins.append(padding >> 1)
      case .explicit, .valid, .sameLower: begins.append(padding - (padding >> 1))
      }
      if outputShape == nil { result.append(extended - padding) }
    }
    guard elementCount(full) <= Operator.maximumElementCount else {
      throw .tooLarge("the result before padding is cut off")
    }
    return (full, begins, result)
  }

  /// Every kernel element reads between elements of the input, at an offset of its own.
  func deformed<S: KernelScalar>(
    _ use: KernelUse<S>, offsetGroup: Int
  ) throws(ReferenceError) -> ReferenceTensor<S> {
    let planes = try Planes(try use.required(0))
    let (weights, offsets) = (try use.required(1), try use.required(2))
    let kernel = Array(weights.dimensions.dropFirst(2))
    let geometry = try WindowGeometry(window, kernel: kernel, input: planes.spatial)
    let (outputs, depth) = (weights.dimensions[0], weights.dimensions[1])
    let (axes, filter) = (kernel.count, elementCount(kernel))
    let kernelElements = Array(Indices(kernel))
    let windows = Array(Indices(geometry.counts))
    guard axes < 16,
      elementCount([windows.count, planes.channels, filter])
        <= Operator.maximumElementCount
    else { throw .tooLarge("the samples") }
    let channelsPerOffset = planes.channels / offsetGroup
    var results = Array(
      repeating: S.zero, count: elementCount([planes.batch, outputs, windows.count]))
    for batch in 0..<planes.batch {
      for (place, window) in windows.enumerated() {
        // samples[channel][kernel element]
        var samples: [[S]] = Array(repeating: [], count: planes.channels)
        for offset in 0..<offsetGroup {
          for (element, kernelIndex) in kernelElements.enumerated() {
            let base = geometry.coordinates(window: window, element: kernelIndex)
            let row = (batch * offsetGroup + offset) * filter + element
            let coordinates = (0..<axes).map { axis in
              S(Double(base[axis])) + offsets.elements[(row * axes + axis) * windows.count + place]
            }
            let corners = Corners(coordinates, extents: planes.spatial)
            let mask = use.optional(4).map { $0.elements[row * windows.count + place] }
            for channel in offset * channelsPerOffset..<(offset + 1) * channelsPerOffset {
              let plane = (batch * planes.channels + channel) * planes.planeSize
              let sample = corners.sample { planes.elements[plane + $0] }
              samples[channel].append(mask.map { sample * $0 } ?? sample)
            }
          }
        }
        for output in 0..<outputs {
          var sum = S.zero
          for channel in 0..<depth {
            let column = samples[output / (outputs / group) * depth + channel]
            for (element, sample) in column.enumerated() {
              sum += sample * weights.elements[(output * depth + channel) * filter + element]
            }
          }
          if let bias = use.optional(3) { sum += bias.elements[output] }
          results[(batch * outputs + output) * windows.count + place] = sum
        }
      }
    }
    return try use.result([planes.batch, outputs] + geometry.counts, results)
  }
}

/// The elements around a place between them, and their weights: products of the fractions along each
/// axis. Outside of the tensor is zero.
struct Corners<S: KernelScalar> {
  private var weights: [S]
  private var positions: [Int?]

  init(_ coordinates: [S], extents: [Int]) {
    let strides = rowMajorStrides(extents)
    var corners: [(weight: S?, position: Int?)] = [(nil, 0)]
    for (axis, coordinate) in coordinates.enumerated() {
      let lower = coordinate.applying(.floor)
      let upperWeight = coordinate - lower
      let lowerWeight = .one - upperWeight
      let start = Int(exactly: lower.doubleValue) ?? -2
      corners = corners.flatMap { corner in
        [(start, lowerWeight), (start &+ 1, upperWeight)].map { place, weight in
          (
            corner.weight.map { $0 * weight } ?? weight,
            place >= 0 && place < extents[axis]
              ? corner.position.map { $0 + place * strides[axis] } : nil
          )
        }
      }
    }
    weights = corners.map { $0.weight ?? .one }
    positions = corners.map(\.position)
  }

  func sample(_ element: (Int) -> S) -> S {
    let products = zip(weights, positions).map { $0 * ($1.map(element) ?? .zero) }
    return products.dropFirst().reduce(products[0]) { $0 + $1 }
  }
}
