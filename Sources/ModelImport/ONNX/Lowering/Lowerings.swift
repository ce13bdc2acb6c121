import ModelIR

/// Every ONNX operator this importer understands, default and `com.microsoft` domains: the only
/// place where operators are strings. A miss is `.opaque`, and shows as lost coverage.
let onnxLowerings: [String: Lower] = {
  let families = arithmeticLowerings + structureLowerings
  var all: [String: Lower] = [:]
  all.reserveCapacity(families.reduce(0) { $0 + $1.count })
  for family in families { all.merge(family) { first, _ in first } }
  return all
}()
