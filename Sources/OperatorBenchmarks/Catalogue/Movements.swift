import HardwareModel
import ModelIR
import TensorTypes

extension OperatorBenchmark {
  /// What moves elements. The engine makes most of these names for other strides; here their results
  /// leave the model, so that the copy is made and timed.
  static let movements: [OperatorBenchmark] = [
    planes("Concat", .concat) { graph, layer in
      let shape = [1, layer.0, layer.1, layer.1]
      graph.subject(.movement(.concat(axis: 1)), [graph.fed(shape), graph.fed(shape)])
    },
    planes("2 parts", .split) { graph, layer in
      graph.subject(
        .movement(.split(Movement.Split(axis: 1))), [graph.fed([1, layer.0, layer.1, layer.1])],
        outputCount: 2)
    },
    planes("half of the channels", .slice) { graph, layer in
      graph.subject(
        .movement(.slice(Movement.Slice(starts: [0], ends: [layer.0 / 2], axes: [1]))),
        [graph.fed([1, layer.0, layer.1, layer.1])])
    },
    planes("every second column", .slice) { graph, layer in
      graph.subject(
        .movement(.slice(Movement.Slice())),
        [
          graph.fed([1, layer.0, layer.1, layer.1]), graph.integers([0]), graph.integers([4096]),
          graph.integers([3]), graph.integers([2]),
        ])
    },
    planes("channels last", .transpose) { graph, layer in
      graph.subject(
        .movement(.transpose(permutation: [0, 2, 3, 1])),
        [graph.fed([1, layer.0, layer.1, layer.1])])
    },
    planes("heads", .transpose) { graph, layer in
      graph.subject(
        .movement(.transpose(permutation: [0, 2, 1, 3])),
        [graph.fed([1, layer.1 * layer.1, 8, layer.0 / 8])])
    },
    planes("channel shuffle", .transpose) { graph, layer in
      graph.subject(
        .movement(.transpose(permutation: [0, 2, 1, 3, 4])),
        [graph.fed([1, 2, layer.0 / 2, layer.1, layer.1])])
    },
    planes("1 around the plane", .pad) { graph, layer in
      graph.subject(
        .movement(.pad(pads: [0, 0, 1, 1, 0, 0, 1, 1])),
        [graph.fed([1, layer.0, layer.1, layer.1])])
    },
    resize("nearest, doubled", .nearest), resize("linear, doubled", .linear),
    planes("blocks of 2", .depthToSpace) { graph, layer in
      graph.subject(
        .movement(.depthToSpace(blockSize: 2)), [graph.fed([1, layer.0, layer.1, layer.1])])
    },
    planes("blocks of 2", .spaceToDepth) { graph, layer in
      graph.subject(
        .movement(.spaceToDepth(blockSize: 2)), [graph.fed([1, layer.0, layer.1, layer.1])])
    },
    planes("along a new axis", .expand) { graph, layer in
      graph.subject(
        .movement(.expand),
        [
          graph.fed([1, layer.1 * layer.1, layer.0]),
          graph.integers([2, layer.1 * layer.1, layer.0]),
        ])
    },
    planes("twice along the columns", .tile) { graph, layer in
      graph.subject(
        .movement(.tile),
        [graph.fed([layer.1 * layer.1, layer.0]), graph.integers([1, 2])])
    },
    cast("to float16", from: .float32, to: .float16), cast("to int32", from: .float32, to: .int32),
    cast("to float32", from: .int64, to: .float32),
    OperatorBenchmark(.gather, "rows", per: .byte, over: gathers) { graph, size in
      graph.subject(
        .indexing(.gather(axis: 0)),
        [graph.weight([4096, size.1]), graph.fed([size.0], .int64, from: 0...4095)])
    },
    OperatorBenchmark(.gatherElements, per: .element, over: shortLengths) { graph, length in
      graph.subject(
        .indexing(.gatherElements(axis: 1)),
        [graph.fed([length / 64, 64]), graph.fed([length / 64, 64], .int64, from: 0...63)])
    },
    OperatorBenchmark(.scatterND, per: .element, over: shortLengths) { graph, length in
      graph.subject(
        .indexing(.scatterND(combining: nil)),
        [
          graph.fed([length / 64, 64]), graph.fed([8, 1], .int64, from: 0...(length / 64 - 1)),
          graph.fed([8, 64]),
        ])
    },
    OperatorBenchmark(.trilu, per: .element, over: [16, 64, 128, 256]) { graph, side in
      graph.subject(.movement(.trilu(upper: false)), [graph.fed([side, side])])
    },
  ]

  /// Tokens and the width of an embedding.
  private static let gathers = [(1, 768), (16, 256), (128, 384), (128, 768), (512, 768)]

  private static func planes(
    _ variant: String, _ kind: OperatorKind,
    _ write: (inout BenchmarkGraph, (Int, Int)) -> Void
  ) -> OperatorBenchmark {
    OperatorBenchmark(
      kind, variant == kind.rawValue ? "" : variant, per: .byte, over: layers, countsCopies: true,
      write)
  }

  private static func resize(_ name: String, _ mode: Resize.Mode) -> OperatorBenchmark {
    let op = Movement.resize(Resize(mode, scalesInput: 2, sampling: .corners))
    return OperatorBenchmark(.resize, name, per: .byte, over: layers) { graph, layer in
      graph.subject(
        .movement(op), [graph.image(layer.0, layer.1), nil, graph.reals([1, 1, 2, 2])])
    }
  }

  private static func cast(
    _ name: String, from source: DType, to target: DType
  ) -> OperatorBenchmark {
    OperatorBenchmark(.cast, name, source, per: .byte, over: lengths) { graph, length in
      graph.subject(.movement(.cast(to: target)), [graph.fed([length / 64, 64], source)])
    }
  }
}
