import Platform

/// What tables of measurements call the models whose graphs have another name. One YAML file,
/// `HardwareProfiles/priors/models.yaml`.
public struct ModelNames: Sendable, Hashable {
  /// A graph and the names that mean it.
  public struct Entry: Sendable, Hashable {
    /// The graph's file without folder and ending.
    public let graph: String
    /// The file of the same network in 8 bits, where there is one.
    public let int8Graph: String?
    /// Further files that one run goes through: the head of a language model.
    public let parts: [String]
    /// Extents of named dimensions at which the tables measured it.
    public let dimensions: [String: Int]
    public init(
      graph: String, int8Graph: String? = nil, parts: [String] = [], dimensions: [String: Int] = [:]
    ) {
      self.graph = graph
      self.int8Graph = int8Graph
      self.parts = parts
      self.dimensions = dimensions
    }
  }

  private let entries: [String: Entry]
  /// Parts of names that say nothing about the graph.
  private let marks: [String]

  public init(_ names: [String: Entry] = [:], marks: [String] = []) {
    entries = Dictionary(
      names.map { (Self.loose($0.key), $0.value) }, uniquingKeysWith: { first, _ in first })
    self.marks = marks.map(Self.loose)
  }

  /// The entry of a model; `nil` when no entry has its name.
  public func entry(of model: String) -> Entry? {
    let name = Self.loose(model)
    return entries[name] ?? entries[unmarked(name)]
  }

  /// The name with equal spelling, without what says nothing about the graph.
  public func unmarked(_ model: String) -> String {
    marks.reduce(Self.loose(model)) { name, mark in name.replacing(mark, with: "") }
  }

  /// With spellings made equal: "MobileNet v1 SSD" is "mobilenet_v1_ssd".
  public static func loose(_ name: String) -> String {
    name.lowercased().replacing("-", with: "_").replacing(" ", with: "_")
  }
}

extension ModelNames {
  private enum Key: String, ProfileKey { case schema, marks, models }
  private enum EntryKey: String, ProfileKey { case graph, int8, parts, dimensions, names, note }

  /// Reads the table; no name means two graphs.
  public init(_ file: ProfileFile) throws(ProfileError) {
    let fields = try ProfileNode(file).fields(Key.self)
    try fields.required(.schema).requireSchema()
    var marks: [String] = []
    for node in try fields[.marks]?.elements() ?? [] { marks.append(try node.text()) }
    var names: [String: Entry] = [:]
    for node in try fields.required(.models).elements() {
      let model = try node.fields(EntryKey.self)
      var parts: [String] = []
      for node in try model[.parts]?.elements() ?? [] { parts.append(try node.text()) }
      var dimensions: [String: Int] = [:]
      for entry in try model[.dimensions]?.entries() ?? [] {
        dimensions[entry.key] = try entry.value.integer(in: 1...1_000_000)
      }
      let entry = Entry(
        graph: try model.required(.graph).text(), int8Graph: try model[.int8]?.text(),
        parts: parts, dimensions: dimensions)
      _ = try model[.note]?.text()
      for node in try model.required(.names).elements() {
        let name = Self.loose(try node.text())
        guard names.updateValue(entry, forKey: name) == nil else {
          throw node.error(.invariant("'\(name)' names two graphs"))
        }
      }
    }
    self.init(names, marks: marks)
  }
}
