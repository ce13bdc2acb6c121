import CKernels
import Testing

@Suite struct HeaderTests {
  @Test func `the kernel headers form one module`() {
    #expect(BF_CHAIN_RANK >= 5)
  }
}
