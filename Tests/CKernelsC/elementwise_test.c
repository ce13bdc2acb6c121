#include "check.h"

static double power(double x, double y) { return (double)powf((float)x, (float)y); }

static double applied(const bf_chain_step *s, double x, double y, double z) {
  switch (s->function) {
  case BF_ADD: return x + y;
  case BF_SUB: return x - y;
  case BF_MUL: return x * y;
  case BF_DIV: return x / y;
  case BF_MIN: return isnan(x) || isnan(y) ? (double)NAN : fmin(x, y);
  case BF_MAX: return isnan(x) || isnan(y) ? (double)NAN : fmax(x, y);
  case BF_POW: return power(x, y);
  case BF_PRELU: return x < 0 ? x * y : x;
  case BF_EQUAL: return x == y;
  case BF_LESS: return x < y;
  case BF_LESS_EQUAL: return x <= y;
  case BF_AND: return x != 0 && y != 0;
  case BF_OR: return x != 0 || y != 0;
  case BF_XOR: return (x != 0) != (y != 0);
  case BF_FMOD: return fmod(x, y);
  case BF_UNARY_ACTIVATION: return (double)bf_activate(s->activation, s->a, s->b, (float)x);
  case BF_ABS: return fabs(x);
  case BF_NEG: return -x;
  case BF_SQRT: return sqrt(x);
  case BF_RSQRT: return 1 / sqrt(x);
  case BF_RECIPROCAL: return 1 / x;
  case BF_EXP: return exp(x);
  case BF_LOG: return log(x);
  case BF_ERF: return erf(x);
  case BF_SIN: return sin(x);
  case BF_COS: return cos(x);
  case BF_FLOOR: return floor(x);
  case BF_CEIL: return ceil(x);
  case BF_ROUND: return nearbyint(x);
  case BF_SIGN: return isnan(x) ? x : (x > 0) - (x < 0);
  case BF_NOT: return x == 0;
  case BF_SQUARE: return x * x;
  case BF_AFFINE: return (double)s->a * x + (double)s->b;
  case BF_POW_CONSTANT: return power(x, (double)s->a);
  case BF_SELECT: return x != 0 ? y : z;
  case BF_MUL_ADD: return x * y + z;
  }
  return 0;
}

static bool agree(float value, double exact, double tolerance) {
  if (fabs(exact) > 3.4028236e38) exact = exact < 0 ? -INFINITY : INFINITY;
  if (isnan(exact)) return isnan(value);
  if (isinf(exact)) return (double)value == exact;
  return fabs((double)value - exact) <= tolerance * fabs(exact) + 1e-35;
}

static void functions_follow_libm(bf_pool *pool) {
  check_random random = {31};
  static const float special[] = {0, -0.0f, 1, -1, 0.5f, -0.5f, 1.5f, 2.5f, -2.5f, INFINITY, -INFINITY, NAN, 1e30f,
                                  -1e30f, 8388609, 3e9f, -7, 3, 1e-40f, 100.5f, -88, 89, 1e6f, 123456.7f};
  enum { N = 3000, SPECIAL = sizeof special / sizeof *special };
  float *x = check_alloc(N * 4), *y = check_alloc(N * 4), *z = check_alloc(N * 4), *r = check_alloc(N * 4);
  for (int f = BF_ADD; f <= BF_MUL_ADD; f++)
    for (int a = 0; a < (f == BF_UNARY_ACTIVATION ? BF_MISH + 1 : f == BF_POW_CONSTANT ? 6 : 1); a++) {
      static const float powers[] = {2, 0.5f, 3, -1, 1.7f, 0};
      bf_chain_step step = {.function = (bf_function)f, .activation = (bf_activation)a, .x = 0, .y = 1, .z = 2,
                            .result = 3, .a = f == BF_POW_CONSTANT ? powers[a] : 0.25f, .b = 0.75f};
      bf_chain chain = {.rank = 1, .extent = {N}, .input_count = 3, .output_count = 1, .step_count = 1,
                        .input = {{BF_F32, 0, {1}}, {BF_F32, 1, {1}}, {BF_F32, 2, {1}}},
                        .output = {{BF_F32, 3, {1}}}, .step = {step}};
      for (size_t i = 0; i < N; i++) {
        float scale = ldexpf(1, (int)random_below(&random, 12) - 6);
        x[i] = i < SPECIAL * SPECIAL ? special[i / SPECIAL] : random_float(&random) * scale;
        y[i] = i < SPECIAL * SPECIAL ? special[i % SPECIAL] : random_float(&random) * scale;
        z[i] = random_float(&random);
        if (f >= BF_EQUAL && f <= BF_XOR && i % 3 == 0) x[i] = y[i];
        if (f == BF_SELECT) x[i] = (float)(random_bits(&random) & 1);
      }
      const void *inputs[] = {x, y, z};
      void *outputs[] = {r};
      bf_chain_run(pool, &chain, inputs, outputs);
      double tolerance = 1.2e-6;
      for (size_t i = 0; i < N; i++) {
        double exact = applied(&step, (double)x[i], (double)y[i], (double)z[i]);
        /* Sums that cancel are rounded to the size of their terms; so are angles near the zeros. */
        double slack = f == BF_MUL_ADD || f == BF_AFFINE ? 4e-7 : 0;
        if (f == BF_SIN || f == BF_COS) slack = 1.2e-7;
        if (f == BF_UNARY_ACTIVATION && (a == BF_GELU_TANH || a == BF_HARD_SWISH || a == BF_HARD_SIGMOID)) slack = 3e-7;
        CHECK(agree(r[i], exact, tolerance) || fabs((double)r[i] - exact) <= slack,
              "function %d/%d of %g, %g, %g: %.9g, not %.9g", f, a, (double)x[i], (double)y[i], (double)z[i],
              (double)r[i], exact);
      }
    }
  free(x);
  free(y);
  free(z);
  free(r);
}

/* Random chains of exact functions over random broadcasts, against a loop over the elements. */
static void chains_broadcast(bf_pool *pool) {
  check_random random = {32};
  static const bf_function functions[] = {BF_ADD, BF_SUB, BF_MUL, BF_MIN, BF_MAX, BF_ABS, BF_NEG, BF_SELECT, BF_LESS};
  for (int round = 0; round < 400; round++) {
    bf_chain chain = {.rank = random_below(&random, 5), .input_count = 1 + random_below(&random, 4),
                      .output_count = 1 + random_below(&random, 2), .step_count = 1 + random_below(&random, 6)};
    size_t count = 1;
    for (size_t d = 0; d < chain.rank; d++) {
      chain.extent[d] = round % 9 == 0 && d + 1 == chain.rank ? 500 + random_below(&random, 900)
                                                              : 1 + random_below(&random, 12);
      if (round % 40 == 7) chain.extent[d] = 0;
      count *= chain.extent[d];
    }
    void *operand[BF_CHAIN_OPERANDS + 2];
    for (size_t p = 0; p < chain.input_count + chain.output_count; p++) {
      bool is_input = p < chain.input_count;
      bf_chain_operand *o = is_input ? &chain.input[p] : &chain.output[p - chain.input_count];
      o->type = (bf_element)(random_below(&random, 3) ? BF_F32 : random_below(&random, 4));
      o->reg = (uint8_t)(is_input ? p : random_below(&random, chain.input_count));
      ptrdiff_t reach = 1;
      for (size_t d = chain.rank; d-- > 0;) {
        o->stride[d] = reach;
        if (is_input && random_below(&random, 4) == 0)
          o->stride[d] = 0;
        else
          reach *= (ptrdiff_t)chain.extent[d];
        if (p == 0 && round % 5 == 1) reach += 2;
      }
      size_t size = o->type == BF_BOOL ? 1 : o->type == BF_I64 ? 8 : 4, bytes = (size_t)reach * size;
      operand[p] = check_alloc(bytes);
      for (size_t i = 0; i < (size_t)reach; i++) {
        int64_t value = (int64_t)random_below(&random, 9) - 4;
        switch (o->type) {
        case BF_F32: ((float *)operand[p])[i] = (float)value / 2; break;
        case BF_BOOL: ((uint8_t *)operand[p])[i] = (uint8_t)(value & 1); break;
        case BF_I32: ((int32_t *)operand[p])[i] = (int32_t)value; break;
        case BF_I64: ((int64_t *)operand[p])[i] = value; break;
        }
      }
    }
    for (size_t s = 0; s < chain.step_count; s++) {
      bf_chain_step *step = &chain.step[s];
      step->function = functions[random_below(&random, 9)];
      step->x = (uint8_t)random_below(&random, chain.input_count);
      step->y = (uint8_t)random_below(&random, chain.input_count);
      step->z = (uint8_t)random_below(&random, chain.input_count);
      step->result = (uint8_t)random_below(&random, chain.input_count);
    }
    bf_chain_run(pool, &chain, (const void *const *)operand, operand + chain.input_count);
    for (size_t i = 0; i < count; i++) {
      double reg[BF_CHAIN_REGISTERS] = {0};
      for (size_t p = 0; p < chain.input_count + chain.output_count; p++) {
        bool is_input = p < chain.input_count;
        bf_chain_operand *o = is_input ? &chain.input[p] : &chain.output[p - chain.input_count];
        size_t rest = i;
        ptrdiff_t at = 0;
        for (size_t d = chain.rank; d-- > 0; rest /= chain.extent[d])
          at += (ptrdiff_t)(rest % chain.extent[d]) * o->stride[d];
        double value = o->type == BF_F32    ? (double)((float *)operand[p])[at]
                       : o->type == BF_BOOL ? ((uint8_t *)operand[p])[at]
                       : o->type == BF_I32  ? ((int32_t *)operand[p])[at]
                                            : (double)((int64_t *)operand[p])[at];
        if (p == chain.input_count)
          for (size_t s = 0; s < chain.step_count; s++) {
            const bf_chain_step *step = &chain.step[s];
            reg[step->result] = applied(step, reg[step->x], reg[step->y], reg[step->z]);
          }
        if (is_input) {
          reg[o->reg] = value;
          continue;
        }
        double expected = o->type == BF_F32 ? reg[o->reg] : o->type == BF_BOOL ? reg[o->reg] != 0 : trunc(reg[o->reg]);
        CHECK(value == expected, "chain %d, element %zu: %g, not %g", round, i, value, expected);
      }
    }
    for (size_t p = 0; p < chain.input_count + chain.output_count; p++) free(operand[p]);
  }
}

static void chains_run_in_place(bf_pool *pool) {
  for (size_t n = 1; n < 2000; n = n * 3 + 1) {
    float *x = check_alloc(n * 4);
    for (size_t i = 0; i < n; i++) x[i] = (float)i;
    bf_chain chain = {.rank = 1, .extent = {n}, .input_count = 1, .output_count = 1, .step_count = 2,
                      .input = {{BF_F32, 0, {1}}}, .output = {{BF_F32, 1, {1}}},
                      .step = {{.function = BF_AFFINE, .result = 1, .a = 2, .b = 1},
                               {.function = BF_ADD, .result = 1, .x = 0, .y = 1}}};
    const void *inputs[] = {x};
    void *outputs[] = {x};
    bf_chain_run(pool, &chain, inputs, outputs);
    for (size_t i = 0; i < n; i++) CHECK(x[i] == (float)(3 * i + 1), "in place, element %zu of %zu", i, n);
    free(x);
  }
}

static void integers_saturate(bf_pool *pool) {
  float x[] = {1.9f, -1.9f, 3e9f, -3e9f, NAN, INFINITY, -INFINITY, 1e19f};
  int32_t narrow[8];
  int64_t wide[8];
  bf_chain chain = {.rank = 1, .extent = {8}, .input_count = 1, .output_count = 2, .input = {{BF_F32, 0, {1}}},
                    .output = {{BF_I32, 0, {1}}, {BF_I64, 0, {1}}}};
  const void *inputs[] = {x};
  void *outputs[] = {narrow, wide};
  bf_chain_run(pool, &chain, inputs, outputs);
  static const int32_t expected[] = {1, -1, INT32_MAX, INT32_MIN, 0, INT32_MAX, INT32_MIN, INT32_MAX};
  static const int64_t expected_wide[] = {1, -1, 3000000000, -3000000000, 0, INT64_MAX, INT64_MIN, INT64_MAX};
  CHECK(memcmp(narrow, expected, sizeof narrow) == 0, "32-bit integers");
  CHECK(memcmp(wide, expected_wide, sizeof wide) == 0, "64-bit integers");
}

const bf_test elementwise_tests[] = {{"functions follow libm", functions_follow_libm},
                                     {"chains broadcast", chains_broadcast},
                                     {"chains run in place", chains_run_in_place},
                                     {"integers saturate", integers_saturate},
                                     {NULL, NULL}};
