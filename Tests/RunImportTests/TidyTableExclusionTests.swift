import Quantities
import RunImport
import Testing

@Suite struct TidyTableExclusionTests {
  private func read(_ rows: String...) throws -> ImportedRuns {
    let header =
      "device,runtime,precision,threads,model,latency_ms,decode_tokens_per_s,submitter,mode,notes"
    return try TidyTable.read(
      Array(([header] + rows).joined(separator: "\n").utf8), file: "table.csv")
  }

  @Test(arguments: [
    ("mean=2; END-TO-END: pre+infer+post", "end to end"),
    ("throughput FPS: 1000/FPS is NOT latency", "no latency"),
    ("memory only; MACs 6.4M", "memory only"), ("OPEN division: own model", "not published"),
    ("device not stated: LOW TRUST", "names neither"),
  ])
  func notesThatMakeARowNoRunAreHeeded(notes: String, reason: String) throws {
    let result = try read("b,r,int8,1,m,2.5,,,,\(notes)", "b,r,int8,1,n,2.5,,,,model only")
    #expect(result.runs.map(\.model) == ["n"])
    let rejected = try #require(result.rejected.first)
    #expect(rejected.reason.contains(reason), "\(rejected.reason)")
  }

  @Test func aFigureThatComesAgainToTheDigitIsARepeatedSubmission() throws {
    let result = try read(
      "b,r,int8,1,m,76.70391,,x,,", "b,r,int8,1,m,76.70391,,x,,", "b,r,int8,1,m,76.70392,,x,,",
      // Another mode is another run; figures of four digits agree by chance.
      "b,r,int8,1,m,76.70391,,x,energy,", "b,r,int8,1,k,76.7,,x,,", "b,r,int8,1,k,76.7,,x,,")
    #expect(result.runs.count == 5)
    #expect(result.rejected.map(\.place.line) == [3])
  }

  @Test func aTokenIsARunAndASubmitterStandsForARuntime() throws {
    let result = try read("b,,q8_0,4,llama,,4,someone,,", "b,,q8_0,4,llama,,4,,,")
    #expect(result.runs.map(\.model) == ["llama decode"])
    #expect(result.runs.map(\.latency) == [Seconds(0.25)])
    #expect(result.runs.map(\.runtime) == ["unstated, of someone"])
    #expect(result.rejected.map(\.reason) == ["no runtime"])
  }
}
