/// The names that a runtime may have made of a node's or a tensor's.
enum NameVariants {
  private static let suffixes = [
    // ONNX Runtime's blocked layout and quantized forms.
    "_nchwc", "_nhwc", "_quant", "_QuantizeLinear",
    // OpenVINO's split of a bias.
    "/WithoutBiases", "/fq_input_0",
  ]
  /// Longer names are nobody's, and stripping them takes long.
  private static let lengthLimit = 1000
  private static let prefixes = ["fused ", "Fused "]

  /// The name itself first.
  static func of(_ name: String) -> [String] {
    var names = [name]
    guard name.utf8.count <= lengthLimit else { return names }
    var text = name[...]
    var changed = true
    while changed {
      changed = false
      for suffix in suffixes where text.hasSuffix(suffix) && text.count > suffix.count {
        text = text.dropLast(suffix.count)
        changed = true
      }
      for prefix in prefixes where text.hasPrefix(prefix) && text.count > prefix.count {
        text = text.dropFirst(prefix.count)
        changed = true
      }
      // ONNX Runtime's fusions: "/attn/MatMul/MatMulScaleFusion/".
      let parts = text.split(separator: "/")
      if parts.count > 1, let last = parts.last, last.hasSuffix("Fusion") {
        text = text[..<last.startIndex].dropLast()
        changed = true
      }
      // ONNX Runtime makes names unique by "_token_3".
      if let token = text.ranges(of: "_token_").last,
        text[token.upperBound...].allSatisfy(\.isNumber), token.lowerBound > text.startIndex
      {
        text = text[..<token.lowerBound]
        changed = true
      }
      if changed { names.append(String(text)) }
    }
    return names
  }
}
