#include "check.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef void (*apply)(bf_activation activation, float a, float b, const float *x, float *y);

/* Each instruction set's build of the vector functions, over 16 numbers. 100 and above are functions that
 * are no activations. */
enum { EXP = 100, EXPM1, LOG, ERF };
apply apply_portable(void);
apply apply_neon(void);
apply apply_avx2(void);
apply apply_avx512(void);

static double reference(int f, double a, double b, double x) {
  switch (f) {
  case EXP: return exp(x);
  case EXPM1: return expm1(x);
  case LOG: return log(x);
  case ERF: return erf(x);
  default: return check_activation((bf_activation)f, a, b, x);
  }
}

static void functions_are_accurate(bf_pool *pool) {
  if (bf_pool_threads(pool) != 1) return;
  apply run = apply_portable();
  switch (bf_isa_current()) {
  case BF_ISA_NEON: case BF_ISA_NEON_DOT: run = apply_neon(); break;
  case BF_ISA_AVX2: case BF_ISA_AVX2_VNNI: run = apply_avx2(); break;
  case BF_ISA_AVX512: case BF_ISA_AVX512_VNNI: case BF_ISA_AVX512_BF16: run = apply_avx512(); break;
  case BF_ISA_PORTABLE: break;
  }
  check_random random = {7};
  static const int functions[] = {BF_IDENTITY, BF_RELU, BF_CLAMP, BF_LEAKY_RELU, BF_SIGMOID, BF_TANH, BF_SILU,
                                  BF_SILU, BF_SILU, BF_HARD_SIGMOID, BF_HARD_SWISH, BF_GELU_ERF, BF_GELU_TANH, BF_ELU,
                                  BF_SOFTPLUS, BF_MISH, EXP, EXPM1, LOG, ERF};
  static const float slopes[] = {1.0f, 0.1f, -1.5f};
  size_t silus = 0;
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    int f = functions[i];
    float a = f == BF_CLAMP ? -0.5f : f == BF_SILU ? slopes[silus++] : 0.2f, b = 0.5f;
    /* What rounding of an argument does far out is no fault of the function. */
    bool is_rounded = f == BF_GELU_TANH || (f == BF_SILU && a != 1);
    double worst = 0, at = 0, floor = is_rounded ? 1e-3 : f == BF_MISH ? 1e-6 : 1e-30;
    for (int round = 0; round < 40000; round++) {
      float x[16], y[16];
      for (int j = 0; j < 16; j++) x[j] = random_float(&random) * ldexpf(1, (int)random_below(&random, 34) - 26);
      if (f == LOG)
        for (int j = 0; j < 16; j++) x[j] = ldexpf(fabsf(random_float(&random)), (int)random_below(&random, 270) - 140);
      if (round == 0) {
        const float special[16] = {0, -0.0f, INFINITY, -INFINITY, NAN, 88.8f, -88.8f, -104, 1e30f, -1e30f,
                                   1e-30f, -1e-30f, 20, -20, 1, -1};
        memcpy(x, special, sizeof x);
      }
      run((bf_activation)f, a, b, x, y);
      for (int j = 0; j < 16; j++) {
        double exact = reference(f, (double)a, (double)b, (double)x[j]);
        if (fabs(exact) > 3.4028236e38) exact = exact < 0 ? -INFINITY : INFINITY;
        if (isnan(exact) || isinf(exact)) {
          CHECK(isnan(exact) ? isnan(y[j]) : (double)y[j] == exact, "function %d of %g: %g, not %g", f,
                (double)x[j], (double)y[j], exact);
          continue;
        }
        double error = fabs((double)y[j] - exact) / (fabs(exact) + floor);
        if (f == BF_HARD_SIGMOID || f == BF_HARD_SWISH) error = fmin(error, fabs((double)y[j] - exact));
        if (!(error <= worst)) { worst = error; at = (double)x[j]; }
      }
    }
    CHECK(worst < 1e-6, "function %d: relative error %.3g at %.9g", f, worst, at);
    if (getenv("BF_VERBOSE")) printf("function %d: relative error %.3g at %.9g\n", f, worst, at);
  }
}

const bf_test vector_math_tests[] = {{"vector functions are accurate", functions_are_accurate}, {NULL, NULL}};
