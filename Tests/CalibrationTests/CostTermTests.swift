import CostModel
import Foundation
import ModelIR
import TestSupport
import Testing

@testable import Calibration

/// Amounts of work against counts by hand.
@Suite struct CostTermTests {
  private func plan(_ net: SampleGraph) throws -> ExecutionPlan {
    var evaluator = Evaluator(try net.workload(), catalog: SampleBoards.catalog)
    return try evaluator.estimate(on: try SampleRuns.deployment()).plan
  }
  private func amounts(_ net: SampleGraph) throws -> TermAmounts { try plan(net).termAmounts }

  /// 8 channels of 10×10: a 3×3 convolution to 16, a depthwise one, a 1×1 one to 32, a dense layer to 12.
  @Test func `a small network's work is what a hand counts`() throws {
    var net = SampleGraph("hand", channels: 8, extent: 10)
    net.convolution("spatial", channels: 16, kernel: 3)
    net.depthwise("depthwise")
    net.convolution("pointwise", channels: 32)
    net.classify("dense", classes: 12)
    let amounts = try amounts(net)
    var expected = TermAmounts()
    expected[.spatial] = 100 * 16 * 8 * 9
    expected[.depthwise] = 100 * 16 * 9
    expected[.pointwise] = 100 * 16 * 32
    expected[.convolutionActivations] = 100 * ((8 + 16) + (16 + 16) + (16 + 32))
    expected[.convolutionWeights] = 16 * 8 * 9 + 16 * 9 + 16 * 32
    // Pooling reads half an element's worth of movement.
    expected[.movement] = 0.5 * 100 * 32
    expected[.matrixVector] = 32 * 12
    // Convolutions, pooling, product; the flattening moves nothing.
    expected[.dispatch] = 5
    expected[.convolutionDispatch] = 3
    for term in CostTerm.allCases {
      #expect(amounts[term] == expected[term], "\(term.rawValue)")
    }
    let weights = try plan(net).weightElements
    #expect(weights == expected[.convolutionWeights] + expected[.matrixVector])
  }

  /// A 3×3 convolution of stride 2 has no Winograd; one over an image's channels is of no kind; 6 channels
  /// do not fill vectors of four.
  @Test func `stride, an image's channels and ragged channels set kinds apart`() throws {
    var strided = SampleGraph("strided", channels: 8, extent: 10)
    strided.convolution("c", channels: 16, kernel: 3, stride: 2)
    #expect(try amounts(strided)[.strided] == 25 * 16 * 8 * 9)
    #expect(try amounts(strided)[.columns] == 25 * 8 * 9)

    var stem = SampleGraph("stem", channels: 4, extent: 10)
    stem.convolution("c", channels: 16, kernel: 3)
    #expect(try amounts(stem)[.otherConvolution] == 100 * 16 * 4 * 9)
    #expect(try amounts(stem)[.spatial] == 0)
    #expect(try amounts(stem)[.columns] == 100 * 4 * 9)

    var ragged = SampleGraph("ragged", channels: 6, extent: 10)
    ragged.convolution("c", channels: 8)
    let cost = try amounts(ragged)[.pointwise]
    #expect(abs(cost / (100 * 6 * 8 * exp(0.3)) - 1) < 1e-12)
  }

  /// 64 channels of 64×64 are just what counts as cached; one row more does not.
  @Test func `large activations count once more as spilled, whatever reads them`() throws {
    var cached = SampleGraph("cached", channels: 64, extent: 64)
    cached.convolution("c", channels: 64)
    #expect(try amounts(cached)[.spilled] == 0)

    var large = SampleGraph("large", channels: 64, extent: 65)
    large.convolution("c", channels: 64)
    #expect(try amounts(large)[.spilled] == 2 * 64 * 65 * 65)
    large.convolution("narrow", channels: 8)
    #expect(try amounts(large)[.spilled] == 3 * 64 * 65 * 65)
  }

  /// A kernel is counted among those of its foremost term, the first declared that it has.
  @Test func `arithmetic is declared before what it reads and writes`() {
    func isArithmetic(_ term: CostTerm) -> Bool {
      term.level == .arithmetic || term.level == .integerArithmetic
    }
    let others = CostTerm.kinds.drop(while: isArithmetic)
    #expect(!others.contains(where: isArithmetic))
    #expect(others.count < CostTerm.kinds.count)
    // What convolutions have beside their arithmetic is no kind of kernel.
    #expect(!CostTerm.kinds.contains(.columns) && !CostTerm.kinds.contains(.spilled))
  }

  /// An activation behind a convolution works on registers; an addition reads two and writes one.
  @Test func `a fused activation adds nothing, an addition its elements`() throws {
    var plain = SampleGraph("plain", channels: 8, extent: 10)
    plain.convolution("c", channels: 8)
    var active = plain
    active.activate("relu")
    #expect(try amounts(active) == amounts(plain))
  }
}
