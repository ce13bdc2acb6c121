import CostModel
import ModelIR
import Quantities
import Testing

@Suite struct LoopTests {
  /// Kernels 0 | 1 2 3 | 4, the middle ones ten times.
  private func loop(
    _ body: (inout KernelList) -> (before: [Int], inside: [[Int]], after: [Int])
  ) -> ArenaPlan {
    var list = KernelList()
    let tensors = body(&list)
    list.run(.other, [], tensors.before)
    for touched in tensors.inside {
      list.run(.relu, Array(touched.dropLast()), touched.suffix(1), repetitions: 10)
    }
    list.run(.other, tensors.after, [])
    return list.plan(reusesInputs: true)
  }

  @Test func `what a loop reads from outside stays for all its iterations`() {
    var names: [Int] = []
    let plan = loop { list in
      names = (0..<4).map { list.tensor("\($0)", elements: 4) }
      return (
        [names[0]], [[names[0], names[1]], [names[1], names[2]], [names[2], names[3]]], []
      )
    }
    // Inside, each result overwrites the one before it; the outer tensor may not be.
    #expect(plan.lifetimes == [[names[0]]: 0..<4, [names[1], names[2], names[3]]: 1..<4])
  }

  /// Only the last kernel of the body reads it, and reads it again in the next iteration.
  @Test func `what a loop reads last is not overwritten in it`() {
    var names: [Int] = []
    let plan = loop { list in
      names = (0..<4).map { list.tensor("\($0)", elements: 4) }
      return ([names[0]], [[names[1]], [names[2]], [names[0], names[3]]], [])
    }
    #expect(
      plan.lifetimes
        == [[names[0]]: 0..<4, [names[1]]: 1..<2, [names[2]]: 2..<3, [names[3]]: 3..<4])
  }

  @Test func `what leaves a loop is there from its first iteration`() {
    var names: [Int] = []
    let plan = loop { list in
      names = (0..<4).map { list.tensor("\($0)", elements: 4) }
      return (
        [names[0]], [[names[0], names[1]], [names[1], names[2]], [names[2], names[3]]], [names[3]]
      )
    }
    #expect(
      plan.lifetimes == [[names[0]]: 0..<4, [names[1], names[2]]: 1..<4, [names[3]]: 1..<5])
  }

  /// Read by the first kernel of the body, written by the second.
  @Test func `carried state lives through the whole loop`() {
    var names: [Int] = []
    let plan = loop { list in
      names = (0..<3).map { list.tensor("\($0)", elements: 4) }
      return ([], [[names[0], names[1]], [names[1], names[0]], [names[2]]], [])
    }
    #expect(plan.lifetimes == [[names[0]]: 1..<4, [names[1]]: 1..<3, [names[2]]: 3..<4])
  }

  /// Evaluations 1, 10, 50, 50, 10, 20, 10, 1: two inner loops in one outer loop.
  @Test func `loops nest`() {
    var list = KernelList()
    let outer = list.tensor("outer", elements: 4)
    let body = list.tensor("body", elements: 4)
    let inner = list.tensor("inner", elements: 4)
    list.run(.other, [], [outer])
    list.run(.other, [], [body], repetitions: 10)
    list.run(.other, [body], [inner], repetitions: 50)
    list.run(.other, [inner], [], repetitions: 50)
    list.run(.other, [], [], repetitions: 10)
    list.run(.other, [inner, outer], [], repetitions: 20)
    list.run(.other, [], [], repetitions: 10)
    list.run(.other, [], [])
    // `inner` leaves its loop (2–3) for another (5); `body` stays to the end of 2–3.
    #expect(list.plan().lifetimes == [[outer]: 0..<7, [body]: 1..<4, [inner]: 2..<6])
  }

  @Test func `a loop of unknown length is a loop`() {
    var list = KernelList()
    let a = list.tensor("a", elements: 4)
    list.run(.other, [], [a])
    list.run(.other, [a], [], repetitions: nil)
    list.run(.other, [], [], repetitions: nil)
    list.run(.other, [], [])
    #expect(list.plan().lifetimes == [[a]: 0..<3])
  }

  @Test func `a staircase of counts stays cheap and sound`() {
    var list = KernelList()
    let input = list.tensor("in", elements: 4, role: .input)
    for count in 1...500 { list.run(.other, [input], [], repetitions: count) }
    #expect(list.plan().lifetimes == [[input]: 0..<500])
  }
}
