import ModelIR
import TensorTypes
import TestSupport

extension ExampleMaker {
  private func vector(_ values: [Int]) -> Operand { Operand(TensorLiteral(vector: values)) }

  mutating func movement() -> OperatorExample {
    let dimensions = shape(rank: 1...4)
    let rank = dimensions.count
    func example(_ movement: Movement, _ inputs: [Operand?]) -> OperatorExample {
      OperatorExample(.movement(movement), inputs)
    }
    switch integer(0...8) {
    case 0:
      return example(
        .transpose(permutation: Array(0..<rank).shuffled(using: &generator)), [tensor(dimensions)])
    case 1:
      let axis = axis(rank: rank)
      let parts = (0..<integer(1...3)).map { _ in
        var part = dimensions
        part[axis < 0 ? axis + rank : axis] = integer(0...3)
        return tensor(part)
      }
      return example(.concat(axis: axis), parts)
    case 2:
      let axes = axes(rank: rank)
      return example(
        .slice(Movement.Slice()),
        [
          tensor(dimensions), vector(integers(axes.count, -6...6)),
          vector(integers(axes.count, -6...6)), vector(axes),
          vector(axes.map { _ in element([-2, -1, 1, 2]) }),
        ])
    case 3:
      return example(
        .pad(), [tensor(dimensions.map { $0 + 2 }), vector(integers(2 * rank, -1...2))])
    case 4: return example(.expand, [tensor(broadcastable(to: dimensions)), vector(dimensions)])
    case 5: return example(.tile, [tensor(dimensions), vector(integers(rank, 0...3))])
    case 6:
      let size = integer(1...2)
      let blocks = integers(4, 1...2)
      return flag()
        ? example(
          .depthToSpace(blockSize: size),
          [tensor([blocks[0], blocks[1] * size * size, blocks[2], blocks[3]])])
        : example(
          .spaceToDepth(blockSize: size, channelsLast: true),
          [tensor([blocks[0], blocks[1] * size, blocks[2] * size, blocks[3]])])
    case 7:
      let resize = Resize(
        element([.nearest, .linear, .cubic]), scalesInput: 2, sizesInput: 3, antialiases: flag())
      return example(
        .resize(resize), [tensor(dimensions), nil, nil, vector(integers(rank, 1...6))])
    default:
      let (block, image) = (integers(2, 1...2), integers(2, 3...4))
      let pads = integers(4, 0...1)
      let counts: [Int] = (0..<2).map { axis in
        let padded: Int = image[axis] + pads[axis] + pads[axis + 2]
        return padded - block[axis] + 1
      }
      return example(
        .col2Im(dilations: nil, pads: pads, strides: nil),
        [
          tensor([1, 2 * block[0] * block[1], counts[0] * counts[1]]), vector(image),
          vector(block),
        ])
    }
  }

  mutating func indexing() -> OperatorExample {
    let dimensions = shape(rank: 1...3)
    let rank = dimensions.count
    let axis = axis(rank: rank)
    func example(
      _ indexing: Indexing, _ inputs: [Operand?], outputCount: Int = 1
    ) -> OperatorExample {
      OperatorExample(.indexing(indexing), inputs, outputCount: outputCount)
    }
    switch integer(0...7) {
    case 0:
      return example(
        .gather(axis: axis), [tensor(dimensions), tensor(shape(rank: 0...2), .int64)])
    case 1:
      return example(.gatherElements(axis: axis), [tensor(dimensions), tensor(dimensions, .int64)])
    case 2:
      return example(
        .scatterElements(axis: axis, combining: flag() ? .sum : nil),
        [tensor(dimensions), tensor(dimensions, .int64), tensor(dimensions)])
    case 3:
      let width = integer(1...rank)
      let count = integer(1...3)
      return example(
        .scatterND(combining: flag() ? .sum : nil),
        [
          tensor(dimensions), tensor([count, width], .int64),
          tensor([count] + dimensions.dropFirst(width)),
        ])
    case 4:
      return example(
        .unique(axis: flag() ? axis : nil), [tensor(dimensions, .uint8)], outputCount: 4)
    case 5:
      let elements = integers(dimensions.reduce(1, *), 0...1)
      let type = TensorType(.int64, dimensions)
      return example(.nonZero, [Operand(type, literal: TensorLiteral(type, .integers(elements)))])
    case 6:
      return example(
        .oneHot(axis: integer(-rank - 1...rank)),
        [tensor(dimensions, .int64), Operand(TensorLiteral(scalar: integer(0...4))), tensor([2])])
    default:
      let extent = dimensions[axis < 0 ? axis + rank : axis]
      return example(
        .topK(axis: axis), [tensor(dimensions), vector([integer(0...extent)])], outputCount: 2)
    }
  }

  mutating func sampling() -> OperatorExample {
    let side = integer(0...4)
    switch integer(0...4) {
    case 0: return OperatorExample(.geometry(.det), [tensor(shape(rank: 0...2) + [side, side])])
    case 1:
      return OperatorExample(.geometry(.inverse), [tensor(shape(rank: 0...2) + [side, side])])
    case 2:
      let spatial = integers(integer(2...3), 1...3)
      return OperatorExample(
        .geometry(.affineGrid()),
        [
          tensor([2, spatial.count, spatial.count + 1]), vector([2, 3] + spatial),
        ])
    case 3:
      return OperatorExample(
        .generator(
          element([
            .window(.blackman, .float32), .window(.hann, .float32), .window(.hamming, .float32),
          ])), [Operand(TensorLiteral(scalar: integer(0...9)))])
    default:
      let axes = integer(1...3)
      let grid = [2] + integers(axes, 1...3) + [axes]
      return OperatorExample(
        .geometry(.gridSample(element([.nearest, .linear, .cubic]))),
        [tensor([2, integer(1...2)] + integers(axes, 1...4)), tensor(grid)])
    }
  }
}
