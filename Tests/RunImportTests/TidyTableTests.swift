import Quantities
import RunImport
import Testing

@Suite struct TidyTableTests {
  static let header =
    "device,runtime,precision,threads,model,latency_ms,latency_min_ms,noisy,canon_device"

  private func read(_ rows: String...) throws -> ImportedRuns {
    try TidyTable.read(
      Array(([Self.header] + rows).joined(separator: "\n").utf8), file: "table.csv")
  }

  private func refusal(_ text: String) -> RunImportError? {
    #expect(throws: RunImportError.self) {
      try TidyTable.read(Array(text.utf8), file: "table.csv")
    }
  }

  @Test func readsRuns() throws {
    let result = try read(
      "\"Board, big\",ncnn-cpu,fp32,4,resnet18,12.5,12.0,0,RK3588", "b,ncnn-cpu,int8,all,x,3,2,1,")
    #expect(result.rejected.isEmpty)
    #expect(result.runs.map(\.device) == ["Board, big", "b"])
    #expect(result.runs.map(\.silicon) == ["RK3588", "b"])
    #expect(result.runs.map(\.threads) == [4, nil])
    #expect(result.runs[0].latency == Seconds(0.0125))
    #expect(result.runs[0].place == RunPlace(file: "table.csv", line: 2))
    // The average of a noisy measurement says less than its least.
    #expect(result.runs[1].latency == Seconds(0.002))
  }

  @Test(arguments: [
    ("b,r,fp32,1,m,nan,,0,", "'nan'"), ("b,r,fp32,1,m,inf,,0,", "'inf'"),
    ("b,r,fp32,1,m,-3,,0,", "-3"), ("b,r,fp32,1,m,0,,0,", "more than zero"),
    ("b,r,fp32,1,m,,,0,", "nothing was timed"), ("b,r,fp32,1,m,12 s,,0,", "expected milliseconds"),
    (",r,fp32,1,m,1,,0,", "no device"), ("b,r,fp32,1,,1,,0,", "no model"),
    ("b,r,fp32,1,m,1", "6 fields"), ("b,r,fp32,1,m,1,1,maybe,", "'maybe'"),
  ])
  func oneBadRowDoesNotLoseTheOthers(row: String, reason: String) throws {
    let result = try read("a,r,fp32,1,m,1,,0,", row, "c,r,fp32,1,m,2,,0,")
    #expect(result.runs.map(\.device) == ["a", "c"])
    let rejected = try #require(result.rejected.first)
    #expect(result.rejected.count == 1)
    #expect(rejected.place.line == 3)
    #expect(rejected.reason.contains(reason), "\(rejected.reason)")
  }

  @Test func renamedColumnsAreRefusedWithWhatIsExpected() throws {
    let error = try #require(refusal("device,runtime,precision,threads,network,latency_ms\n"))
    #expect(error.line == 1)
    #expect(error.reason.contains("'model'"))
    #expect(error.reason.contains("expected device, runtime"))
    #expect(error.reason.contains("found device, runtime, precision, threads, network"))
  }

  @Test(arguments: ["latency_us", "latency_s", "latency_mean_us", "latency_ns"])
  func otherUnitsAreRefused(column: String) throws {
    let error = try #require(
      refusal("device,runtime,precision,threads,model,latency_ms,\(column)\n"))
    #expect(error.reason.contains(column))
    #expect(error.reason.contains("milliseconds"))
  }

  @Test func doubledColumnsAreRefused() throws {
    #expect(try #require(refusal(Self.header + ",device\n")).reason.contains("twice"))
  }

  @Test func emptyZeroAndCutFilesAreRefused() throws {
    #expect(try #require(refusal("")).reason.contains("empty"))
    #expect(try #require(refusal("\u{0}\u{0}")).reason.contains("zero byte"))
    let cut = try #require(refusal(Self.header + "\na,r,fp32,1,\"resn"))
    #expect(cut.line == 2)
    #expect(cut.reason.contains("never ends"))
    let error = #expect(throws: RunImportError.self) {
      try TidyTable.read([0x64, 0xFF, 0xFE, 0x0A], file: "table.csv")
    }
    #expect(error?.reason == "not UTF-8 text")
    #expect(throws: RunImportError.self) { try TidyTable.read(path: "/nonexistent/table.csv") }
  }

  /// Every beginning of a table is read or refused, and rows before the cut stay.
  @Test func everyPrefixIsReadOrRefused() throws {
    let text =
      Self.header
      + "\r\n\"a \"\"b\"\", c\",r,fp32,1,m,1,,0,\r\nb,r,fp32,2,\"m\nn\",2,,0,x\r\nc,r,int8,,m,3,,1,"
    let bytes = Array(text.utf8)
    for count in 0...bytes.count {
      do throws(RunImportError) {
        let result = try TidyTable.read(Array(bytes.prefix(count)), file: "table.csv")
        #expect(result.runs.count <= 3)
      } catch {
        #expect(!error.reason.isEmpty)
      }
    }
    #expect(try TidyTable.read(bytes, file: "table.csv").runs.map(\.device).first == "a \"b\", c")
  }
}
