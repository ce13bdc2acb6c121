import CKernelChecks
import CKernels
import Testing

/// The C tests of the kernels, which compare them with plain loops.
///
/// Serialized, because they note failures in one place.
@Suite(.serialized) struct KernelTests {
  struct Check: CustomTestStringConvertible, Sendable {
    var index: Int
    var name: String
    var testDescription: String { name }

    static var all: [Check] {
      (0..<check_count()).map { index in
        unsafe Check(index: Int(index), name: String(cString: check_name(index)))
      }
    }
  }

  static let instructionSets = [
    BF_ISA_PORTABLE, BF_ISA_NEON, BF_ISA_NEON_DOT, BF_ISA_AVX2, BF_ISA_AVX2_VNNI, BF_ISA_AVX512,
    BF_ISA_AVX512_VNNI, BF_ISA_AVX512_BF16,
  ]

  @Test(arguments: Check.all) func `kernels agree with plain loops`(_ check: Check) {
    var runs = 0
    for set in Self.instructionSets {
      for threads in 1...3 {
        var failures = 0
        guard unsafe check_run(check.index, set, threads, &failures) else { continue }
        #expect(failures == 0, "\(unsafe String(cString: bf_isa_name(set))), \(threads) threads")
        runs += 1
      }
    }
    #expect(runs >= 6, "this host has the portable kernels and one set of its own")
  }
}
