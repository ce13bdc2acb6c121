/// Every board and runtime that was loaded, in the order of their identifiers.
public struct Catalog: Sendable {
  public let boards: [Board]
  public let runtimes: [Runtime]
  public init(boards: [Board], runtimes: [Runtime]) {
    self.boards = boards
    self.runtimes = runtimes
  }
  public func board(_ id: Board.ID) -> Board? { boards.first { $0.id == id } }
  public func runtime(_ id: Runtime.ID) -> Runtime? { runtimes.first { $0.id == id } }
}
