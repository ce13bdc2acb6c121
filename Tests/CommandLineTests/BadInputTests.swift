import Foundation
import Testing

/// Every malformed model through the program itself: exit code, message, time and memory.
@Suite struct BadInputTests {
  private static let folder = Program.root.appendingPathComponent(
    "../shared/formats/samples/malformed")

  private static let models =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
    .filter { $0.hasPrefix("onnx_") && $0.hasSuffix(".onnx") }.sorted()

  /// Acceptable by design: valid, or degraded with a warning.
  private static let accepted: Set = [
    "onnx_control_ok.onnx", "onnx_ext_control_ok.onnx", "onnx_ext_dunder_key.onnx",
    "onnx_ext_missing_file.onnx", "onnx_opset_999.onnx", "onnx_unknown_domain.onnx",
    "onnx_if_depth14_exponential.onnx",
  ]

  @Test func `the malformed set is there`() { #expect(Self.models.count >= 34) }

  @Test(arguments: models)
  func `a defect ends in one line and exit code 65`(model: String) throws {
    let path = Self.folder.appendingPathComponent(model).path
    for command in [["inspect", path], ["predict", path, "--board", "raspberry-pi-5"]] {
      let program = try Program(command)
      if Self.accepted.contains(model) {
        #expect(program.status == 0, "\(model): \(program.errors)")
      } else {
        #expect(program.status == 65, "\(model): \(program.status) \(program.errors)")
        #expect(program.errors.split(separator: "\n").count == 1)
        #expect(program.errors.hasPrefix("boardfit: \(path): "))
      }
    }
  }

  @Test(.timeLimit(.minutes(2))) func `no malformed model takes 200 MB or hangs`() throws {
    // A child starts with its parent's pages, and this process is large: a small one measures.
    let script = """
      import resource, subprocess, sys
      for model in sys.argv[2:]:
          subprocess.run([sys.argv[1], "inspect", model], capture_output=True)
          print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
      """
    let models = Self.models.map { Self.folder.appendingPathComponent($0).path }
    let measured = try Program(
      ["python3", "-c", script, Program.executable.path] + models,
      executable: URL(fileURLWithPath: "/usr/bin/env"))
    let peaks = measured.output.split(separator: "\n").compactMap { Int($0) }
    #expect(peaks.count == models.count, "\(measured.errors)")
    // In KiB; the largest so far, hence the last.
    #expect((peaks.last ?? .max) < 200_000)
  }
}
