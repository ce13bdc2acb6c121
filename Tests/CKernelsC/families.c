#include "check.h"

extern const bf_test pool_tests[], vector_math_tests[], contraction_tests[], movement_tests[], rows_tests[],
    elementwise_tests[], attention_tests[], spatial_tests[], recurrent_tests[], quantized_tests[],
    digest_tests[], fixed_point_tests[];
static const bf_test *const families[] = {
    pool_tests,        vector_math_tests, contraction_tests, movement_tests,  rows_tests,
    elementwise_tests, attention_tests,   spatial_tests,     recurrent_tests, quantized_tests,
    digest_tests,      fixed_point_tests};

size_t check_failures;

static const bf_test *find(size_t index) {
  for (size_t f = 0; f < sizeof families / sizeof *families; f++)
    for (const bf_test *test = families[f]; test->name; test++)
      if (index-- == 0) return test;
  return NULL;
}

size_t check_count(void) {
  size_t count = 0;
  while (find(count)) count++;
  return count;
}

const char *check_name(size_t index) { return find(index)->name; }

bool check_run(size_t index, bf_isa isa, size_t threads, size_t *failures) {
  *failures = 0;
  if (!bf_isa_choose(isa)) return false;
  bf_pool *pool = bf_pool_create(threads, NULL);
  check_failures = 0;
  if (pool) find(index)->run(pool);
  *failures = pool ? check_failures : 1;
  bf_pool_destroy(pool);
  bf_isa_choose(bf_isa_best());
  return true;
}
