import ModelIR

/// Every ONNX operator this importer understands, default and `com.microsoft` domains: the only
/// place where operators are strings. A miss is `.opaque`, and shows as lost coverage.
let onnxLowerings: [String: Lower] =
  arithmeticLowerings.merging(structureLowerings) { first, _ in first }
