import CostModel
import Decision
import Measurement
import Quantities
import Reporting
import Testing

@Suite struct ResidualTests {
  @Test func `every kernel and every operator stands in one row`() throws {
    let estimate = try SampleRun.estimate()
    let run = SampleRun.run(of: estimate)
    let residuals = try #require(Residuals(estimate, against: run))
    let operators = residuals.rows.flatMap(\.operators)
    #expect(operators.sorted() == Array(run.operators.indices))
    let kernels = residuals.rows.flatMap(\.kernels)
    #expect(Set(kernels).count == kernels.count)
    let left = Set(estimate.kernels.indices).subtracting(kernels)
    #expect(left.allSatisfy { estimate.kernels[$0].time == .zero })
    // The two fuse differently, so some rows have more of one side than of the other.
    #expect(residuals.rows.contains { $0.kernels.count != $0.operators.count })
  }

  @Test func `rows add up to both sides`() throws {
    let estimate = try SampleRun.estimate()
    let run = SampleRun.run(of: estimate)
    let residuals = try #require(Residuals(estimate, against: run))
    let predicted = residuals.rows.reduce(0) { $0 + ($1.predicted?.rawValue ?? 0) }
    let expected = estimate.kernels.reduce(0) { $0 + $1.time.rawValue }
    #expect(abs(predicted - expected) < 1e-9)
    let measured = residuals.rows.reduce(0) { $0 + ($1.measured?.rawValue ?? 0) }
    #expect(abs(measured - 0.001 * Double(run.operators.count)) < 1e-9)
  }

  @Test func `the error is signed: too long is positive`() throws {
    let estimate = try SampleRun.estimate()
    let slow = try #require(
      Residuals(estimate, against: SampleRun.run(of: estimate, stepTime: Seconds(10))))
    #expect(slow.error < 0 && slow.rowsAboveRoof.isEmpty)
    let fast = try #require(
      Residuals(estimate, against: SampleRun.run(of: estimate, stepTime: Seconds(1e-9))))
    #expect(fast.error > 0)
  }

  @Test func `faster than the roof is our error, and said so on the page`() throws {
    let estimate = try SampleRun.estimate()
    let run = SampleRun.run(of: estimate, stepTime: Seconds(1e-9))
    let residuals = try #require(Residuals(estimate, against: run))
    #expect(!residuals.rowsAboveRoof.isEmpty)
    let report = RunReport(origin: SampleRun.origin, run: run, residuals: residuals)
    #expect(report.text(.markdown).contains("our error: "))
    let page = RunPage(report).text
    #expect(page.contains("our error: ") && page.contains("dot measured"))
    #expect(PageOutline(page) != nil)
  }

  @Test func `nothing in common leaves both sides apart`() throws {
    let estimate = try SampleRun.estimate()
    var run = SampleRun.run(of: estimate)
    run.operators = run.operators.map {
      var op = $0
      op.nodes = ["", "elsewhere"]
      return op
    }
    let residuals = try #require(Residuals(estimate, against: run))
    #expect(residuals.rows.allSatisfy { $0.predicted == nil || $0.measured == nil })
    #expect(residuals.rows.allSatisfy { $0.error == nil })
  }

  @Test func `without a sample there is no residual`() throws {
    let estimate = try SampleRun.estimate()
    var run = SampleRun.run(of: estimate)
    run.samples = Samples()
    #expect(Residuals(estimate, against: run) == nil)
  }
}
