/// Every board and runtime that was loaded, in the order of their identifiers.
///
/// A catalogue from `load` holds what a cost model may rely on:
/// * identifiers are unique, and every identifier in a profile names something;
/// * each unit of a board has at least one runtime, and each of those has kernels for the unit's
///   kind in a dtype that all of the unit's clusters have a rate for;
/// * the fallbacks of those runtimes have such kernels for the board's host, and end;
/// * every number is finite, has its sign and states a source.
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
