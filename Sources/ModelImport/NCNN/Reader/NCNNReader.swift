/// Reads the text form of an ncnn parameter file. Every count is checked against what follows.
struct NCNNReader {
  enum Limit {
    static let layers = 1_000_000
    /// Names of blobs in one line.
    static let names = 65_536
    static let listElements = 65_536
    /// Longer texts in messages would hide the message.
    static let quoted = 60
  }

  static let version = "7767517"
  private var line = 0
  private var offset = 0

  static func model(in bytes: Span<UInt8>) throws(MalformedLine) -> NCNNModel {
    var reader = NCNNReader()
    return try reader.read(bytes)
  }

  private mutating func read(_ bytes: Span<UInt8>) throws(MalformedLine) -> NCNNModel {
    let first = try nextFields(bytes) ?? []
    guard first.count == 1, first[0] == Self.version else {
      throw error(.wrongVersion(quoted(first.first ?? "")))
    }
    guard let counts = try nextFields(bytes), counts.count == 2 else {
      throw error(.missingCounts)
    }
    let layerCount = try count(counts[0], "layers", limit: Limit.layers)
    let blobCount = try count(counts[1], "blobs", limit: Limit.layers * 4)
    var model = NCNNModel()
    var blobs = 0
    while let fields = try nextFields(bytes) {
      guard !fields.isEmpty else { continue }
      guard model.layers.count < layerCount else {
        model.ignoredLineCount += 1
        continue
      }
      let layer = try layer(fields)
      blobs += layer.outputs.count
      model.layers.append(layer)
    }
    guard model.layers.count == layerCount else {
      throw error(.tooFewLayers(stated: layerCount, found: model.layers.count))
    }
    guard blobs == blobCount else {
      throw MalformedLine(line: 2, .blobCount(stated: blobCount, found: blobs))
    }
    return model
  }

  /// The fields of the next line; `nil` at the end of the file.
  private mutating func nextFields(_ bytes: Span<UInt8>) throws(MalformedLine) -> [Substring]? {
    guard offset < bytes.count else { return nil }
    line += 1
    var end = offset
    while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
    guard let text = utf8Text(bytes, offset..<end) else { throw error(.notText) }
    offset = end + 1
    return text.split { $0 == " " || $0 == "\t" || $0 == "\r" }
  }

  private func layer(_ fields: [Substring]) throws(MalformedLine) -> NCNNLayer {
    guard fields.count >= 4 else {
      throw error(.missingField("a layer's type, name and counts of inputs and outputs"))
    }
    let inputCount = try count(fields[2], "inputs", limit: Limit.names)
    let outputCount = try count(fields[3], "outputs", limit: Limit.names)
    guard fields.count >= 4 + inputCount + outputCount else {
      throw error(.tooManyNames(stated: inputCount + outputCount, what: "inputs and outputs"))
    }
    let names = fields[4...].map { String($0) }
    var parameters = NCNNParameters()
    for field in fields[(4 + inputCount + outputCount)...] {
      let (id, content) = try parameter(field)
      guard parameters.set(id, content) else { throw error(.duplicateParameter(id)) }
    }
    return NCNNLayer(
      type: String(fields[0]), name: String(fields[1]), inputs: Array(names.prefix(inputCount)),
      outputs: Array(names[inputCount..<inputCount + outputCount]), parameters: parameters,
      line: line)
  }

  private func parameter(
    _ field: Substring
  ) throws(MalformedLine) -> (id: Int, NCNNParameters.Content) {
    guard let equals = field.firstIndex(of: "="), let key = Int(field[..<equals]) else {
      throw error(.unreadableParameter(quoted(field)))
    }
    let value = field[field.index(after: equals)...]
    let isList = key <= NCNNParameters.listBase
    let id = isList ? NCNNParameters.listBase - key : key
    guard (0..<NCNNParameters.limit).contains(id) else {
      throw error(.unreadableParameter(quoted(field)))
    }
    guard isList else {
      if let first = value.first, first == "\"" || first.isLetter, Double(value) == nil {
        return (id, .text)
      }
      return (id, .number(try number(value)))
    }
    let parts = value.split(separator: ",", omittingEmptySubsequences: false)
    let stated = try count(parts[0], "elements", limit: Limit.listElements)
    guard parts.count - 1 == stated else {
      throw error(.listLength(stated: stated, found: parts.count - 1))
    }
    var numbers: [NCNNParameters.Number] = []
    for part in parts.dropFirst() { numbers.append(try number(part)) }
    return (id, .list(numbers))
  }

  private func number(_ text: Substring) throws(MalformedLine) -> NCNNParameters.Number {
    if let value = Int(text), Int32(exactly: value) != nil { return .int(value) }
    guard let value = Double(text), value.isFinite, Int(text) == nil,
      value.magnitude <= Double(Float.greatestFiniteMagnitude)
    else { throw error(.unusableNumber(quoted(text))) }
    return .real(value)
  }

  private func count(
    _ text: Substring, _ what: String, limit: Int
  ) throws(MalformedLine) -> Int {
    guard let value = Int(text), (0...limit).contains(value) else {
      throw error(.unusableCount(quoted(text), what: what, limit: limit))
    }
    return value
  }

  private func quoted(_ text: Substring) -> String { String(text.prefix(Limit.quoted)) }

  private func error(_ reason: MalformedLine.Reason) -> MalformedLine {
    MalformedLine(line: max(line, 1), reason)
  }
}
