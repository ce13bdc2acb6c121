import Dispatch
import Synchronization

extension Array where Element: Sendable {
  /// The results of `transform` in this array's order, computed on all cores; of several errors,
  /// that of the first element.
  func concurrentMap<Result: Sendable, Failed: Error>(
    _ transform: @Sendable (Element) throws(Failed) -> Result
  ) throws(Failed) -> [Result] {
    let outcomes = Mutex([Swift.Result<Result, Failed>?](repeating: nil, count: count))
    DispatchQueue.concurrentPerform(iterations: count) { index in
      let outcome: Swift.Result<Result, Failed>
      do throws(Failed) {
        outcome = .success(try transform(self[index]))
      } catch {
        outcome = .failure(error)
      }
      outcomes.withLock { $0[index] = outcome }
    }
    var results: [Result] = []
    for case let outcome? in outcomes.withLock({ $0 }) { results.append(try outcome.get()) }
    return results
  }
}
