import Dispatch
import Platform
import Synchronization

/// Whether somebody pressed Ctrl-C. The first time lets the run in progress end; the second ends the
/// program, as it would have without us.
final class Interruption {
  private final class Flag: Sendable {
    let isSet = Atomic(false)
  }

  private let flag = Flag()
  private let source: any DispatchSourceSignal

  init() {
    _ = signal(SIGINT, SIG_IGN)
    source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
    source.setEventHandler { [flag] in
      if flag.isSet.exchange(true, ordering: .sequentiallyConsistent) {
        _ = signal(SIGINT, SIG_DFL)
        raise(SIGINT)
      }
      Console.error("boardfit: stopping after the run in progress; Ctrl-C again stops at once")
    }
    source.resume()
  }

  var isRequested: Bool { flag.isSet.load(ordering: .relaxed) }

  deinit {
    source.cancel()
    _ = signal(SIGINT, SIG_DFL)
  }
}
