/// What a report says, before any format: titled sections of pairs, tables and sentences. Texts
/// are raw; each renderer neutralizes and escapes what it writes.
public struct Document: Sendable, Hashable {
  public var title: String
  public var sections: [Section]
  public init(title: String, sections: [Section]) {
    self.title = title
    self.sections = sections
  }

  public struct Section: Sendable, Hashable {
    /// Empty for the opening section.
    public var title: String
    public var blocks: [Block]
    /// Whether a reader in a hurry may skip it; Markdown folds it away.
    public var isDetail: Bool
    public init(_ title: String, isDetail: Bool = false, _ blocks: [Block]) {
      self.title = title
      self.blocks = blocks
      self.isDetail = isDetail
    }
  }

  public enum Block: Sendable, Hashable {
    case pairs([Pair])
    case table(Table)
    /// Sentences, one a line.
    case notes([String])
    case paragraph(Cell)
  }

  public struct Pair: Sendable, Hashable {
    public var key: String
    public var value: Cell
    public init(_ key: String, _ value: Cell) {
      self.key = key
      self.value = value
    }
    public init(_ key: String, _ value: String) { self.init(key, Cell(value)) }
  }
}

/// A text and how good the news is.
public struct Cell: Sendable, Hashable {
  public enum Tone: Sendable, Hashable, CaseIterable {
    case plain, good, fair, poor, bad
    /// Present, but not what to look at first.
    case muted
  }
  public var text: String
  public var tone: Tone
  public init(_ text: String, tone: Tone = .plain) {
    self.text = text
    self.tone = tone
  }
}

public enum Alignment: Sendable, Hashable {
  case leading
  /// For numbers, so that digits of equal weight stand below each other.
  case trailing
}

public struct Table: Sendable, Hashable {
  public struct Column: Sendable, Hashable {
    public var title: String
    public var alignment: Alignment
    /// The columns of a terminal below which a name is not shortened; `nil` for what must stay
    /// whole: numbers and verdicts.
    public var shrinksTo: Int?
    /// Whether a narrow terminal may leave it out; the last such goes first.
    public var isOptional: Bool
    public init(
      _ title: String, _ alignment: Alignment = .leading, shrinksTo: Int? = nil,
      isOptional: Bool = false
    ) {
      self.title = title
      self.alignment = alignment
      self.shrinksTo = shrinksTo
      self.isOptional = isOptional
    }
  }
  public var columns: [Column]
  /// Each row has one cell a column.
  public private(set) var rows: [[Cell]]

  public init(_ columns: [Column], rows: [[Cell]] = []) {
    self.columns = columns
    self.rows = []
    for row in rows { append(row) }
  }

  /// Adds a row; missing cells are empty, surplus ones are dropped.
  public mutating func append(_ row: [Cell]) {
    let missing = max(0, columns.count - row.count)
    rows.append(Array(row.prefix(columns.count)) + Array(repeating: Cell(""), count: missing))
  }

  /// The table without the columns in which no row has a text.
  public var withoutEmptyColumns: Table {
    let kept = columns.indices.filter { index in
      rows.isEmpty || rows.contains { !$0[index].text.isEmpty }
    }
    return Table(kept.map { columns[$0] }, rows: rows.map { row in kept.map { row[$0] } })
  }
}
