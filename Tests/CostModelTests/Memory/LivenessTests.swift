import CostModel
import HardwareModel
import MemoryPlanning
import ModelIR
import Quantities
import Testing

@Suite struct LivenessTests {
  /// in → a → b → out, and a once more by the last kernel.
  @Test func `a tensor lives from its writer to the step after its last reader`() {
    var list = KernelList()
    let input = list.tensor("in", elements: 4, role: .input)
    let weight = list.tensor("w", elements: 100, role: .weight)
    let a = list.tensor("a", elements: 8)
    let b = list.tensor("b", elements: 16)
    let output = list.tensor("out", elements: 2, isOutput: true)
    list.run(.other, [input, weight], [a])
    list.run(.other, [a], [b])
    list.run(.other, [b, a], [output])
    list.run(.other, [b], [])
    let plan = list.plan()
    #expect(plan.lifetimes == [[input]: 0..<1, [a]: 0..<3, [b]: 1..<4, [output]: 2..<4])
    // At step 2: a 32 + b 64 + out 8.
    #expect(plan.peakLiveBytes == Bytes(104))
    #expect(plan.peakStep == 2)
    #expect(plan.occupancy(stepCount: 4) == [48, 96, 104, 72].map { Bytes($0) })
    assertPlanIsSound(plan)
  }

  @Test func `inputs and outputs that no kernel touches still take memory`() {
    var list = KernelList()
    let unread = list.tensor("unread", elements: 4, role: .input)
    let unwritten = list.tensor("unwritten", elements: 4, isOutput: true)
    let both = list.tensor("both", elements: 4, role: .input, isOutput: true)
    let written = list.tensor("written", elements: 4, isOutput: true)
    for _ in 0..<2 { list.run(.other, [], [written]) }
    #expect(
      list.plan().lifetimes
        == [[unread]: 0..<1, [unwritten]: 0..<2, [both]: 0..<2, [written]: 0..<2])
  }

  @Test func `fused, empty and unknown tensors take nothing`() {
    var list = KernelList()
    let input = list.tensor("in", elements: 4, role: .input)
    let fused = list.tensor("fused", elements: 400)
    let unknown = list.tensor("unknown", elements: nil)
    let empty = list.tensor("empty", elements: 0)
    let output = list.tensor("out", elements: 4, isOutput: true)
    let steps = [list.step(.other, [input], [fused]), list.step(.relu, [fused], [output])]
    list.kernel(
      steps: steps, class: .stemConvolution, reads: [input], writes: [output, unknown, empty])
    #expect(list.plan().lifetimes == [[input]: 0..<1, [output]: 0..<1])
  }

  @Test func `a tensor that is read but never written is there from the start`() {
    var list = KernelList()
    let a = list.tensor("a", elements: 4)
    let stray = list.tensor("stray", elements: 4)
    list.run(.other, [], [a])
    list.run(.other, [a, stray], [])
    #expect(list.plan().lifetimes == [[a]: 0..<2, [stray]: 0..<2])
  }

  @Test func `sizes are rounded up to the alignment`() {
    var list = KernelList()
    let a = list.tensor("a", elements: 1)
    let b = list.tensor("b", elements: 17)
    list.run(.other, [], [a, b])
    let plan = list.plan(alignment: 64)
    #expect(plan.buffers.map(\.liveness.size) == [Bytes(64), Bytes(128)])
    assertPlanIsSound(plan, alignment: 64)
    #expect(list.plan(alignment: 0).size == Bytes(72))
  }

  @Test func `positions that the workload does not have are ignored`() {
    var list = KernelList()
    let a = list.tensor("a", elements: 4)
    list.kernel(steps: [7, -1], class: .elementwise, reads: [99, -1], writes: [a, 98])
    #expect(list.plan(aliasesViews: true, reusesInputs: true).lifetimes == [[a]: 0..<1])
  }

  @Test func `a size beyond all bounds saturates the plan`() {
    var list = KernelList()
    let a = list.tensor("a", elements: .max)
    list.run(.other, [], [a])
    #expect(list.plan(alignment: 64).size.isSaturated)
  }

  @Test func `the peak names its kernel and its tensors`() throws {
    var list = KernelList()
    let input = list.tensor("image", elements: 256, role: .input)
    let a = list.tensor("features", elements: 768)
    list.run(.other, [], [])
    list.run(.other, [input], [a])
    let plan = list.plan()
    let cause = try #require(
      PeakCause(arena: plan, kernels: list.kernels, workload: list.workload))
    #expect(cause.step == 1)
    #expect(cause.parts.map(\.tensor) == ["features", "image"])
    #expect(cause.parts.map(\.share) == [0.75, 0.25])
    #expect(
      cause.description == "the peak is at kernel 1 'kernel 1': 2 tensors, 3.00 KiB + 1.00 KiB")
    #expect(PeakCause(arena: plan, kernels: [], workload: list.workload) == nil)
  }
}
