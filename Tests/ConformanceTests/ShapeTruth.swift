import Foundation
import TensorTypes

/// What ONNX Runtime found for one model: `Scripts/dump-shapes.py` writes these tables.
struct ShapeTruth {
  let name: String
  let digest: String
  /// The shapes and, where the run depended on them, the values of the inputs.
  let inputs: [String: [Int]]
  let values: [(name: String, type: TensorType)]

  init(_ file: URL) throws {
    name = file.deletingPathExtension().lastPathComponent
    var digest = ""
    var inputs: [String: [Int]] = [:]
    var values: [(String, TensorType)] = []
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
      if line.hasPrefix("# sha256: ") { digest = String(line.dropFirst(10)) }
      if line.hasPrefix("# input: ") {
        let parts = line.dropFirst(9).split(separator: " ")
        inputs[parts.dropLast(2).joined(separator: " ")] = Self.extents(parts[parts.count - 1])
      }
      if line.hasPrefix("#") { continue }
      let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard columns.count == 3, let dtype = DType(rawValue: String(columns[1])) else {
        throw UnreadableTruth(file: file.lastPathComponent, line: String(line))
      }
      values.append((String(columns[0]), TensorType(dtype, Self.extents(columns[2]))))
    }
    self.digest = digest
    self.inputs = inputs
    self.values = values
  }

  private static func extents(_ text: Substring) -> [Int] {
    text == "scalar" ? [] : text.split(separator: "x").compactMap { Int($0) }
  }
}

struct UnreadableTruth: Error {
  let file: String
  let line: String
}
