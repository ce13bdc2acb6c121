/* Runs every C test of the kernels under each instruction set of this host and several thread counts. */
#include "check.h"

size_t check_failures;

extern const bf_test vector_math_tests[], movement_tests[], rows_tests[], elementwise_tests[], attention_tests[],
    spatial_tests[], recurrent_tests[];

int main(int count, char **arguments) {
  static const bf_test *const families[] = {vector_math_tests, movement_tests, rows_tests, elementwise_tests,
                                            attention_tests, spatial_tests, recurrent_tests};
  static const bf_isa sets[] = {BF_ISA_PORTABLE,  BF_ISA_NEON,   BF_ISA_NEON_DOT,    BF_ISA_AVX2,
                                BF_ISA_AVX2_VNNI, BF_ISA_AVX512, BF_ISA_AVX512_VNNI, BF_ISA_AVX512_BF16};
  size_t failures = 0, runs = 0;
  for (size_t s = 0; s < sizeof sets / sizeof *sets; s++) {
    if (!bf_isa_choose(sets[s])) continue;
    for (size_t threads = 1; threads <= 3; threads += 2) {
      bf_pool *pool = bf_pool_create(threads, NULL);
      for (size_t f = 0; f < sizeof families / sizeof *families; f++)
        for (const bf_test *test = families[f]; test->name; test++) {
          if (count > 1 && !strstr(test->name, arguments[1])) continue;
          check_failures = 0;
          test->run(pool);
          runs++;
          failures += check_failures != 0;
          if (check_failures)
            printf("FAILED %s, %s, %zu threads: %zu\n", test->name, bf_isa_name(sets[s]), threads,
                   check_failures);
        }
      bf_pool_destroy(pool);
    }
  }
  printf("%zu runs, %zu failed\n", runs, failures);
  return failures != 0 || runs == 0;
}
