public import CostModel
public import HardwareModel

/// Which deployments a user means.
public struct DeploymentRequest: Sendable, Hashable {
  /// Board names, each with what narrows it: `board`, `board/unit`, `board/unit/runtime`, and
  /// `@mode` at the end; empty is every board.
  public var boards: [String]
  /// Only this runtime, wherever a unit lists it.
  public var runtime: Runtime.ID?
  public var powerMode: PowerMode.ID?
  public var threads: Int?
  public var precision: Precision
  public init(
    boards: [String] = [], runtime: Runtime.ID? = nil, powerMode: PowerMode.ID? = nil,
    threads: Int? = nil, precision: Precision = .stored
  ) {
    self.boards = boards
    self.runtime = runtime
    self.powerMode = powerMode
    self.threads = threads
    self.precision = precision
  }
}

extension Catalog {
  /// The deployments of a request, in its order: every unit of a board, each with the runtime
  /// asked for or else its preferred one. A unit that a board has from the host it extends is tried
  /// on the host alone, when both are asked for.
  public func deployments(
    for request: DeploymentRequest
  ) throws(DeploymentError) -> [Deployment] {
    let specifications =
      request.boards.isEmpty ? boards.map(\.id) : request.boards.withoutRepeats
    let asked = Set(specifications.map { Specification($0).board })
    var deployments: [Deployment] = []
    for text in specifications {
      let specification = Specification(text)
      guard let board = board(specification.board) else {
        throw .unknownName(what: "board", name: specification.board, known: boards.map(\.id))
      }
      let before = deployments.count
      for unit in try units(of: board, specification) {
        if specification.unit == nil, isInherited(unit, by: board, among: asked) { continue }
        for runtime in try runtimes(for: unit, specification, request) {
          let mode = try mode(
            of: board, specification.mode, orElse: request.powerMode,
            isRequired: specifications.count == 1)
          let online = mode.units[unit.id]?.cores
          deployments.append(
            Deployment(
              board: board, unit: unit, runtime: runtime,
              fallback: runtime.fallback.flatMap { self.runtime($0) }, powerMode: mode,
              threads: try threads(on: unit, of: board, request.threads, online: online),
              precision: request.precision))
        }
      }
      if deployments.count == before, specifications.count == 1,
        let wanted = specification.runtime ?? request.runtime
      {
        throw .unknownName(
          what: "runtime on \(text)", name: wanted,
          known: board.units.flatMap(\.runtimes).sorted())
      }
    }
    return deployments
  }

  /// Whether a unit of a board is that of the board it extends, which is asked for as well.
  private func isInherited(
    _ unit: ComputeUnit, by board: Board, among asked: Set<Board.ID>
  ) -> Bool {
    guard let id = board.extends, let base = self.board(id), base.units.contains(unit) else {
      return false
    }
    return asked.contains(id) || isInherited(unit, by: base, among: asked)
  }

  /// "board/unit/runtime@mode", the last three optional.
  private struct Specification {
    let board: String
    let unit: String?
    let runtime: String?
    let mode: String?
    init(_ text: String) {
      let halves = text.split(separator: "@", maxSplits: 1).map(String.init)
      let parts = (halves.first ?? "").split(separator: "/", maxSplits: 2).map(String.init)
      board = parts.first ?? ""
      unit = parts.count > 1 ? parts[1] : nil
      runtime = parts.count > 2 ? parts[2] : nil
      mode = halves.count > 1 ? halves[1] : nil
    }
  }

  private func units(
    of board: Board, _ specification: Specification
  ) throws(DeploymentError) -> [ComputeUnit] {
    guard let id = specification.unit else { return board.units }
    guard let unit = board.unit(id) else {
      throw .unknownName(what: "unit of \(board.id)", name: id, known: board.units.map(\.id))
    }
    return [unit]
  }

  /// Empty where the unit does not list the runtime that was asked for; "all" asks for each.
  private func runtimes(
    for unit: ComputeUnit, _ specification: Specification, _ request: DeploymentRequest
  ) throws(DeploymentError) -> [Runtime] {
    guard let wanted = specification.runtime ?? request.runtime else {
      return unit.runtimes.prefix(1).compactMap { runtime($0) }
    }
    if wanted == "all" { return unit.runtimes.compactMap { runtime($0) } }
    guard let found = runtime(wanted) else {
      throw .unknownName(what: "runtime", name: wanted, known: runtimes.map(\.id) + ["all"])
    }
    return unit.runtimes.contains(wanted) ? [found] : []
  }

  /// The mode written with the board; else the one asked for, where the board has it or must;
  /// else the board's first.
  private func mode(
    of board: Board, _ own: String?, orElse asked: String?, isRequired: Bool
  ) throws(DeploymentError) -> PowerMode {
    if let id = own ?? asked {
      if let mode = board.powerModes.first(where: { $0.id == id }) { return mode }
      guard own == nil, !isRequired else {
        throw .unknownName(
          what: "power mode of \(board.id)", name: id, known: board.powerModes.map(\.id))
      }
    }
    guard let mode = board.powerModes.first else {
      throw .unknownName(what: "power mode of \(board.id)", name: "default", known: [])
    }
    return mode
  }

  /// The threads asked for, or those of the fastest cores that are online; 1 for an accelerator.
  private func threads(
    on unit: ComputeUnit, of board: Board, _ asked: Int?, online: Int?
  ) throws(DeploymentError) -> Int {
    guard unit.kind.hasThreads else { return 1 }
    let available = min(unit.coreCount, online ?? unit.coreCount)
    guard let asked else { return max(1, min(unit.clusters.first?.count ?? 1, available)) }
    guard (1...max(1, available)).contains(asked) else {
      throw .threadsOutOfRange(
        asked: asked, cores: available, unit: "\(board.id)/\(unit.id)")
    }
    return asked
  }
}

extension Array where Element: Hashable {
  /// Each element once, where it first stands.
  fileprivate var withoutRepeats: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
