import ModelIR
import Platform
import TensorTypes
import TestSupport

/// Choices that a seed repeats, for small random uses of operators.
struct ExampleMaker {
  var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func integer(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &generator)
  }
  mutating func flag() -> Bool { Bool.random(using: &generator) }
  mutating func integers(_ count: Int, _ range: ClosedRange<Int>) -> [Int] {
    (0..<count).map { _ in integer(range) }
  }
  mutating func element<T>(_ choices: [T]) -> T { choices[integer(0...choices.count - 1)] }
  mutating func shape(rank: ClosedRange<Int>, extent: ClosedRange<Int> = 1...4) -> [Int] {
    integers(integer(rank), extent)
  }

  /// A shape that broadcasts to another: some leading axes gone, some extents 1.
  mutating func broadcastable(to shape: [Int]) -> [Int] {
    shape.suffix(integer(0...shape.count)).map { flag() ? $0 : 1 }
  }
  /// The operand, or nothing.
  mutating func maybe(_ operand: Operand) -> Operand? { flag() ? operand : nil }

  /// Some axes of a shape, each at most once, counted from either end.
  mutating func axes(rank: Int) -> [Int] {
    (0..<rank).filter { _ in flag() }.map { flag() ? $0 : $0 - rank }
  }
  mutating func axis(rank: Int) -> Int { integer(-rank...rank - 1) }
}

func tensor(_ dimensions: [Int], _ dtype: DType = .float32) -> Operand {
  Operand(TensorType(dtype, dimensions))
}
let scalar = tensor([])
let bytePoint = tensor([], .uint8)

/// Without the absent inputs at the end, which a node would not list.
func trimmed(_ inputs: [Operand?]) -> [Operand?] {
  var inputs = inputs
  while let last = inputs.last, last == nil { inputs.removeLast() }
  return inputs
}
