/* Comparison and seeded numbers for the C tests of the kernels. A family's test is one file with
 * `const bf_test <family>_tests[]`, ended by {NULL, NULL}, listed in families.c. `swift test` runs them
 * through CKernelsTests, Scripts/test-kernels by themselves. */
#ifndef BF_CHECK_H
#define BF_CHECK_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boardfit_kernels.h"

typedef struct bf_test {
  const char *name;
  void (*run)(bf_pool *pool); /* called for each instruction set and thread count */
} bf_test;

extern size_t check_failures;

/* All families' tests. */
size_t check_count(void);
const char *check_name(size_t index);
/* The failures of one under an instruction set; false where this host does not have it. */
bool check_run(size_t index, bf_isa isa, size_t threads, size_t *failures);

/* Notes a failure with printf's arguments; the first few of a test are printed. */
#define CHECK(condition, ...)                                                                                \
  do {                                                                                                       \
    if (!(condition) && ++check_failures <= 20) {                                                            \
      printf("%s:%d: [%s] ", __FILE__, __LINE__, bf_isa_name(bf_isa_current()));                             \
      printf(__VA_ARGS__);                                                                                   \
      printf("\n");                                                                                          \
    }                                                                                                        \
  } while (0)

/* Reproducible, well-mixed: SplitMix64. */
typedef struct check_random {
  uint64_t state;
} check_random;
static inline uint64_t random_bits(check_random *random) {
  uint64_t z = random->state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}
static inline size_t random_below(check_random *random, size_t bound) { return (size_t)(random_bits(random) % bound); }
/* -1 ..< 1 */
static inline float random_float(check_random *random) {
  return (float)((double)(random_bits(random) >> 11) * 0x1p-52 - 1.0);
}
static inline void random_fill(check_random *random, float *x, size_t count) {
  for (size_t i = 0; i < count; i++) x[i] = random_float(random);
}

/* Exactly `bytes` after the alignment, so that a sanitizer sees every step beyond. */
static inline void *check_alloc(size_t bytes) {
  void *p = NULL;
  if (posix_memalign(&p, 64, bytes ? bytes : 1) != 0) abort();
  return p;
}

/* An activation in double precision, with its limits. */
static inline double check_activation(bf_activation f, double a, double b, double x) {
  switch (f) {
  case BF_IDENTITY: return x;
  case BF_RELU: return x < 0 ? 0 : x;
  case BF_CLAMP: return x < a ? a : x > b ? b : x;
  case BF_LEAKY_RELU: return x < 0 ? a * x : x;
  case BF_SIGMOID: return 1 / (1 + exp(-x));
  case BF_TANH: return tanh(x);
  case BF_SILU: return a * x == (double)-INFINITY ? 0 : x / (1 + exp(-a * x));
  case BF_HARD_SIGMOID: return fmin(fmax(a * x + b, 0), 1) + (x != x ? x : 0);
  case BF_HARD_SWISH: return x <= -3 ? 0 : x >= 3 ? x : x * (x / 6 + 0.5);
  case BF_GELU_ERF: return x == (double)-INFINITY ? 0 : x * 0.5 * erfc(-x * sqrt(0.5));
  case BF_GELU_TANH:
    if (isinf(x)) return x < 0 ? 0 : x;
    return x / (1 + exp(-2 * sqrt(2 / acos(-1)) * (x + 0.044715 * x * x * x)));
  case BF_ELU: return x < 0 ? a * expm1(x) : x;
  case BF_SOFTPLUS: return x > 30 ? x : log1p(exp(x));
  case BF_MISH: return x == (double)-INFINITY ? 0 : x > 30 ? x : x * tanh(log1p(exp(x)));
  }
  return x;
}

/* bf_fixed_scale's definition step by step: a doubling high product whose nudge is cut toward zero, then a
 * division by a power of two, halves away from zero. */
static inline int32_t check_fixed_point(int32_t x, int32_t multiplier, int32_t shift) {
  int64_t left = shift > 0 ? shift : 0, right = shift > 0 ? 0 : -shift;
  int64_t product = (int64_t)(int32_t)((uint32_t)x << left) * multiplier;
  int64_t high = (product + (product >= 0 ? 1 << 30 : 1 - (1 << 30))) / (1LL << 31);
  double quotient = (double)high / (double)(1LL << right);
  return (int32_t)(quotient < 0 ? -floor(-quotient + 0.5) : floor(quotient + 0.5));
}

/* The same with a zero point, within what the byte holds. */
static inline int32_t check_fixed_byte(int32_t x, int32_t multiplier, int32_t shift, const bf_affine *affine) {
  int64_t low = affine->type == BF_U8 ? 0 : -128;
  int64_t q = (int64_t)check_fixed_point(x, multiplier, shift) + affine->zero_point;
  return (int32_t)(q < low ? low : q > low + 255 ? low + 255 : q);
}

/* The largest |x - y| / (|y| + floor). */
static inline double largest_error(const float *x, const float *y, size_t count, double floor) {
  double largest = 0;
  for (size_t i = 0; i < count; i++) {
    double error = fabs((double)x[i] - (double)y[i]) / (fabs((double)y[i]) + floor);
    if (!(error <= largest)) largest = error;
  }
  return largest;
}

#endif
