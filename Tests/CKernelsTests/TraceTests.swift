import CKernels
import Testing

@Suite struct TraceTests {
  @Test func `a worker has one span for each job that it took part in, while it is asked for`() {
    guard let pool = unsafe bf_pool_create(3, nil) else {
      Issue.record("threads cannot be started")
      return
    }
    defer { unsafe bf_pool_destroy(pool) }
    // Each part of such a job waits for the others, so that each thread takes one.
    func run(_ jobs: Int) {
      var seconds = [Double](repeating: 0, count: jobs)
      unsafe bf_dispatch(pool, jobs, &seconds)
    }
    func spans(_ worker: Int) -> [(begin: UInt64, end: UInt64)] {
      var count = 0
      let first = unsafe bf_trace_spans(pool, worker, &count)
      return unsafe UnsafeBufferPointer(start: first, count: count).map { ($0.begin, $0.end) }
    }
    run(2)
    #expect(spans(1).isEmpty && spans(2).isEmpty)

    #expect(unsafe bf_trace_start(pool, 8))
    run(5)
    for worker in 1...2 {
      let taken = spans(worker)
      #expect(taken.count == 5)
      #expect(taken.allSatisfy { $0.begin <= $0.end && $0.begin > 0 })
      #expect(zip(taken, taken.dropFirst()).allSatisfy { $0.end <= $1.begin })
    }
    #expect(spans(0).isEmpty && spans(3).isEmpty)

    // What there is no room for is left out.
    #expect(unsafe bf_trace_start(pool, 8))
    run(20)
    #expect(spans(1).count == 8)

    unsafe bf_trace_stop(pool)
    run(1)
    #expect(spans(2).count == 8)
  }

  @Test func `a pool of one thread has no workers`() {
    var count = 1
    let isStarted = bf_trace_start(nil, 4)
    #expect(isStarted)
    let spans = unsafe bf_trace_spans(nil, 1, &count)
    #expect(unsafe spans == nil)
    #expect(count == 0)
    bf_trace_stop(nil)
  }
}
