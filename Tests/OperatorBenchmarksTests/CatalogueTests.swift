import HardwareModel
import Measurement
import ModelIR
import Quantities
import TensorTypes
import Testing

@testable import OperatorBenchmarks

@Suite struct CatalogueTests {
  @Test func `no two rows have the same name`() {
    let names = OperatorBenchmark.catalogue.map {
      "\($0.kind.rawValue) \($0.variant) \($0.dtype.rawValue)"
    }
    #expect(Set(names).count == names.count)
    #expect(names.count > 100)
  }

  /// Of each row the first shape, which is the smallest.
  @Test func `every row runs, and its size is known`() throws {
    for row in OperatorBenchmark.catalogue {
      let name = "\(row.kind.rawValue) \(row.variant)"
      #expect(row.cases.count >= 4, "\(name)")
      let written = row.cases[0]
      let dtypes = written.graph.values.compactMap(\.type?.dtype)
      #expect(dtypes.contains(row.dtype), "\(name)")
      var loaded = try LoadedCase(row, written, threads: 1)
      let time = try loaded.run()
      #expect(time > .zero, "\(name)")
      let point = loaded.observation(time, samples: 1)
      #expect(point.size(row.scale) > 0 && !point.shape.isEmpty, "\(name)")
    }
  }

  @Test func `the cost is that of the operator, without what brings its operand into order`() throws
  {
    let pooling = try #require(
      OperatorBenchmark.catalogue.first { $0.kind == .conv && $0.variant == "1x1" })
    let loaded = try LoadedCase(pooling, pooling.cases[0], threads: 1)
    #expect(loaded.kernels.allSatisfy { $0.hasPrefix("conv.") })
  }

  @Test func `a short probe has every shape of every row`() throws {
    let rows = OperatorBenchmark.catalogue.filter { $0.kind == .relu || $0.kind == .concat }
    let probe = OperatorProbe(budget: .milliseconds(20))
    let outcome = try #require(try probe.run(rows))
    #expect(outcome.costs.map(\.kind) == rows.map(\.kind))
    for (cost, row) in zip(outcome.costs, rows) {
      #expect(cost.observations.count == row.cases.count)
      #expect(cost.observations.allSatisfy { $0.samples >= 6 && $0.time > .zero })
      #expect(cost.fixed > .zero || cost.slope > .zero)
    }
    #expect(try OperatorProbe(isStopped: { true }).run(rows) == nil)
  }
}
