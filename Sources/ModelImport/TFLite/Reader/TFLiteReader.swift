/// Reads a TFLite file's bytes into the values that it spells. Field numbers follow the schema;
/// unknown fields are skipped.
struct TFLiteReader {
  enum Limit {
    /// Tables and elements of lists in all. FlatBuffers may point to one place from many, so that a
    /// small file could spell a huge model.
    static let units = 4_000_000
    static let table = 8
    static let rank = 64
    static let options = 32
  }

  /// The only one that converters write.
  static let schemaVersion = 3

  private let limit: Int
  private var spent = 0

  static func model(in bytes: Span<UInt8>) throws(MalformedFile) -> TFLiteModel {
    // Every table takes eight bytes and every element four, unless it is shared.
    var reader = TFLiteReader(limit: min(Limit.units, max(1 << 16, 4 * bytes.count)))
    return try reader.readModel(bytes)
  }

  private init(limit: Int) { self.limit = limit }

  private mutating func spend(_ amount: Int, at offset: Int) throws(MalformedFile) {
    guard amount <= limit - spent else {
      throw MalformedFile(at: offset, .tooMany("tables and list elements", limit: limit))
    }
    spent += amount
  }

  private mutating func readModel(_ bytes: Span<UInt8>) throws(MalformedFile) -> TFLiteModel {
    let root = try FlatTable.root(of: bytes)
    var model = TFLiteModel()
    model.version = try root.uint32(0, "version", bytes)
    guard model.version == Self.schemaVersion else {
      throw MalformedFile(
        at: root.offset,
        .missing("schema version \(Self.schemaVersion), found \(model.version)"))
    }
    model.description = try text(root, 3, "description", bytes)
    try tables(root, 1, "operator_codes", bytes) { reader, table throws(MalformedFile) in
      model.operatorCodes.append(try reader.readOperatorCode(table, bytes))
    }
    try tables(root, 4, "buffers", bytes) { reader, table throws(MalformedFile) in
      model.buffers.append(try reader.readBuffer(table, bytes))
    }
    try readExternalBuffers(root, bytes, into: &model)
    try tables(root, 6, "metadata", bytes) { reader, table throws(MalformedFile) in
      let name = try reader.text(table, 0, "name", bytes)
      let buffer = try table.uint32(1, "buffer", bytes)
      guard name == "min_runtime_version", buffer < model.buffers.count else { return }
      let characters = model.buffers[buffer].data.prefix(16).prefix { bytes[$0] != 0 }
      model.runtimeVersion = String(decoding: characters.map { bytes[$0] }, as: UTF8.self)
    }
    try tables(root, 2, "subgraphs", bytes) { reader, table throws(MalformedFile) in
      model.subgraphs.append(try reader.readSubgraph(table, model.operatorCodes, bytes))
    }
    return model
  }

  private mutating func readOperatorCode(
    _ table: FlatTable, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> TFLiteOperatorCode {
    var code = TFLiteOperatorCode()
    // The first field is a byte and ends at 127; larger numbers stand in the fourth.
    code.code = max(
      try table.int8(0, "deprecated_builtin_code", bytes),
      try table.int32(3, "builtin_code", bytes))
    code.customCode = try text(table, 1, "custom_code", bytes)
    code.version = try table.int32(2, "version", default: 1, bytes)
    return code
  }

  private mutating func readBuffer(
    _ table: FlatTable, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> TFLiteBuffer {
    // Above 2 GB, data stands behind the FlatBuffer; 0 and 1 are no offsets.
    let offset = try table.bits(1, width: 8, "offset", bytes) ?? 0
    if offset > 1 {
      let size = try table.bits(2, width: 8, "size", bytes) ?? 0
      guard offset <= UInt64(bytes.count), size <= UInt64(bytes.count) - offset else {
        throw MalformedFile(
          at: table.offset,
          .outside(
            what: "a buffer of \(size) bytes", place: Int(clamping: offset), size: bytes.count))
      }
      return TFLiteBuffer(data: Int(offset)..<Int(offset) + Int(size))
    }
    return TFLiteBuffer(data: try table.vector(0, width: 1, "data", bytes)?.range ?? 0..<0)
  }

  private mutating func readExternalBuffers(
    _ root: FlatTable, _ bytes: Span<UInt8>, into model: inout TFLiteModel
  ) throws(MalformedFile) {
    var groups: [String] = []
    try tables(root, 8, "external_buffer_groups", bytes) { reader, table throws(MalformedFile) in
      groups.append(try reader.text(table, 0, "name", bytes))
    }
    try tables(root, 9, "external_buffers", bytes) { reader, table throws(MalformedFile) in
      let group = try table.uint32(1, "group", bytes)
      guard group < groups.count else {
        throw MalformedFile(
          at: table.offset,
          .missing("one of \(groups.count) external buffer groups, found \(group)"))
      }
      model.externalBuffers[try table.uint32(0, "id", bytes)] = TFLiteExternalBuffer(
        location: groups[group],
        offset: Int(clamping: try table.bits(2, width: 8, "offset", bytes) ?? 0),
        length: Int(clamping: try table.bits(3, width: 8, "length", bytes) ?? 0))
    }
  }

  private mutating func readSubgraph(
    _ table: FlatTable, _ codes: [TFLiteOperatorCode], _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> TFLiteSubgraph {
    var subgraph = TFLiteSubgraph()
    subgraph.offset = table.offset
    subgraph.name = try text(table, 4, "name", bytes)
    try tables(table, 0, "tensors", bytes) { reader, table throws(MalformedFile) in
      subgraph.tensors.append(try reader.readTensor(table, bytes))
    }
    subgraph.inputs = try ints(table, 1, "inputs", bytes) ?? []
    subgraph.outputs = try ints(table, 2, "outputs", bytes) ?? []
    try tables(table, 3, "operators", bytes) { reader, table throws(MalformedFile) in
      subgraph.operators.append(try reader.readOperator(table, codes, bytes))
    }
    return subgraph
  }

  private mutating func readTensor(
    _ table: FlatTable, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> TFLiteTensor {
    var tensor = TFLiteTensor()
    tensor.offset = table.offset
    tensor.shape = try ints(table, 0, "shape", bytes, limit: Limit.rank) ?? []
    tensor.type = try table.int8(1, "type", bytes)
    tensor.buffer = try table.uint32(2, "buffer", bytes)
    tensor.name = try text(table, 3, "name", bytes)
    tensor.isVariable = try table.bool(5, "is_variable", bytes)
    tensor.isSparse = try table.table(6, "sparsity", bytes) != nil
    let signature = try ints(table, 7, "shape_signature", bytes, limit: Limit.rank)
    // Converters leave it empty, or of another rank, when no extent is free.
    if let signature, signature.count == tensor.shape.count, !signature.isEmpty {
      tensor.signature = signature
    }
    tensor.externalBuffer = try table.uint32(10, "external_buffer", bytes)
    if let parameters = try table.table(4, "quantization", bytes) {
      try spend(Limit.table, at: parameters.offset)
      tensor.quantization = try readQuantization(parameters, bytes)
    }
    return tensor
  }

  /// `nil` when the table has no scales, as converters write it for real numbers.
  private mutating func readQuantization(
    _ table: FlatTable, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> TFLiteQuantization? {
    guard let scales = try table.vector(2, width: 4, "scale", bytes), scales.count > 0 else {
      return nil
    }
    return TFLiteQuantization(
      scales: scales.range,
      zeroPoints: try table.vector(3, width: 8, "zero_point", bytes)?.range ?? 0..<0,
      axis: try table.int32(6, "quantized_dimension", bytes))
  }

  private mutating func readOperator(
    _ table: FlatTable, _ codes: [TFLiteOperatorCode], _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> TFLiteOperator {
    var node = TFLiteOperator()
    node.offset = table.offset
    node.codeIndex = try table.uint32(0, "opcode_index", bytes)
    node.inputs = try ints(table, 1, "inputs", bytes) ?? []
    node.outputs = try ints(table, 2, "outputs", bytes) ?? []
    // Fields 3 and 4 are the first union of options and its kind, fields 11 and 12 the second.
    var options = try table.table(4, "builtin_options", bytes)
    if options == nil { options = try table.table(12, "builtin_options_2", bytes) }
    if let options {
      let name = node.codeIndex < codes.count ? codes[node.codeIndex].name : ""
      node.options = try readOptions(options, of: name, bytes)
    }
    if node.codeIndex < codes.count, codes[node.codeIndex].isCustom,
      tfliteCustomOperators[codes[node.codeIndex].name] != nil
    {
      node.options.named = try readCustomOptions(table, bytes)
    }
    return node
  }

  /// From field 5, or from behind the tables, where fields 9 and 10 have the place and the size.
  private mutating func readCustomOptions(
    _ table: FlatTable, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> [String: Double] {
    try spend(FlexMap.Limit.entries, at: table.offset)
    let offset = try table.bits(9, width: 8, "large_custom_options_offset", bytes) ?? 0
    guard offset > 1 else {
      guard let options = try table.vector(5, width: 1, "custom_options", bytes) else {
        return [:]
      }
      return try FlexMap.numbers(in: options.range, bytes)
    }
    let size = try table.bits(10, width: 8, "large_custom_options_size", bytes) ?? 0
    guard offset <= UInt64(bytes.count), size <= UInt64(bytes.count) - offset else {
      throw MalformedFile(
        at: table.offset,
        .outside(
          what: "custom options of \(size) bytes", place: Int(clamping: offset), size: bytes.count
        ))
    }
    return try FlexMap.numbers(in: Int(offset)..<Int(offset) + Int(size), bytes)
  }

  private static let operatorsWithList: Set = ["RESHAPE", "SQUEEZE"]

  private mutating func readOptions(
    _ table: FlatTable, of name: String, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> TFLiteOptions {
    let count = min(table.fieldCount, Limit.options)
    try spend(Limit.table + count, at: table.offset)
    var options = TFLiteOptions()
    for field in 0..<count { options.fields.append(try table.widestBits(field, bytes)) }
    if Self.operatorsWithList.contains(name) {
      options.list = try ints(table, 0, "options of \(name)", bytes)
    }
    return options
  }

  // MARK: Lists

  private mutating func tables(
    _ table: FlatTable, _ field: Int, _ name: String, _ bytes: Span<UInt8>,
    _ read: (inout Self, FlatTable) throws(MalformedFile) -> Void
  ) throws(MalformedFile) {
    guard let vector = try table.vector(field, width: 4, name, bytes) else { return }
    for index in 0..<vector.count {
      let element = try vector.table(index, name, bytes)
      try spend(Limit.table, at: element.offset)
      try read(&self, element)
    }
  }

  private mutating func ints(
    _ table: FlatTable, _ field: Int, _ name: String, _ bytes: Span<UInt8>, limit: Int = .max
  ) throws(MalformedFile) -> [Int]? {
    guard let vector = try table.vector(field, width: 4, name, bytes) else { return nil }
    guard vector.count <= limit else {
      throw MalformedFile(at: vector.start, .tooMany("elements in '\(name)'", limit: limit))
    }
    try spend(vector.count, at: vector.start)
    return (0..<vector.count).map { Int(Int32(truncatingIfNeeded: vector.bits($0, bytes))) }
  }

  /// Empty when left out. What is no UTF-8 is repaired: names serve people only.
  private mutating func text(
    _ table: FlatTable, _ field: Int, _ name: String, _ bytes: Span<UInt8>
  ) throws(MalformedFile) -> String {
    guard let vector = try table.vector(field, width: 1, name, bytes), vector.count > 0 else {
      return ""
    }
    try spend(vector.count / 16, at: vector.start)
    if let text = utf8Text(bytes, vector.range) { return text }
    return String(decoding: vector.range.map { bytes[$0] }, as: UTF8.self)
  }
}
