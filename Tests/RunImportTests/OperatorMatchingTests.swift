import ModelIR
import Quantities
import RunImport
import TestSupport
import Testing

@Suite struct OperatorMatchingTests {
  /// What the fixtures' names refer to: stem, stem_relu, body, body_relu, head.pool, head.flatten, head.
  private func workload() throws -> Workload {
    var graph = SampleGraph("tiny", channels: 3, extent: 32)
    graph.convolution("stem", channels: 8, kernel: 3)
    graph.activate("stem_relu")
    graph.convolution("body", channels: 8, kernel: 3)
    graph.activate("body_relu")
    graph.classify("head", classes: 10)
    return try graph.workload()
  }

  private func matching(_ text: String) throws -> (OperatorMatching, Workload, ImportedRun) {
    let run = try #require(try RunFile.read(Array(text.utf8), file: "log").runs.first)
    let workload = try workload()
    return (try #require(OperatorMatching(run, workload: workload)), workload, run)
  }

  private func steps(_ matching: OperatorMatching, _ workload: Workload) -> [[String]] {
    matching.matches.map { $0.steps.map { workload.steps[$0].name } }
  }

  private func microseconds(_ time: Seconds) -> Double { (time.rawValue * 1e7).rounded() / 10 }

  @Test func `ONNX Runtime's fused, renamed and added nodes`() throws {
    let (matching, workload, _) = try matching(LogFixtures.onnxRuntime)
    #expect(
      steps(matching, workload) == [
        ["stem", "stem_relu"], ["body", "body_relu"], ["head.pool", "head.flatten"], ["head"],
      ])
    #expect(matching.matches.map(\.evidence) == [.name, .name, .shape, .name])
    #expect(matching.matches.map(\.index) == [0, 1, 3, 4])
    #expect(matching.overhead == [2])
    #expect(matching.unmatched.isEmpty)
    #expect(matching.stepsWithoutTime.isEmpty)
    // 60 + 30 + 3 + 5 of 130; the reordering takes 2, and 30 lie in no node.
    #expect(microseconds(matching.matchedTime) == 98)
    #expect(microseconds(matching.overheadTime) == 2)
    #expect(microseconds(matching.outsideTime) == 30)
    #expect(microseconds(matching.unattributedTime) == 32)
    #expect(matching.scale == 1)
  }

  @Test func `a name that holds the output tensor`() throws {
    // As `r1_nchwc`, which ONNX Runtime makes of the tensor r1.
    let text = LogFixtures.onnxRuntime.replacing("stem_relu_nchwc", with: "stem_relu.out_nchwc")
    let (matching, workload, _) = try matching(text)
    #expect(steps(matching, workload).first == ["stem", "stem_relu"])
    #expect(matching.matches.first?.evidence == .output)
  }

  @Test func `benchmark_model names output tensors`() throws {
    let (matching, workload, _) = try matching(LogFixtures.benchmarkModel)
    #expect(
      steps(matching, workload)
        == [["stem", "stem_relu"], ["body", "body_relu", "head.pool", "head.flatten"], ["head"]])
    #expect(matching.matches.allSatisfy { $0.evidence == .output })
    #expect(microseconds(matching.outsideTime) == 18)
  }

  @Test func `TensorRT names every node of a fusion`() throws {
    let (matching, workload, _) = try matching(LogFixtures.trtexecProfile)
    #expect(
      steps(matching, workload)
        == [["stem", "stem_relu"], ["body", "body_relu", "head.pool", "head.flatten"]])
    // A contraction that no layer names is not taken as fused.
    #expect(matching.stepsWithoutTime.map { workload.steps[$0].name } == ["head"])
    #expect(matching.overhead == [0])
    #expect(microseconds(matching.overheadTime) == 100)
  }

  @Test func `OpenVINO's suffix of a bias`() throws {
    let (matching, workload, _) = try matching(LogFixtures.openVINOCounters)
    #expect(steps(matching, workload).map(\.first) == ["stem", "body"])
    #expect(matching.overhead.count == 1)
  }

  @Test func `operators timed in slower runs are scaled to the run`() throws {
    let (matching, workload, _) = try matching(LogFixtures.runRecord)
    // Profiled runs take 2.4 ms, plain ones 2 ms.
    #expect(abs(matching.scale - 2 / 2.4) < 1e-12)
    #expect(microseconds(matching.matchedTime) == 1500)
    #expect(microseconds(matching.outsideTime) == 500)
    #expect(steps(matching, workload).first == ["stem", "stem_relu"])
  }

  @Test func `operators never add up to more than the run`() throws {
    let text = LogFixtures.benchmarkModel.replacing("\t0.060\t50.0%", with: "\t0.600\t50.0%")
    let (matching, _, run) = try matching(text)
    // 600 + 30 + 10 of a run of 118.
    #expect(abs(matching.scale - 118.0 / 640) < 1e-9)
    #expect(abs(matching.matchedTime / run.latency - 1) < 1e-9)
    #expect(microseconds(matching.outsideTime) == 0)
  }

  @Test func `what fits nothing stays unmatched, with its time`() throws {
    let text = LogFixtures.onnxRuntime
      .replacing("\"body_nchwc_kernel", with: "\"other_kernel")
      .replacing("\"op_name\" : \"MatMul\"", with: "\"op_name\" : \"Mystery\"")
      .replacing("\"head_kernel", with: "\"mystery_kernel")
    let (matching, workload, run) = try matching(text)
    // The convolution is found by operator and shape, the unknown operator by nothing.
    #expect(steps(matching, workload).contains(["body", "body_relu"]))
    #expect(matching.unmatched.map { run.log?.operators[$0].name } == ["mystery"])
    #expect(microseconds(matching.unmatchedTime) == 5)
    #expect(matching.stepsWithoutTime.map { workload.steps[$0].name } == ["head"])
  }

  @Test func `a node that the runtime split is shared by its parts`() throws {
    let text = LogFixtures.runRecord.replacing("\"nodes\":[\"body\"]", with: "\"nodes\":[\"stem\"]")
    let (matching, workload, _) = try matching(text)
    #expect(matching.unmatched.isEmpty)
    #expect(steps(matching, workload).map(\.first) == ["stem", "stem"])
  }

  @Test func `a run without operators has no matching`() throws {
    let run = try #require(
      try RunFile.read(Array(LogFixtures.trtexecTimes.utf8), file: "log").runs.first)
    #expect(OperatorMatching(run, workload: try workload()) == nil)
  }
}
