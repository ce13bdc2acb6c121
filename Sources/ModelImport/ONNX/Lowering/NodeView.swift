import ModelIR
import TensorTypes

/// Why a node of the file has no meaning in the IR.
public struct LoweringError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Reason: Hashable, Sendable {
    case missingAttribute(String)
    case wrongAttributeType(String)
    case invalidAttribute(String, reason: String)
    case missingInput(Int)
    case missingOutput
  }
  public let node: String
  public let operatorType: String
  public let reason: Reason

  public var description: String {
    let what =
      switch reason {
      case .missingAttribute(let name): "attribute '\(name)' is missing"
      case .wrongAttributeType(let name): "attribute '\(name)' has the wrong type"
      case .invalidAttribute(let name, let reason): "attribute '\(name)' \(reason)"
      case .missingInput(let index): "input \(index) is missing"
      case .missingOutput: "it has no output"
      }
    return "node '\(node)' (\(operatorType)): \(what)"
  }
}

/// A node as a lowering sees it: checked access to attributes, and the version of its operator set.
struct NodeView: Sendable {
  let node: ONNXNode
  /// The version of the node's domain that the model imports.
  let opset: Int

  func error(_ reason: LoweringError.Reason) -> LoweringError {
    LoweringError(node: node.name, operatorType: node.operatorType, reason: reason)
  }

  func has(_ name: String) -> Bool { node.attributes[name] != nil }
  func hasInput(_ index: Int) -> Bool {
    index < node.inputs.count && !node.inputs[index].isEmpty
  }

  func int(_ name: String) throws(LoweringError) -> Int? {
    guard let attribute = node.attributes[name] else { return nil }
    guard case .int(let value) = attribute else { throw error(.wrongAttributeType(name)) }
    return value
  }
  func int(_ name: String, default value: Int) throws(LoweringError) -> Int {
    try int(name) ?? value
  }
  func flag(_ name: String, default value: Bool = false) throws(LoweringError) -> Bool {
    try int(name).map { $0 != 0 } ?? value
  }
  func required(_ name: String) throws(LoweringError) -> Int {
    guard let value = try int(name) else { throw error(.missingAttribute(name)) }
    return value
  }
  func ints(_ name: String) throws(LoweringError) -> [Int]? {
    guard let attribute = node.attributes[name] else { return nil }
    guard case .ints(let values) = attribute else { throw error(.wrongAttributeType(name)) }
    return values
  }
  func float(_ name: String, default value: Double) throws(LoweringError) -> Double {
    guard let attribute = node.attributes[name] else { return value }
    guard case .float(let number) = attribute else { throw error(.wrongAttributeType(name)) }
    return number
  }
  func string(_ name: String) throws(LoweringError) -> String? {
    guard let attribute = node.attributes[name] else { return nil }
    guard case .string(let text) = attribute else { throw error(.wrongAttributeType(name)) }
    return text
  }
  func string(_ name: String, default value: String) throws(LoweringError) -> String {
    try string(name) ?? value
  }
  func floats(_ name: String) throws(LoweringError) -> [Double]? {
    guard let attribute = node.attributes[name] else { return nil }
    guard case .floats(let values) = attribute else { throw error(.wrongAttributeType(name)) }
    return values
  }
  func strings(_ name: String) throws(LoweringError) -> [String] {
    guard let attribute = node.attributes[name] else { return [] }
    guard case .strings(let values) = attribute else { throw error(.wrongAttributeType(name)) }
    return values
  }
  /// The dtype that an attribute names by its number; 0 and absent are `nil`.
  func optionalDType(_ name: String) throws(LoweringError) -> DType? {
    let number = try int(name, default: 0)
    guard number != 0 else { return nil }
    guard let dtype = ModelImport.dtype(ofDataType: number) else {
      throw error(.invalidAttribute(name, reason: "is \(number), not a data type"))
    }
    return dtype
  }
  func dtype(_ name: String) throws(LoweringError) -> DType {
    guard let dtype = try optionalDType(name) else { throw error(.missingAttribute(name)) }
    return dtype
  }
  func tensor(_ name: String) throws(LoweringError) -> ONNXTensor? {
    guard let attribute = node.attributes[name] else { return nil }
    guard case .tensor(let tensor) = attribute else { throw error(.wrongAttributeType(name)) }
    return tensor
  }
}

/// Turns one node of the file into an operator of the IR.
typealias Lower = @Sendable (NodeView) throws(LoweringError) -> Operator

/// The dtype that a `TensorProto.DataType` number stands for; `nil` for numbers the format does
/// not define.
func dtype(ofDataType number: Int) -> DType? {
  switch number {
  case 1: .float32
  case 2: .uint8
  case 3: .int8
  case 4: .uint16
  case 5: .int16
  case 6: .int32
  case 7: .int64
  case 8: .string
  case 9: .bool
  case 10: .float16
  case 11: .float64
  case 12: .uint32
  case 13: .uint64
  case 14: .complex64
  case 15: .complex128
  case 16: .bfloat16
  case 17: .float8e4m3fn
  case 18: .float8e4m3fnuz
  case 19: .float8e5m2
  case 20: .float8e5m2fnuz
  case 21: .uint4
  case 22: .int4
  case 23: .float4e2m1
  case 24: .float8e8m0
  case 25: .uint2
  case 26: .int2
  default: nil
  }
}
