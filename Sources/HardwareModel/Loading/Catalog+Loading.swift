import Dispatch
import Synchronization

extension Catalog {
  /// Loads `boards/*.yaml` and `runtimes/*.yaml` of a directory.
  public static func load(from directory: String) throws(ProfileError) -> Catalog {
    try load(directories: [directory])
  }

  /// Loads several directories as one; a profile replaces that of its kind and name in an earlier
  /// directory, and may extend or name profiles of any.
  public static func load(directories: [String]) throws(ProfileError) -> Catalog {
    var files: [ProfileFile] = []
    for directory in directories { files += try ProfileFile.list(in: directory) }
    return try load(files)
  }

  /// Loads profiles from memory; a later file replaces an earlier one of its kind and name.
  public static func load(_ files: [ProfileFile]) throws(ProfileError) -> Catalog {
    let loader = CatalogLoader(files)
    if let first = loader.problems.first { throw first }
    return loader.catalog
  }

  /// What is wrong with the profiles of the directories: the first fault of each file, or where
  /// every file is sound by itself, the first fault of each between them. Measured costs of
  /// operators are looked at too.
  public static func problems(in directories: [String]) -> [ProfileError] {
    do {
      var files: [ProfileFile] = []
      for directory in directories { files += try ProfileFile.list(in: directory) }
      return CatalogLoader(files).problems + directories.flatMap(OperatorCosts.problems)
    } catch {
      return [error]
    }
  }
}

/// Reads files one by one, keeping the first fault of each.
private struct CatalogLoader {
  private(set) var catalog = Catalog(boards: [], runtimes: [])
  private(set) var problems: [ProfileError] = []

  init(_ files: [ProfileFile]) {
    var latest: [ProfileFile.Kind: [String: ProfileFile]] = [:]
    for file in files { latest[file.kind, default: [:]][file.id] = file }
    func sorted(_ kind: ProfileFile.Kind) -> [ProfileFile] {
      latest[kind, default: [:]].values.sorted { $0.id < $1.id }
    }

    let drafts = collect(
      inParallel(sorted(.board)) { file throws(ProfileError) in try BoardDraft(file) })
    let runtimes = collect(
      inParallel(sorted(.runtime)) { file throws(ProfileError) in try Runtime.placed(file) })
    guard problems.isEmpty else { return }

    let draftsByID = Dictionary(drafts.map { ($0.id, $0) }) { first, _ in first }
    let boards = collect(drafts) { draft throws(ProfileError) in
      Checked(draft: draft, board: try draft.merged(with: draftsByID).board())
    }
    guard problems.isEmpty else { return }

    let references = RuntimeReferences(runtimes)
    collect(runtimes) { runtime throws(ProfileError) in try references.check(runtime) }
    guard problems.isEmpty else { return }
    collect(boards) { checked throws(ProfileError) in
      try references.check(checked.board, units: checked.draft.units)
    }
    catalog = Catalog(boards: boards.map(\.board), runtimes: runtimes.map(\.value))
  }

  private struct Checked {
    let draft: BoardDraft
    let board: Board
  }

  private mutating func collect<Output>(_ results: [Result<Output, ProfileError>]) -> [Output] {
    collect(results) { result throws(ProfileError) in try result.get() }
  }

  @discardableResult
  private mutating func collect<Input, Output>(
    _ inputs: [Input], _ read: (Input) throws(ProfileError) -> Output
  ) -> [Output] {
    var outputs: [Output] = []
    for input in inputs {
      do { outputs.append(try read(input)) } catch { problems.append(error) }
    }
    return outputs
  }
}

/// Reads inputs on all cores; the results stand in the order of the inputs.
private func inParallel<Input: Sendable, Output: Sendable>(
  _ inputs: [Input], _ read: @Sendable (Input) throws(ProfileError) -> Output
) -> [Result<Output, ProfileError>] {
  let results = Mutex([Result<Output, ProfileError>?](repeating: nil, count: inputs.count))
  DispatchQueue.concurrentPerform(iterations: inputs.count) { index in
    let result = Result { () throws(ProfileError) in try read(inputs[index]) }
    results.withLock { $0[index] = result }
  }
  return results.withLock { $0.compactMap(\.self) }
}
