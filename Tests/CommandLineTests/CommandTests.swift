import Foundation
import Testing

@Suite struct CommandTests {
  private func json(_ program: Program) throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: Data(program.output.utf8)) as? [String: Any])
  }

  @Test func `a comparison answers for every board from any folder`() throws {
    let program = try Program(
      ["compare", "mobilenet-v2", "--boards", "all", "--deadline", "20ms", "--format", "json"])
    #expect(program.status == 0)
    let answer = try json(program)
    #expect(answer["schemaVersion"] as? Int == 1)
    let models = try #require(answer["models"] as? [[String: Any]])
    let candidates = try #require(models.first?["candidates"] as? [[String: Any]])
    #expect(candidates.count >= 13)
  }

  /// Priors were learned for ncnn on CPUs and graphics units, and for no other runtime.
  @Test(arguments: [
    ("raspberry-pi-5/cpu/ncnn", true), ("raspberry-pi-5/cpu/tflite-xnnpack", false),
    ("orange-pi-5/gpu/ncnn", true), ("intel-n100/gpu/ncnn", true),
    ("intel-n100/gpu/openvino", false),
  ])
  func `a prior answers where it is for the runtime and unit`(_ board: String, _ isExpected: Bool)
    throws
  {
    let program = try Program(["predict", "resnet-18", "--board", board, "--format", "json"])
    #expect(program.status == 0)
    #expect(program.output.contains("published runs of ncnn on") == isExpected)
  }

  @Test func `a limit that nothing meets is exit code 1`() throws {
    let program = try Program(
      ["compare", "resnet-50", "--boards", "esp32-s3", "--deadline", "1ms"])
    #expect(program.status == 1)
    #expect(!program.output.isEmpty)
  }

  @Test(arguments: [
    ["frobnicate"], ["predict", "resnet-18"], ["compare", "resnet-18", "--deadline", "20"],
    ["compare", "resnet-18", "--margin", "120%"], ["compare", "resnet-18", "--report", "x.pdf"],
    ["inspect", "resnet-18", "--dim", "batch"], ["inspect", "resnet-18", "--dim", "nothing=3"],
    ["predict", "resnet-18", "--board", "raspberry-pi-5", "--threads", "99"],
    ["predict", "resnet-18", "--board", "raspberry-pi-5", "--batch", "4"],
  ])
  func `a wrong command line is exit code 64`(arguments: [String]) throws {
    let program = try Program(arguments)
    #expect(program.status == 64, "\(program.errors)")
    #expect(program.output.isEmpty)
  }

  @Test(arguments: [
    ["inspect", "no-such-model"], ["inspect", "/no/such/file.onnx"],
    ["predict", "resnet-18", "--board", "no-such-board"],
    ["predict", "resnet-18", "--board", "raspberry-pi-5/no-such-unit"],
    ["compare", "resnet-18", "--runtime", "no-such-runtime"], ["boards", "show", "no-such-board"],
  ])
  func `what is not there is exit code 66`(arguments: [String]) throws {
    let program = try Program(arguments)
    #expect(program.status == 66, "\(program.errors)")
    #expect(program.errors.hasPrefix("boardfit: "))
  }

  @Test(arguments: [
    ["inspect"], ["inspect", "--format", "json"], ["inspect", "a", "b"], ["inspect", "a", "--no"],
    ["inspect", "resnet-18", "--format"], ["inspect", "resnet-18", "--format", "xml"],
  ])
  func `a command that is used wrongly says how to use it`(arguments: [String]) throws {
    let program = try Program(arguments)
    #expect(program.status == 64)
    #expect(program.errors.lowercased().contains("usage: boardfit inspect"))
  }

  @Test func `talk goes to standard error, and quiet silences it`() throws {
    let arguments = ["predict", "resnet-18", "--board", "raspberry-pi-4"]
    let loud = try Program(arguments)
    let quiet = try Program(arguments + ["--quiet"])
    #expect(loud.output == quiet.output.replacingOccurrences(of: " --quiet", with: ""))
    #expect(quiet.errors.isEmpty)
  }

  @Test(arguments: ["table", "json", "csv", "md"])
  func `an operator nobody models lowers coverage in every output`(format: String) throws {
    let file = Program.root.appendingPathComponent(
      "../shared/formats/samples/malformed/onnx_unknown_domain.onnx"
    ).path
    let inspected = try Program(["inspect", file, "--format", format, "--verbose"])
    #expect(inspected.status == 0)
    #expect(inspected.errors.contains("Foo"))
    #expect(inspected.output.contains("Foo"))
    let predicted = try Program(
      ["predict", file, "--board", "raspberry-pi-5", "--format", format, "--verbose"])
    #expect(predicted.status == 0, "\(predicted.errors)")
    #expect(predicted.errors.contains("Foo"))
    switch format {
    case "json":
      let answer = try json(predicted)
      #expect(
        "\(answer)".contains("isLowerBound = 1") || "\(answer)".contains("\"isLowerBound\": true")
          || predicted.output.contains("\"isLowerBound\" : true")
          || predicted.output.contains("\"isLowerBound\": true"))
    case "csv": #expect(predicted.output.contains(",,,,1,1.0,true"))
    default: #expect(predicted.output.contains("≥"))
    }
  }

  @Test func `a file that cannot be written leaves the old one`() throws {
    let program = try Program(
      ["inspect", "resnet-18", "-o", "/no/such/folder/out.txt"])
    #expect(program.status == 64)
    #expect(program.errors.contains("/no/such/folder/out.txt"))
  }

  @Test func `a device is written to, not replaced`() throws {
    let device = FileManager.default.temporaryDirectory
      .appendingPathComponent("pipe-\(UUID().uuidString)")
    #expect(unsafe mkfifo(device.path, 0o600) == 0)
    defer { try? FileManager.default.removeItem(at: device) }
    let reader = Process()
    reader.executableURL = URL(fileURLWithPath: "/bin/cat")
    reader.arguments = [device.path]
    reader.standardOutput = FileHandle.nullDevice
    try reader.run()
    #expect(try Program(["inspect", "ds-cnn-kws", "-o", device.path]).status == 0)
    reader.waitUntilExit()
    let kind = try FileManager.default.attributesOfItem(atPath: device.path)[.type]
    #expect(kind as? FileAttributeType != .typeRegular)
  }

  @Test func `own profiles come before the bundled ones, faults with their line`() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("profiles-\(UUID().uuidString)/boards")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder.deletingLastPathComponent()) }
    let bundled = Program.root.appendingPathComponent(
      "HardwareProfiles/boards/raspberry-pi-5.yaml")
    let text = try String(contentsOf: bundled, encoding: .utf8)
    let mine = folder.appendingPathComponent("my-board.yaml")
    try text.write(to: mine, atomically: true, encoding: .utf8)
    let good = try Program(
      [
        "predict", "ds-cnn-kws", "--board", "my-board", "--profiles",
        folder.deletingLastPathComponent().path,
      ])
    #expect(good.status == 0, "\(good.errors)")
    #expect(try Program(["boards", "check", mine.path]).status == 0)

    try text.replacingOccurrences(of: "\nmemories:", with: "\nbandwith: 3 GB/s\nmemories:")
      .write(to: mine, atomically: true, encoding: .utf8)
    let bad = try Program(["boards", "check", mine.path])
    #expect(bad.status == 65)
    #expect(bad.errors.contains("my-board.yaml:"))
    #expect(bad.errors.contains("bandwith"))
  }
}
