public import HardwareModel
import Quantities

/// The boards that are known.
public struct BoardListReport: Report {
  public var origin: Origin
  public var boards: [Board]
  public init(origin: Origin, boards: [Board]) {
    self.origin = origin
    self.boards = boards
  }

  public var records: [JSONObject] { boards.map(\.row) }
  public var json: JSONObject {
    origin.header("boards") + ["boards": JSONValue(objects: boards.map(\.record))]
  }

  public var document: Document {
    let table = Table(
      [
        .init("board"), .init("name", shrinksTo: 14), .init("units", shrinksTo: 16),
        .init("memory", shrinksTo: 14), .init("power modes", shrinksTo: 8, isOptional: true),
        .init("price", .trailing, isOptional: true),
      ],
      rows: boards.map { board in
        [
          Cell(board.id), Cell(board.name),
          Cell(board.units.map(\.name).joined(separator: ", ")),
          Cell(
            board.memories.map { "\($0.id) \($0.capacity.value)" }.joined(separator: ", ")),
          Cell(board.powerModes.map(\.id).joined(separator: ", ")),
          Cell(board.price?.value.description ?? ""),
        ]
      })
    return Document(
      title: "", sections: [Document.Section(counted(boards.count, "board"), [.table(table)])])
  }
}

/// Everything that is known of one board, number by number, with the reason to believe it.
public struct BoardFactsReport: Report {
  public var origin: Origin
  public var board: Board
  public var facts: [Fact]
  public init(origin: Origin, board: Board, facts: [Fact]) {
    self.origin = origin
    self.board = board
    self.facts = facts
  }

  public var records: [JSONObject] { facts.map(\.record) }
  public var json: JSONObject {
    origin.header("board") + board.record + ["facts": JSONValue(objects: records)]
  }

  public var document: Document {
    let units = Table(
      [.init("unit"), .init("name"), .init("kind"), .init("cores", .trailing), .init("runtimes")],
      rows: board.units.map { unit in
        [
          Cell(unit.id), Cell(unit.name), Cell(unit.kind.rawValue), Cell(String(unit.coreCount)),
          Cell(unit.runtimes.joined(separator: ", ")),
        ]
      })
    return Document(
      title: board.name,
      sections: [
        Document.Section("Units", [.table(units)]),
        Document.Section("Numbers and their sources", [.table(Fact.table(facts))]),
      ])
  }
}

extension Fact {
  var record: JSONObject {
    [
      "path": .string(path), "value": .string(value), "basis": .string(basis.rawValue),
      "source": .string(source),
    ]
  }

  static func table(_ facts: [Fact]) -> Table {
    Table(
      [
        .init("number", shrinksTo: 16), .init("value", .trailing), .init("basis"),
        .init("source", shrinksTo: 20),
      ],
      rows: facts.map {
        [Cell($0.path), Cell($0.value), $0.basis.cell, Cell($0.source)]
      })
  }
}

extension Basis {
  var cell: Cell {
    switch self {
    case .measured: Cell(rawValue, tone: .good)
    case .datasheet, .derived: Cell(rawValue)
    case .estimated: Cell(rawValue, tone: .poor)
    }
  }
}

extension Board {
  /// What a table can hold of ``record``: lists as the identifiers in them.
  fileprivate var row: JSONObject {
    func list(_ names: [String]) -> JSONValue { .string(names.joined(separator: " ")) }
    return [
      "board": .string(id), "name": .string(name),
      "priceUSDollars": JSONValue(price?.value.rawValue), "units": list(units.map(\.id)),
      "memories": list(memories.map(\.id)),
      "powerModes": list(powerModes.map(\.id)),
    ]
  }

  fileprivate var record: JSONObject {
    [
      "board": .string(id), "name": .string(name),
      "priceUSDollars": JSONValue(price?.value.rawValue),
      "units": JSONValue(
        objects: units.map {
          [
            "id": .string($0.id), "name": .string($0.name), "kind": .string($0.kind.rawValue),
            "cores": .integer($0.coreCount), "runtimes": JSONValue(strings: $0.runtimes),
          ]
        }),
      "memories": JSONValue(
        objects: memories.map {
          [
            "id": .string($0.id), "kind": .string($0.kind.rawValue),
            "capacityBytes": .integer($0.capacity.value.rawValue),
            "bandwidthBytesPerSecond": .number($0.bandwidth.value.rawValue),
          ]
        }),
      "powerModes": JSONValue(
        objects: powerModes.map {
          ["id": .string($0.id), "powerWatts": JSONValue($0.power?.value.rawValue)]
        }),
    ]
  }
}
