import ModelIR
import TensorTypes

/// A value that stands in memory once a step has run.
struct Observation {
  enum Place {
    case stored(TensorView)
    /// Among the values whose extents only a run tells.
    case dynamic
  }

  let value: Value.ID
  let step: Int
  let place: Place
}

extension Lowering {
  /// Notes where the results of a group that was just lowered are found. They are looked at right
  /// after the step that wrote them last: later their memory may serve others.
  func noteResults(of group: KernelGroup) {
    for case let value? in graph[group.last].outputs {
      if isDynamicValue(value) {
        guard !steps.isEmpty else { continue }
        observations.append(Observation(value: value, step: steps.count - 1, place: .dynamic))
      } else if let view = views[value.index], view.elementCount > 0,
        let step = steps.lastIndex(where: { $0.writes.contains(view.storage) })
      {
        observations.append(Observation(value: value, step: step, place: .stored(view)))
      }
    }
  }
}
