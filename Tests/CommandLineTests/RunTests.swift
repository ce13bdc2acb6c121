import Foundation
import Testing

@Suite(.timeLimit(.minutes(5))) struct RunTests {
  /// Small enough for reference kernels in a debug build.
  private static let model = Program.root.appendingPathComponent(
    "../shared/formats/samples/onnx-quant/tinycnn_qoperator_int8.onnx"
  ).path

  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("run-\(UUID().uuidString)")

  private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test(arguments: [
    ["--runs", "0"], ["--runs", "3", "--time", "3s"], ["--time", "3"], ["--time", "-1s"],
    ["--threads", "0"], ["--threads", "2", "--pin", "0"], ["--pin", "x"], ["--pin", "99999"],
    ["--pin", ""], ["--warmup", "-1"], ["--kernels", "fast"], ["--check", "nothing"],
    ["--input", "x"], ["--input", "=x.npy"], ["--report", "r.html"],
    ["--compare-with", "raspberry-pi-5", "--report", "r.pdf"], ["--seed", "-1"],
  ])
  func `a wrong option is exit code 64`(options: [String]) throws {
    let program = try Program(["run", "ds-cnn-kws"] + options)
    #expect(program.status == 64, "\(program.errors)")
    #expect(program.output.isEmpty)
  }

  @Test(arguments: [
    ["--input", "no-such-input=/no/such/file.npy"], ["--compare-with", "no-such-board"],
  ])
  func `what is not there is exit code 66`(options: [String]) throws {
    #expect(try Program(["run", "ds-cnn-kws"] + options).status == 66)
  }

  @Test(arguments: [
    ["--trace", "/no/such/folder/t.json"], ["-o", "/"], ["--save-outputs", "/dev/null/outputs"],
    ["--compare-with", "raspberry-pi-5", "--report", "/no/such/folder/r.html"],
  ])
  func `what cannot be written is refused before an hour of measuring`(options: [String]) throws {
    let program = try Program(["run", Self.model, "--time", "3600s"] + options)
    #expect(program.status == 64, "\(program.errors)")
    #expect(program.errors.contains("cannot "), "\(program.errors)")
  }

  @Test func `an input that is a folder is bad data`() throws {
    let program = try Program(["run", "ds-cnn-kws", "--input", "input=/"])
    #expect(program.status == 65)
    #expect(program.errors.contains("/: not a regular file"), "\(program.errors)")
  }

  @Test(arguments: [
    ["--time", "3"], ["--threads", "0"], ["--threads", "1,x"], ["-o", "My.yaml"],
    ["--operators", "--threads", "1,2"], ["--operators", "--time", "3"],
  ])
  func `a wrong option of probe is exit code 64`(options: [String]) throws {
    let program = try Program(["probe"] + options)
    #expect(program.status == 64, "\(program.errors)")
  }

  @Test(arguments: [
    (
      "run",
      [
        "--threads", "--pin", "--runs", "--time", "--warmup", "--cold", "--kernels", "--input",
        "--save-outputs", "--seed", "--record", "--trace", "--check", "--compare-with", "--report",
        "--shape", "--dim", "--profiles", "--format", "--output", "--quiet", "--verbose",
      ]
    ),
    ("probe", ["--operators", "--time", "--threads", "--format", "--output", "--quiet"]),
  ])
  func `help names every option`(command: String, options: [String]) throws {
    let help = try Program([command, "--help"])
    #expect(help.status == 0)
    for option in options { #expect(help.output.contains(option), "no \(option)") }
  }

  @Test func `a run is measured, recorded, traced, saved and compared`() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = { (name: String) in folder.appendingPathComponent(name).path }
    let program = try Program([
      "run", Self.model, "--kernels", "reference", "--runs", "1", "--warmup", "0", "--record",
      path("r.jsonl"),
      "--trace", path("t.json"), "--save-outputs", path("out"), "--check", "reference",
      "--compare-with", "intel-n100/cpu/onnxruntime-cpu", "--report", path("r.html"), "--format",
      "json",
    ])
    #expect(program.status == 0, "\(program.errors)")
    let answer = try json(program.output)
    #expect((answer["samplesSeconds"] as? [Double])?.count == 1)
    let operators = try #require(answer["operators"] as? [[String: Any]])
    #expect(operators.contains { $0["kernel"] as? String == "reference.QLinearConv" })
    let agreement = try #require(answer["agreement"] as? [[String: Any]])
    #expect(agreement.count > 1)
    #expect(agreement.allSatisfy { $0["maximumAbsolute"] as? Double == 0 })
    #expect(answer["prediction"] is [String: Any])

    let record = try String(contentsOfFile: path("r.jsonl"), encoding: .utf8)
    // Start, load, first, plain, profiled, end.
    #expect(record.split(separator: "\n").count == 6)
    let trace = try json(try String(contentsOfFile: path("t.json"), encoding: .utf8))
    #expect((trace["traceEvents"] as? [Any])?.count ?? 0 > operators.count)
    #expect(try String(contentsOfFile: path("r.html"), encoding: .utf8).contains("Roofline"))

    // An output read back as an input of the wrong shape is refused with both shapes.
    let saved = try FileManager.default.contentsOfDirectory(atPath: path("out"))
    let output = try #require(saved.first { $0.hasSuffix(".npy") })
    let wrong = try Program([
      "run", Self.model, "--runs", "1", "--input", "x=\(path("out"))/\(output)",
    ])
    #expect(wrong.status == 64, "\(wrong.errors)")
  }

  @Test func `Ctrl-C keeps what was measured`() throws {
    let script = """
      import signal, subprocess, sys, time
      p = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
      time.sleep(3)
      p.send_signal(signal.SIGINT)
      out, err = p.communicate(timeout=120)
      sys.stdout.buffer.write(out)
      sys.stderr.buffer.write(err)
      sys.exit(p.returncode if p.returncode >= 0 else 99)
      """
    let program = try Program(
      [
        "python3", "-c", script, Program.executable.path, "run", Self.model, "--kernels",
        "reference", "--time", "1h", "--format", "json",
      ],
      executable: URL(fileURLWithPath: "/usr/bin/env"))
    #expect(program.status == 0, "\(program.errors)")
    let answer = try json(program.output)
    #expect(answer["isInterrupted"] as? Bool == true)
    #expect(program.errors.contains("stopping after the run in progress"))
  }

  @Test func `a probe writes a profile that every command takes`() throws {
    let boards = folder.appendingPathComponent("boards")
    try FileManager.default.createDirectory(at: boards, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let profile = boards.appendingPathComponent("my-machine.yaml").path
    let probe = try Program(["probe", "--time", "1s", "-o", profile, "--format", "json"])
    #expect(probe.status == 0, "\(probe.errors)")
    #expect(try json(probe.output)["kind"] as? String == "probe")
    #expect(try Program(["boards", "check", profile]).status == 0)
    let predicted = try Program([
      "predict", "ds-cnn-kws", "--board", "my-machine", "--profiles", folder.path,
    ])
    #expect(predicted.status == 0, "\(predicted.errors)")
    #expect(
      try Program([
        "compare", "ds-cnn-kws", "--boards", "my-machine", "--profiles", folder.path,
      ]).status == 0)
  }
}
