/* Runs every C test of the kernels, or those with the argument in their names, under each instruction set of
 * this host and several thread counts. */
#include "check.h"

int main(int count, char **arguments) {
  static const bf_isa sets[] = {BF_ISA_PORTABLE,  BF_ISA_NEON,   BF_ISA_NEON_DOT,    BF_ISA_AVX2,
                                BF_ISA_AVX2_VNNI, BF_ISA_AVX512, BF_ISA_AVX512_VNNI, BF_ISA_AVX512_BF16};
  size_t runs = 0, failed = 0, failures;
  for (size_t s = 0; s < sizeof sets / sizeof *sets; s++)
    for (size_t test = 0; test < check_count(); test++)
      for (size_t threads = 1; threads <= 3; threads++) {
        if ((count > 1 && !strstr(check_name(test), arguments[1])) ||
            !check_run(test, sets[s], threads, &failures))
          continue;
        runs++;
        if (failures == 0) continue;
        failed++;
        printf("FAILED: %s, %s, %zu threads: %zu\n", check_name(test), bf_isa_name(sets[s]), threads, failures);
      }
  printf("%zu runs, %zu failed\n", runs, failed);
  return failed != 0 || runs == 0;
}
