import Foundation
import Testing

@Suite struct CalibrateTests {
  private static let header = "device,runtime,precision,threads,model,latency_ms\n"
  private static let table =
    header + "b,ORT 1.20,fp32,4,resnet-18,50\nb,ONNX Runtime,fp32,4,mobilenet-v2,9\n"

  /// Calibrates a board, four cores of a Raspberry Pi 5 if none is named, with one file of runs.
  private func calibrate(
    _ text: String, named name: String = "runs.csv", board: String? = nil,
    runtime: String = "cpu/onnxruntime-cpu", _ more: [String] = [],
    then look: (URL) throws -> Void = { _ in }
  ) throws -> Program {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("calibrate-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    let place = board.map { [$0] } ?? ["raspberry-pi-5/\(runtime)", "--threads", "4"]
    let program = try Program(
      ["calibrate"] + place + ["--runs", name, "-o", "c.yaml"] + more, folder: folder)
    try look(folder)
    return program
  }

  /// The end of a prediction's interval over its beginning, as a logarithm.
  private static func width(_ program: Program) throws -> Double {
    let answer = try #require(
      try JSONSerialization.jsonObject(with: Data(program.output.utf8)) as? [String: Any])
    return log(
      try #require(answer["latencyHighSeconds"] as? Double)
        / #require(answer["latencyLowSeconds"] as? Double))
  }

  @Test func `a table calibrates, and the report stands alone`() throws {
    let program = try calibrate(Self.table, ["--report", "page.html"]) { folder in
      let page = try String(
        contentsOf: folder.appendingPathComponent("page.html"), encoding: .utf8)
      #expect(page.contains("Content-Security-Policy"))
      #expect(page.contains("Predicted over measured"))
      #expect(page.contains("resnet-18"))
      #expect(!page.contains("<script"))
      #expect(!page.contains("http://") && !page.contains("https://"))
      #expect(FileManager.default.fileExists(atPath: folder.appendingPathComponent("c.yaml").path))
    }
    #expect(program.status == 0, "\(program.errors)")
  }

  @Test func `runs of another runtime, thread count or precision are passed over with their place`()
    throws
  {
    let rows = "b,ncnn,fp32,4,resnet-50,50\nb,ort,fp32,1,resnet-50,50\nb,ort,int8,4,resnet-50,50\n"
    let program = try calibrate(Self.table + rows)
    #expect(program.status == 0)
    #expect(program.errors.contains("runs.csv:4: passed over: a run of 'ncnn', not of"))
    #expect(program.errors.contains("runs.csv:5: passed over: threads at work: 1, not 4"))
    #expect(program.errors.contains("runs.csv:6: passed over: precision int8"))
    #expect(!program.output.contains("resnet-50"))
  }

  @Test func `only the first run of a log is no run to calibrate with`() throws {
    let program = try calibrate(
      "INFO: Initialized session in 20ms.\nInference timings in us: Init: 20000, First inference: 900\n",
      named: "resnet-18.txt", runtime: "cpu/tflite-xnnpack")
    #expect(program.status == 65)
    #expect(
      program.errors.contains("resnet-18.txt:2: passed over: the log holds only the first run"))
  }

  /// A Raspberry Pi 5 that runs our own executor stands for this host.
  @Test func `a record calibrates, but not when the writer was ended after its first run`() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("calibrate-\(UUID().uuidString)")
    let boards = folder.appendingPathComponent("boards")
    try FileManager.default.createDirectory(at: boards, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let bundled = try String(
      contentsOf: Program.root.appendingPathComponent(
        "HardwareProfiles/boards/raspberry-pi-5.yaml"), encoding: .utf8)
    try Data(bundled.replacing("runtimes: [", with: "runtimes: [boardfit, ").utf8)
      .write(to: boards.appendingPathComponent("mine.yaml"))
    let record = folder.appendingPathComponent("r.jsonl")
    let run = try Program(
      ["run", "ds-cnn-kws", "--runs", "3", "--record", record.path], folder: folder)
    try #require(run.status == 0, "\(run.errors)")
    func calibrate() throws -> Program {
      try Program(
        ["calibrate", "mine/cpu/boardfit", "--profiles", ".", "--threads", "1", "--runs"]
          + ["r.jsonl", "-o", "c.yaml"], folder: folder)
    }
    let whole = try calibrate()
    #expect(whole.status == 0, "\(whole.errors)")
    #expect(whole.output.contains("ds-cnn-kws"))
    // The start, the loading, and the first run.
    let lines = try String(contentsOf: record, encoding: .utf8).split(separator: "\n")
    #expect(lines[2].contains("first"))
    try Data(lines[..<3].map { $0 + "\n" }.joined().utf8).write(to: record)
    let cut = try calibrate()
    #expect(cut.status == 65)
    #expect(cut.errors.contains("'ds-cnn-kws': passed over: the log holds only the first run"))
  }

  @Test func `a sum of operators is no run to calibrate with`() throws {
    let program = try calibrate(
      """
      [{"count": 10}, {"name": "conv", "timeMs": 5, "averageMs": 0.5, "percentage": 100}]

      """, named: "resnet-18.json")
    #expect(program.status == 65)
    #expect(program.errors.contains("resnet-18.json:1: passed over: the log holds no run from end"))
  }

  /// Runs of a graphics unit start from its own prior; those of the same chip's cores say nothing of it.
  @Test func `three Vulkan runs narrow a graphics unit's interval`() throws {
    let rows =
      "b,ncnn-vulkan,fp16,1,mobilenet-v2,10\nb,ncnn-vulkan,fp16,1,resnet-50,58\n"
      + "b,ncnn-vulkan,fp16,4,mobilenet-v3-small,5\nb,ncnn-cpu,fp16,4,resnet-50,70\n"
    var widths: [Double] = []
    let program = try calibrate(
      Self.header + rows, board: "orange-pi-5/gpu/ncnn"
    ) { folder in
      for more in [[], ["--calibration", "c.yaml"]] {
        let answer = try Program(
          ["predict", "resnet-18", "--board", "orange-pi-5/gpu/ncnn", "--format", "json"] + more,
          folder: folder)
        #expect(answer.status == 0, "\(answer.errors)")
        widths.append(try Self.width(answer))
      }
    }
    #expect(program.status == 0, "\(program.errors)")
    #expect(program.errors.contains("runs.csv:5: passed over: a run of 'ncnn-cpu' on the cores"))
    #expect(widths.count == 2 && widths[1] < 0.8 * widths[0], "\(widths)")
  }

  @Test func `a report of a kind that is none is refused before anything is written`() throws {
    let program = try calibrate(Self.table, ["--report", "page.pdf"])
    #expect(program.status == 64)
  }
}
