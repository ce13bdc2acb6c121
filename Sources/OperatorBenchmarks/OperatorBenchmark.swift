import HardwareModel
import TensorTypes

/// One row of the catalogue: an operator over a range of shapes.
struct OperatorBenchmark {
  let kind: OperatorKind
  /// What tells it from other rows of the kind.
  let variant: String
  let dtype: DType
  let scale: OperatorCost.Scale
  /// Whether copies into another order are what the operator does, and not what its neighbours in a
  /// model would spare it.
  let countsCopies: Bool
  let cases: [BenchmarkGraph]

  init<Size>(
    _ kind: OperatorKind, _ variant: String = "", _ dtype: DType = .float32,
    per scale: OperatorCost.Scale, over sizes: [Size], countsCopies: Bool = false,
    _ write: (inout BenchmarkGraph, Size) -> Void
  ) {
    self.kind = kind
    self.variant = variant
    self.dtype = dtype
    self.scale = scale
    self.countsCopies = countsCopies
    cases = sizes.map { size in
      var graph = BenchmarkGraph()
      write(&graph, size)
      return graph
    }
  }

  /// All rows, in the order of the file.
  static var catalogue: [OperatorBenchmark] {
    convolutions + products + quantized + elementwise + rows + pooling + movements + sequences
      + detection
  }
}
