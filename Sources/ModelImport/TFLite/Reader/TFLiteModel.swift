import ModelIR

// The values that a TFLite file spells, field for field (tensorflow/lite/schema/schema.fbs, version
// 3c); names follow the schema. Constants are ranges of the mapped file, never copies.

struct TFLiteModel: Sendable {
  var version = 0
  var description = ""
  /// The least runtime that runs it, as the converter says; empty when it does not.
  var runtimeVersion = ""
  var operatorCodes: [TFLiteOperatorCode] = []
  var subgraphs: [TFLiteSubgraph] = []
  var buffers: [TFLiteBuffer] = []
  var externalBuffers: [Int: TFLiteExternalBuffer] = [:]

  /// "MLIR Converted., for runtime 2.3.0 or later".
  var producer: String {
    let runtime = runtimeVersion.isEmpty ? "" : "for runtime \(runtimeVersion) or later"
    return [description, runtime].filter { !$0.isEmpty }.joined(separator: ", ")
  }
}

struct TFLiteOperatorCode: Sendable {
  /// A number of `BuiltinOperator`.
  var code = 0
  /// The name of a custom operator; empty for built-in ones.
  var customCode = ""
  var version = 1
}

struct TFLiteSubgraph: Sendable {
  var name = ""
  var tensors: [TFLiteTensor] = []
  /// Positions in ``tensors``.
  var inputs: [Int] = []
  var outputs: [Int] = []
  var operators: [TFLiteOperator] = []
  var offset = 0
}

struct TFLiteTensor: Sendable {
  var name = ""
  /// `TensorType` as the file spells it.
  var type = 0
  var shape: [Int] = []
  /// The shape with −1 for free extents; `nil` when the file has none.
  var signature: [Int]?
  /// A position in the model's buffers.
  var buffer = 0
  /// The number of a buffer in another file; 0 without.
  var externalBuffer = 0
  var quantization: TFLiteQuantization?
  /// Whether the elements last from run to run.
  var isVariable = false
  /// Whether only elements that are not zero are stored.
  var isSparse = false
  var offset = 0
}

/// `real = scale · (stored − zero point)`.
struct TFLiteQuantization: Sendable {
  /// float32 numbers: one, or one for each slice of ``axis``.
  var scales: Range<Int>
  /// int64 numbers; may be fewer than the scales.
  var zeroPoints: Range<Int>
  var axis = 0
  var scaleCount: Int { scales.count / 4 }
}

struct TFLiteOperator: Sendable {
  /// A position in the model's operator codes.
  var codeIndex = 0
  /// Positions in the subgraph's tensors; −1 where an optional input is absent.
  var inputs: [Int] = []
  var outputs: [Int] = []
  var options = TFLiteOptions()
  var offset = 0
}

/// The table of an operator's options, whose fields are read once it is known which they are.
struct TFLiteOptions: Sendable {
  /// The first bytes of each field; `nil` where the file leaves one out.
  var fields: [UInt64?] = []
  /// The one list of integers that some operators have.
  var list: [Int]?
  /// The numbers among the options of a custom operator that is known, by name.
  var named: [String: Double] = [:]
}

struct TFLiteBuffer: Sendable {
  /// Of the file; empty for activations.
  var data: Range<Int> = 0..<0
}

struct TFLiteExternalBuffer: Sendable {
  var location = ""
  var offset = 0
  var length = 0
}
