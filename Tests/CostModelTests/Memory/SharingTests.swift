import CostModel
import HardwareModel
import ModelIR
import Quantities
import TensorTypes
import Testing

@Suite struct SharingTests {
  /// in → a → view → view → out.
  @Test func `a chain of views shares its source's bytes`() {
    var list = KernelList()
    let a = list.tensor("a", elements: 6)
    let first = list.tensor("first", elements: 6)
    let second = list.tensor("second", elements: 6)
    let output = list.tensor("out", elements: 6, isOutput: true)
    list.run(.other, [], [a])
    list.run(.reshape, [a], [first])
    list.run(.view(.squeeze()), [first], [second])
    list.run(.other, [second], [output])
    let copying = list.plan()
    #expect(
      copying.lifetimes == [[a]: 0..<2, [first]: 1..<3, [second]: 2..<4, [output]: 3..<4])
    let sharing = list.plan(aliasesViews: true)
    #expect(sharing.lifetimes == [[a, first, second]: 0..<4, [output]: 3..<4])
    #expect(sharing.size == Bytes(48))
  }

  @Test func `views of weights take nothing, views of inputs keep the input`() {
    var list = KernelList()
    let input = list.tensor("in", elements: 4, role: .input)
    let weight = list.tensor("w", elements: 100, role: .weight)
    let seen = list.tensor("view of w", elements: 100)
    let output = list.tensor("out", elements: 4, isOutput: true)
    list.run(.reshape, [weight], [seen])
    list.run(.reshape, [input], [output])
    list.run(.other, [seen], [])
    #expect(list.plan(aliasesViews: true).lifetimes == [[input, output]: 0..<3])
  }

  @Test func `a view that no kernel runs is only a name`() {
    var list = KernelList()
    let a = list.tensor("a", elements: 4)
    let name = list.tensor("name", elements: 4)
    list.run(.other, [], [a])
    list.step(.reshape, [a], [name])
    list.run(.other, [], [])
    list.run(.other, [name], [])
    #expect(list.plan().lifetimes == [[a, name]: 0..<3])
  }

  @Test func `only the data of a dropout is its input`() {
    var list = KernelList()
    let a = list.tensor("a", elements: 4)
    let data = list.tensor("data", elements: 4)
    let mask = list.tensor("mask", elements: 4)
    list.run(.other, [], [a])
    list.run(.view(.dropout(masksInInputDType: false)), [a], [data, mask])
    #expect(list.plan(aliasesViews: true).lifetimes == [[a, data]: 0..<2, [mask]: 1..<2])
  }

  @Test func `a result overwrites the input that dies`() {
    var list = KernelList()
    let a = list.tensor("a", elements: 4)
    let b = list.tensor("b", elements: 4)
    let sum = list.tensor("sum", elements: 4)
    let clamped = list.tensor("clamped", elements: 4, isOutput: true)
    list.run(.other, [], [a])
    list.run(.other, [a], [b])
    list.run(.add, [a, b], [sum])  // a is read again below, b is not
    list.run(.other, [a], [])
    list.run(.relu, [sum], [clamped])
    #expect(list.plan(reusesInputs: true).lifetimes == [[a]: 0..<4, [b, sum, clamped]: 1..<5])
    #expect(
      list.plan().lifetimes == [[a]: 0..<4, [b]: 1..<3, [sum]: 2..<5, [clamped]: 4..<5])
  }

  @Test func `inputs, outputs, weights and other sizes are not overwritten`() {
    var list = KernelList()
    let input = list.tensor("in", elements: 4, role: .input)
    let weight = list.tensor("w", elements: 4, role: .weight)
    let output = list.tensor("out", elements: 4, isOutput: true)
    let small = list.tensor("small", elements: 1)
    let result = list.tensor("result", elements: 4)
    list.run(.other, [], [small, output])
    list.run(.add, [input, weight, output, small], [result])
    list.run(.other, [result], [])
    #expect(list.plan(reusesInputs: true).buffers.allSatisfy { $0.tensors.count == 1 })
  }

  /// 4 float32 to 4 int8, and 1 float32 spread to 4 int8: the same elements, then the same bytes.
  @Test func `overwriting needs the same bytes and the same elements`() {
    for elements in [4, 1] {
      var list = KernelList()
      let a = list.tensor("a", elements: elements)
      let b = list.tensor("b", elements: 4, dtype: .int8)
      list.run(.other, [], [a])
      list.run(.add, [a], [b])
      #expect(list.plan(reusesInputs: true).buffers.count == 2)
    }
  }

  @Test func `a view keeps alive what a result would overwrite`() {
    var list = KernelList()
    let a = list.tensor("a", elements: 4)
    let view = list.tensor("view", elements: 4)
    let result = list.tensor("result", elements: 4)
    list.run(.other, [], [a])
    list.run(.reshape, [a], [view])
    list.run(.relu, [a], [result])
    list.run(.other, [view, result], [])
    #expect(
      list.plan(aliasesViews: true, reusesInputs: true).lifetimes
        == [[a, view]: 0..<4, [result]: 2..<4])
  }

  @Test func `only pointwise kernels overwrite`() {
    for (op, kernelClass, overwrites) in [
      (Operator.relu, KernelClass.elementwise, true), (.relu, .transcendental, true),
      (.movement(.cast(to: .int32)), .elementwise, true), (.softmax, .transcendental, false),
      (.relu, .reduction, false), (.other, .elementwise, false),
    ] {
      var list = KernelList()
      let a = list.tensor("a", elements: 4)
      let b = list.tensor("b", elements: 4)
      list.run(.other, [], [a])
      list.kernel(
        steps: [list.step(op, [a], [b])], class: kernelClass, reads: [a], writes: [b])
      #expect(
        (list.plan(reusesInputs: true).buffers.count == 1) == overwrites,
        "\(op.name) as \(kernelClass)")
    }
  }

  /// A view within a chain does not change which element goes where.
  @Test func `a fused chain overwrites through its views`() {
    var list = KernelList()
    let a = list.tensor("a", elements: 4)
    let inner = [list.tensor("i", elements: 4), list.tensor("j", elements: 4)]
    let result = list.tensor("result", elements: 4)
    list.run(.other, [], [a])
    let steps = [
      list.step(.relu, [a], [inner[0]]), list.step(.reshape, [inner[0]], [inner[1]]),
      list.step(.relu, [inner[1]], [result]),
    ]
    list.kernel(steps: steps, class: .elementwise, reads: [a], writes: [result])
    list.run(.other, [result], [])
    #expect(list.plan(reusesInputs: true).lifetimes == [[a, result]: 0..<3])
  }
}
