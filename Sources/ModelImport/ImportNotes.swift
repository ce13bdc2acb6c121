import ModelIR

/// What the importer could not give its full meaning, gathered so that each matter is one line.
struct ImportNotes {
  /// Distinct names that a line lists or a check visits.
  private static let listed = 5
  private static let operators = 100
  private static let checkedFiles = 10_000

  var unknownOperatorSet: Int?
  var untypedInputs: [String] = []
  /// Lines of an ncnn file behind the stated count of layers.
  var ignoredLineCount = 0
  /// Values whose shapes the file states otherwise than its layers make them.
  var contradictedHints: [String] = []
  private var unmodelled: [OpaqueOperator: (count: Int, first: String)] = [:]
  private var unmodelledOrder: [OpaqueOperator] = []
  private var sparse: [String] = []
  private var withoutData: [String] = []
  private var externalFiles: Set<String> = []

  mutating func addUnmodelled(_ op: OpaqueOperator, node: String) {
    if unmodelled[op] == nil { unmodelledOrder.append(op) }
    unmodelled[op, default: (0, node)].count += 1
  }

  mutating func add(_ tensor: ONNXTensor, name: String) {
    if tensor.isSparse {
      sparse.append(name)
    } else if case .external(let location, _, _) = tensor.storage {
      if externalFiles.count < Self.checkedFiles { externalFiles.insert(location) }
    } else if !tensor.hasData {
      withoutData.append(name)
    }
  }

  /// Where a constant of a TFLite file is stored.
  mutating func add(_ storage: WeightStorage, name: String) {
    switch storage {
    case .sparse: sparse.append(name)
    case .external(let location, _, _):
      if externalFiles.count < Self.checkedFiles { externalFiles.insert(location) }
    case .file, .listed, .stated, .absent: break
    }
  }

  /// One line a matter. Looks whether files beside the model exist, without opening them.
  func lines(besides path: String) -> [String] {
    var lines: [String] = []
    if let version = unknownOperatorSet {
      let known = GraphBuilder.Limit.knownOperatorSets
      lines.append(
        "operator set \(version) is outside of what this importer knows "
          + "(\(known.lowerBound) to \(known.upperBound)); operators are read as if it were known")
    }
    for op in unmodelledOrder.prefix(Self.operators) {
      guard let (count, first) = unmodelled[op] else { continue }
      let nodes = count == 1 ? "node '\(first)'" : "\(count) nodes, the first '\(first)'"
      lines.append(
        "operator \(Operator.opaque(op).name) is not modelled: the work of \(nodes) is unknown")
    }
    if unmodelledOrder.count > Self.operators {
      lines.append("\(unmodelledOrder.count - Self.operators) further operators are not modelled")
    }
    append("inputs have no tensor type", untypedInputs, to: &lines)
    append("weights are sparse and counted as dense", sparse, to: &lines)
    append("weights have a type but no data", withoutData, to: &lines)
    append("blobs have other shapes than the file's hints state", contradictedHints, to: &lines)
    if ignoredLineCount > 0 {
      lines.append(
        "\(ignoredLineCount) lines behind the stated count of layers are ignored, as ncnn does")
    }
    let missing = externalFiles.filter { !ExternalData.exists($0, besides: path) }
    append("files with weights are missing beside the model", missing.sorted(), to: &lines)
    return lines.map(singleLine)
  }

  private func append(_ what: String, _ names: [String], to lines: inout [String]) {
    guard !names.isEmpty else { return }
    let list = names.prefix(Self.listed).map { "'\($0)'" }.joined(separator: ", ")
    lines.append("\(names.count) \(what): \(list)\(names.count > Self.listed ? ", …" : "")")
  }
}
