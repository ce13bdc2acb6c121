import TensorTypes

/// The rules between boards and runtimes.
struct RuntimeReferences {
  private let runtimes: [Runtime.ID: Runtime]

  init(_ runtimes: [Placed<Runtime>]) {
    self.runtimes = Dictionary(runtimes.map { ($0.value.id, $0.value) }) { first, _ in first }
  }

  /// A runtime's fallback exists, and falling back ends.
  func check(_ runtime: Placed<Runtime>) throws(ProfileError) {
    let place = runtime.node.child("fallback").place
    var visited = [runtime.value.id]
    var next = runtime.value.fallback
    while let id = next {
      guard let fallback = runtimes[id] else {
        guard visited.count == 1 else { return }
        throw place.error(.unknownReference(found: id, to: "runtime", known: known))
      }
      let round = visited + [id]
      guard !visited.contains(id) else {
        throw place.error(
          .invariant("runtimes fall back in a circle: \(round.joined(separator: " → "))"))
      }
      visited = round
      next = fallback.fallback
    }
  }

  /// The runtimes of `units`, which are those of the board's own file, have kernels for them, and
  /// their fallbacks have kernels for the host.
  func check(_ board: Board, units: [Placed<ComputeUnit>]) throws(ProfileError) {
    guard let host = board.units.first else { return }
    for unit in units {
      for (index, id) in unit.value.runtimes.enumerated() {
        let place = unit.node.child("runtimes").child(index).place
        guard let runtime = runtimes[id] else {
          throw place.error(.unknownReference(found: id, to: "runtime", known: known))
        }
        try check(runtime, drives: unit.value, at: place)
        var next = runtime.fallback
        while let fallbackID = next, let fallback = runtimes[fallbackID] {
          try check(fallback, drives: host, at: place)
          next = fallback.fallback
        }
      }
    }
  }

  private func check(
    _ runtime: Runtime, drives unit: ComputeUnit, at place: ProfilePlace
  ) throws(ProfileError) {
    guard let kernels = runtime.kernels[unit.kind] else {
      throw place.error(
        .invariant("runtime '\(runtime.id)' has no kernels for \(unit.kind.rawValue)"))
    }
    for cluster in unit.clusters {
      guard !kernels.computes.contains(where: { cluster.peakRates[$0] != nil }) else { continue }
      let computed = kernels.computes.map(\.rawValue).joined(separator: ", ")
      throw place.error(
        .invariant(
          "runtime '\(runtime.id)' computes in \(computed), for which '\(cluster.name)' has no rate"
        ))
    }
  }

  private var known: [Runtime.ID] { runtimes.keys.sorted() }
}
