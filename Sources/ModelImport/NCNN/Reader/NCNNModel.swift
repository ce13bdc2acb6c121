// The values that an ncnn parameter file spells, line for line (github.com/Tencent/ncnn,
// docs/developer-guide/param-and-model-file-structure.md). Weights lie in another file.

struct NCNNModel: Sendable {
  var layers: [NCNNLayer] = []
  /// Lines behind the stated count of layers, which ncnn does not read.
  var ignoredLineCount = 0
}

/// One line: a layer, the blobs that it reads and writes, and its parameters.
struct NCNNLayer: Sendable {
  let type: String
  let name: String
  let inputs: [String]
  let outputs: [String]
  let parameters: NCNNParameters
  /// From 1.
  let line: Int
}

/// What a layer sets, by number.
struct NCNNParameters: Sendable {
  enum Number: Sendable, Hashable {
    case int(Int)
    case real(Double)
  }
  enum Content: Sendable, Hashable {
    case number(Number)
    case list([Number])
    /// Newer files write expressions.
    case text
  }

  /// Parameters have numbers below this.
  static let limit = 32
  /// What is added to the number of a list, and taken from −23300 for its key.
  static let listBase = -23300
  /// The number of the list with the shapes of a layer's results.
  static let shapeHints = 30

  private var entries: [(id: Int, content: Content)] = []

  subscript(id: Int) -> Content? { entries.first { $0.id == id }?.content }

  /// Whether the number was still free.
  mutating func set(_ id: Int, _ content: Content) -> Bool {
    guard self[id] == nil else { return false }
    entries.append((id, content))
    return true
  }
}
