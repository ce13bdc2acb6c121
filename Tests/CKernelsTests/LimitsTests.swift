import CKernels
import Testing

@Suite struct LimitsTests {
  private static let sets: [bf_isa] = [
    BF_ISA_PORTABLE, BF_ISA_NEON, BF_ISA_NEON_DOT, BF_ISA_AVX2, BF_ISA_AVX2_VNNI, BF_ISA_AVX512,
    BF_ISA_AVX512_VNNI, BF_ISA_AVX512_BF16,
  ]

  @Test func `operations grow with the repeats, and what a host lacks is zero`() {
    for kind in [BF_PEAK_F32, BF_PEAK_F64, BF_PEAK_BF16, BF_PEAK_F16, BF_PEAK_INT8] {
      for set in Self.sets {
        let once = bf_peak(kind, set, 1)
        #expect(bf_peak(kind, set, 5) == 5 * once)
        if !bf_isa_has(set) { #expect(once == 0) }
      }
    }
    #expect(bf_peak(BF_PEAK_F32, bf_isa_best(), 1) > 0)
  }

  @Test(arguments: [false, true])
  func `streams do what they are named after`(bypass: Bool) {
    let count = 1024
    let bytes = count * 4
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 3 * bytes, alignment: 64)
    defer { unsafe memory.deallocate() }
    let floats = unsafe memory.bindMemory(to: Float.self, capacity: 3 * count)
    let aligned = unsafe [floats, floats + count, floats + 2 * count]
    for i in 0..<count {
      unsafe aligned[0][i] = -1
      unsafe aligned[1][i] = Float(i)
      unsafe aligned[2][i] = Float(2 * i)
    }
    #expect(unsafe bf_stream_run(BF_STREAM_READ, bypass, bytes, aligned[0], nil, nil, 3) == 12288)
    #expect(unsafe aligned[0][7] == -1)
    #expect(unsafe bf_stream_run(BF_STREAM_WRITE, bypass, bytes, aligned[0], nil, nil, 1) == 4096)
    #expect(unsafe aligned[0][0] == aligned[0][count - 1] && aligned[0][0] > 0)
    #expect(
      unsafe bf_stream_run(BF_STREAM_COPY, bypass, bytes, aligned[0], aligned[1], nil, 1) == 8192)
    #expect((0..<count).allSatisfy { unsafe aligned[0][$0] == Float($0) })
    #expect(
      unsafe bf_stream_run(BF_STREAM_TRIAD, bypass, bytes, aligned[0], aligned[1], aligned[2], 1)
        == 12288)
    #expect((0..<count).allSatisfy { unsafe aligned[0][$0] == Float(7 * $0) })
  }

  @Test(arguments: [2, 3, 17, 1000])
  func `the chain visits every cell before it returns`(count: Int) {
    let stride = 64
    let buffer = UnsafeMutableRawPointer.allocate(byteCount: count * stride, alignment: 64)
    defer { unsafe buffer.deallocate() }
    unsafe bf_chase_prepare(buffer, count, stride, 42)
    let visited = (0..<count).map { unsafe bf_chase(buffer, 0, stride, $0) }
    #expect(Set(visited).count == count)
    #expect(unsafe bf_chase(buffer, 0, stride, count) == 0)
    #expect(unsafe bf_chase(buffer, visited[1], stride, count - 1) == 0)
  }

  @Test func `together, each thread does one share`() throws {
    let created = unsafe bf_pool_create(3, nil)
    let pool = unsafe try #require(created)
    defer { unsafe bf_pool_destroy(pool) }
    var seconds = -1.0
    let work = unsafe bf_peak_together(pool, BF_PEAK_F32, BF_ISA_PORTABLE, 10, &seconds)
    #expect(work == 3 * bf_peak(BF_PEAK_F32, BF_ISA_PORTABLE, 10))
    #expect(seconds >= 0)
    var times = [Double](repeating: -1, count: 20)
    unsafe bf_dispatch(pool, times.count, &times)
    #expect(times.allSatisfy { $0 >= 0 })
  }
}
