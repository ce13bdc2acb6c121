import Foundation
import Testing

@Suite(.timeLimit(.minutes(5))) struct RunsCommandTests {
  private static let model = Program.root.appendingPathComponent(
    "../shared/formats/samples/onnx-quant/tinycnn_qoperator_int8.onnx"
  ).path
  private static let samples = Program.root.appendingPathComponent("../shared/formats/samples")

  private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func `a record of run is read again, and its model explains it`() throws {
    let record = FileManager.default.temporaryDirectory
      .appendingPathComponent("runs-\(UUID().uuidString).jsonl")
    defer { try? FileManager.default.removeItem(at: record) }
    let run = try Program(["run", Self.model, "--runs", "5", "--record", record.path])
    #expect(run.status == 0, "\(run.errors)")
    let program = try Program(
      ["runs", record.path, "--model", Self.model, "--format", "json"])
    #expect(program.status == 0, "\(program.errors)")
    let answer = try json(program.output)
    let runs = try #require(answer["runs"] as? [[String: Any]])
    #expect(runs.count == 1)
    #expect(runs[0]["format"] as? String == "boardfit record")
    #expect(runs[0]["sampleCount"] as? Int == 5)
    let matched = try #require(runs[0]["matchedSeconds"] as? Double)
    let latency = try #require(runs[0]["latencySeconds"] as? Double)
    #expect(matched > 0 && matched <= latency * 1.000001)
    #expect(runs[0]["unmatchedSeconds"] as? Double == 0)
  }

  @Test(arguments: ["table", "json", "csv", "md"])
  func `a row that is no run is told in the answer`(format: String) throws {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("runs-\(UUID().uuidString).txt")
    defer { try? FileManager.default.removeItem(at: file) }
    try """
    loop_count = 8
       good  min = 1.00  max = 3.00  avg = 2.00
       bad   min = 1.00  max = 3.00  avg = nan
    """.write(to: file, atomically: true, encoding: .utf8)
    let program = try Program(["runs", file.path, "--format", format])
    #expect(program.status == 0, "\(program.errors)")
    #expect(program.output.contains("good"))
    if format != "csv" { #expect(program.output.contains("nan")) }
  }

  @Test func `a file that is no run is exit code 65, a missing one 66`() throws {
    let empty = Self.samples.appendingPathComponent(
      "onnxruntime/ort_profile_TRUNCATED_process_killed.json")
    let refused = try Program(["runs", empty.path])
    #expect(refused.status == 65)
    #expect(refused.errors.contains("empty"))
    #expect(try Program(["runs", "/no/such/log"]).status == 66)
    #expect(try Program(["runs"]).status == 64)
  }
}
