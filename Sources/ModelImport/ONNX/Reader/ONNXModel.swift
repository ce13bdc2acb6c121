import ModelIR
import TensorTypes

// The values that an ONNX file spells, field for field (onnx/onnx.proto3, IR version 13); names
// follow the proto file. Tensors hold ranges of the mapped file, never copies of weights.

struct ONNXModel: Sendable {
  /// 0 when the file does not say.
  var irVersion = 0
  var producer = ""
  /// The opset version of each domain; the default domain is "".
  var opsets: [String: Int] = [:]
  var graph: ONNXGraph?
  var functions: [ONNXFunction] = []
}

struct ONNXGraph: Sendable {
  var name = ""
  var nodes: [ONNXNode] = []
  var initializers: [ONNXTensor] = []
  var inputs: [ONNXValue] = []
  var outputs: [ONNXValue] = []
  var valueInfo: [ONNXValue] = []
}

struct ONNXNode: Sendable {
  var name = ""
  var operatorType = ""
  var domain = ""
  var overload = ""
  var inputs: [String] = []
  var outputs: [String] = []
  var attributes = ONNXAttributes()
  /// Where the node starts in the file, for error messages.
  var offset = 0
}

struct ONNXFunction: Sendable {
  var name = ""
  var domain = ""
  var overload = ""
  var inputs: [String] = []
  var outputs: [String] = []
  /// Attributes that a call must give; those in `attributeDefaults` may be left out.
  var attributes: [String] = []
  var attributeDefaults: [String: ONNXAttribute] = [:]
  var nodes: [ONNXNode] = []
  var opsets: [String: Int] = [:]
}

/// What a node sets, in the file's order. Nodes have so few that a search beats a table.
struct ONNXAttributes: Sendable {
  /// A value is `nil` where a function refers to an attribute that its call leaves out.
  var entries: [(name: String, value: ONNXAttribute?)] = []

  /// Of several values for one name, the last counts.
  subscript(name: String) -> ONNXAttribute? {
    for index in entries.indices.reversed() where entries[index].name == name {
      return entries[index].value
    }
    return nil
  }
}

/// The large values lie elsewhere, so that the many small ones take little room.
enum ONNXAttribute: Sendable {
  case int(Int)
  case float(Double)
  case string(String)
  indirect case tensor(ONNXTensor)
  indirect case graph(ONNXGraph)
  case ints([Int])
  case floats([Double])
  case strings([String])
  case graphs([ONNXGraph])
  /// Inside a function: the attribute of the call with this name.
  case reference(String)
  /// Sparse tensors, types: kept only as present.
  case unsupported(String)
}

struct ONNXTensor: Sendable {
  var name = ""
  /// `TensorProto.DataType` as the file spells it.
  var dataType = 0
  var dimensions: [Int] = []
  var storage: WeightStorage = .absent
  /// The elements, when few enough to be shape arithmetic.
  var literal: TensorLiteral?
  /// Whether only the elements that are not zero are stored; `dimensions` are the dense ones.
  var isSparse = false
  /// Whether the file gives elements or says where they are; models without their trained weights
  /// do not.
  var hasData = true
  var offset = 0
}

struct ONNXValue: Sendable {
  var name = ""
  /// `nil` for sequences, optionals and maps.
  var dataType: Int?
  /// `nil` when the file gives no rank.
  var shape: Shape?
}
