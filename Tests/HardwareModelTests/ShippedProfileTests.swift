import HardwareModel
import Testing

/// The profiles of `HardwareProfiles`, whose absence is a failure.
@Suite struct ShippedProfileTests {
  private static let directory: String = {
    let parts = #filePath.split(separator: "/").dropLast(3)
    return "/" + parts.joined(separator: "/") + "/HardwareProfiles"
  }()

  @Test func `every shipped profile is sound`() throws {
    let problems = Catalog.problems(in: [Self.directory]).map(\.description)
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
    let catalog = try Catalog.load(from: Self.directory)
    #expect(catalog.boards.count >= 12)
    #expect(catalog.runtimes.count >= 10)
  }

  @Test func `the facts of every profile have different paths and a source worth reading`() throws {
    let catalog = try Catalog.load(from: Self.directory)
    for board in catalog.boards {
      let facts = board.facts
      #expect(Set(facts.map(\.path)).count == facts.count, "\(board.id)")
      for fact in facts { #expect(fact.source.count > 3, "\(board.id) \(fact.path)") }
    }
    for runtime in catalog.runtimes {
      for kind in runtime.kernels.keys {
        let facts = runtime.facts(for: kind)
        #expect(Set(facts.map(\.path)).count == facts.count, "\(runtime.id)")
        for fact in facts { #expect(fact.source.count > 3, "\(runtime.id) \(fact.path)") }
      }
    }
  }

  @Test func `every runtime is used by a board or by another runtime`() throws {
    let catalog = try Catalog.load(from: Self.directory)
    let used = Set(catalog.boards.flatMap(\.units).flatMap(\.runtimes))
      .union(catalog.runtimes.compactMap(\.fallback))
      // What the profiles of probed hosts name.
      .union(["boardfit"])
    #expect(catalog.runtimes.map(\.id).filter { !used.contains($0) } == [])
  }
}
