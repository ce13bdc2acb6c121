#include "check.h"

static void softmax_rows_sum_to_one(bf_pool *pool) {
  check_random random = {21};
  static const size_t shapes[][3] = {{3, 1, 1},  {5, 7, 1},   {12, 128, 1}, {2, 1000, 1}, {1, 30011, 1}, {2, 16, 5},
                                     {2, 9, 64}, {1, 3, 133}, {3, 21, 17},  {4, 5, 1},    {1, 65, 3},    {700, 33, 1}};
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
    for (int logarithm = 0; logarithm < 2; logarithm++) {
      size_t outer = shapes[s][0], n = shapes[s][1], inner = shapes[s][2], count = outer * n * inner;
      float *x = check_alloc(count * 4), *y = check_alloc(count * 4), *expected = check_alloc(count * 4);
      for (size_t i = 0; i < count; i++) x[i] = random_float(&random) * (s % 2 ? 30 : 3);
      if (n > 3) x[2 * inner] = -INFINITY;
      bf_softmax(pool, outer, n, inner, logarithm != 0, x, y);
      for (size_t o = 0; o < outer; o++)
        for (size_t c = 0; c < inner; c++) {
          double most = -INFINITY, sum = 0, total = 0;
          for (size_t i = 0; i < n; i++) most = fmax(most, (double)x[(o * n + i) * inner + c]);
          for (size_t i = 0; i < n; i++) sum += exp((double)x[(o * n + i) * inner + c] - most);
          for (size_t i = 0; i < n; i++) {
            size_t at = (o * n + i) * inner + c;
            double log_y = (double)x[at] - most - log(sum);
            expected[at] = (float)(logarithm ? log_y : exp(log_y));
            total += (double)y[at];
            if (isinf(expected[at])) {
              CHECK(y[at] == expected[at], "log softmax of -inf: %g", (double)y[at]);
              y[at] = expected[at] = 0;
            }
          }
          if (!logarithm) CHECK(fabs(total - 1) < 1e-6, "softmax sums to %.9g", total);
        }
      double error = largest_error(y, expected, count, logarithm ? 1 : 1e-30);
      /* The difference to the maximum is rounded: up to 60 2^-24. */
      CHECK(error < 5e-6, "softmax %zu x %zu x %zu log %d: %g", outer, n, inner, logarithm, error);
      free(x);
      free(y);
      free(expected);
    }
}

static void softmax_keeps_what_is_no_number(bf_pool *pool) {
  float x[3][20], y[3][20];
  for (int i = 0; i < 20; i++) {
    x[0][i] = -INFINITY;
    x[1][i] = i == 4 ? NAN : 1;
    x[2][i] = i == 19 ? INFINITY : 1;
  }
  bf_softmax(pool, 3, 20, 1, false, x[0], y[0]);
  CHECK(isnan(y[0][0]) && isnan(y[1][0]) && isnan(y[1][19]) && isnan(y[2][19]), "rows without a softmax");
  bf_softmax(pool, 0, 20, 1, false, NULL, NULL);
  bf_softmax(pool, 2, 0, 3, false, NULL, NULL);
}

static void rows_are_normalized(bf_pool *pool) {
  check_random random = {22};
  static const size_t widths[] = {1, 2, 7, 16, 48, 65, 768, 1021, 20000};
  for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
    for (int kind = 0; kind < 16; kind++) {
      size_t width = widths[w], rows = width > 5000 ? 2 : 9, count = rows * width;
      bool rms = kind & 1, has_addend = kind & 2, has_scale = kind & 4, has_bias = kind & 8;
      float *x = check_alloc(count * 4), *addend = check_alloc(count * 4), *sum = check_alloc(count * 4);
      float *y = check_alloc(count * 4), *expected = check_alloc(count * 4), mean[9], inverse[9];
      float *scale = check_alloc(width * 4), *bias = check_alloc(width * 4);
      for (size_t i = 0; i < count; i++) x[i] = random_float(&random) + 5;
      random_fill(&random, addend, count);
      random_fill(&random, scale, width);
      random_fill(&random, bias, width);
      bool wants_sum = w % 2 == 0;
      bf_normalize_rows(pool, rows, width, rms, 1e-5f, x, has_addend ? addend : NULL, has_scale ? scale : NULL,
                        has_bias ? bias : NULL, wants_sum ? sum : NULL, y, mean, inverse);
      for (size_t r = 0; r < rows; r++) {
        double m = 0, v = 0;
        for (size_t i = 0; i < width; i++)
          m += (double)(has_addend ? x[r * width + i] + addend[r * width + i] : x[r * width + i]);
        m = rms ? 0 : m / (double)width;
        for (size_t i = 0; i < width; i++) {
          float total = has_addend ? x[r * width + i] + addend[r * width + i] : x[r * width + i];
          if (wants_sum) CHECK(sum[r * width + i] == total, "the sum with the addend");
          v += ((double)total - m) * ((double)total - m);
        }
        double factor = 1 / sqrt(v / (double)width + 1e-5);
        for (size_t i = 0; i < width; i++) {
          float total = has_addend ? x[r * width + i] + addend[r * width + i] : x[r * width + i];
          expected[r * width + i] = (float)(((double)total - m) * factor * (has_scale ? (double)scale[i] : 1) +
                                            (has_bias ? (double)bias[i] : 0));
        }
        CHECK(fabs((double)mean[r] - m) < 1e-5 && fabs((double)inverse[r] / factor - 1) < 1e-4, "row statistics");
      }
      /* A row of one or two close elements is ill-conditioned: its mean's rounding is all there is. */
      double error = largest_error(y, expected, count, 1);
      CHECK(error < (width < 3 ? 1e-3 : 1e-5), "normalize %zu kind %d: %g", width, kind, error);
      free(x); free(addend); free(sum); free(y); free(expected); free(scale); free(bias);
    }
}

static void groups_are_normalized(bf_pool *pool) {
  check_random random = {23};
  static const size_t shapes[][4] = {{2, 49, 32, 8}, {1, 100, 30, 30}, {1, 7, 320, 2}, {2, 33, 96, 96}, {1, 300, 5, 1},
                                     {1, 2, 200, 1}, {1, 64, 130, 13}, {3, 1, 12, 3}};
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
    size_t batch = shapes[s][0], pixels = shapes[s][1], channels = shapes[s][2], groups = shapes[s][3];
    size_t count = batch * pixels * channels, per = channels / groups;
    float *x = check_alloc(count * 4), *y = check_alloc(count * 4), *expected = check_alloc(count * 4);
    float *scale = check_alloc(channels * 4), *bias = check_alloc(channels * 4);
    for (size_t i = 0; i < count; i++) x[i] = random_float(&random) * 2 + 3;
    random_fill(&random, scale, channels);
    random_fill(&random, bias, channels);
    bf_normalize_groups(pool, batch, pixels, channels, groups, 1e-3f, x, scale, bias, y);
    for (size_t b = 0; b < batch; b++)
      for (size_t g = 0; g < groups; g++) {
        double m = 0, v = 0, n = (double)(pixels * per);
        for (size_t p = 0; p < pixels; p++)
          for (size_t c = g * per; c < (g + 1) * per; c++) m += (double)x[(b * pixels + p) * channels + c] / n;
        for (size_t p = 0; p < pixels; p++)
          for (size_t c = g * per; c < (g + 1) * per; c++) {
            double d = (double)x[(b * pixels + p) * channels + c] - m;
            v += d * d / n;
          }
        for (size_t p = 0; p < pixels; p++)
          for (size_t c = g * per; c < (g + 1) * per; c++) {
            size_t at = (b * pixels + p) * channels + c;
            expected[at] = (float)(((double)x[at] - m) / sqrt(v + 1e-3) * (double)scale[c] + (double)bias[c]);
          }
      }
    double error = largest_error(y, expected, count, 1);
    CHECK(error < 2e-5, "groups %zu of %zu channels, %zu pixels: %g", groups, channels, pixels, error);
    free(x); free(y); free(expected); free(scale); free(bias);
  }
}

static double reduced(bf_reduction kind, const float *x, size_t n, size_t step) {
  double sum = 0, magnitude = 0, square = 0, product = 1, most = -INFINITY, least = INFINITY, e = 0;
  bool is_number = true;
  for (size_t i = 0; i < n; i++) {
    double v = (double)x[i * step];
    is_number &= v == v;
    sum += v;
    magnitude += fabs(v);
    square += v * v;
    product *= v;
    if (v > most) most = v;
    if (v < least) least = v;
  }
  double shift = isinf(most) ? 0 : most;
  for (size_t i = 0; i < n; i++) e += exp((double)x[i * step] - shift);
  switch (kind) {
  case BF_REDUCE_SUM: return sum;
  case BF_REDUCE_MEAN: return sum / (double)n;
  case BF_REDUCE_MAX: return is_number ? most : (double)NAN;
  case BF_REDUCE_MIN: return is_number ? least : (double)NAN;
  case BF_REDUCE_PROD: return product;
  case BF_REDUCE_L1: return magnitude;
  case BF_REDUCE_L2: return sqrt(square);
  case BF_REDUCE_SUM_SQUARE: return square;
  case BF_REDUCE_LOG_SUM: return log(sum);
  case BF_REDUCE_LOG_SUM_EXP: return log(e) + shift;
  }
  return 0;
}

static void reductions_are_accurate(bf_pool *pool) {
  check_random random = {24};
  static const size_t shapes[][3] = {{4, 1, 1},    {3, 5, 1},  {9, 100, 1}, {1, 200001, 1}, {2, 70000, 1}, {2, 7, 3},
                                     {1, 5000, 3}, {3, 49, 64}, {2, 6, 133}, {1, 900, 17},   {2, 0, 1},     {3, 0, 5},
                                     {100, 4, 2},  {1, 3, 200}, {1, 20000, 1}, {5, 33, 1}};
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
    for (int kind = BF_REDUCE_SUM; kind <= BF_REDUCE_LOG_SUM_EXP; kind++) {
      size_t outer = shapes[s][0], n = shapes[s][1], inner = shapes[s][2], count = outer * n * inner;
      float *x = check_alloc(count * 4), *y = check_alloc(outer * inner * 4);
      for (size_t i = 0; i < count; i++)
        x[i] = kind == BF_REDUCE_PROD ? 1 + random_float(&random) / 16 : random_float(&random) + 1.5f;
      if (kind == BF_REDUCE_PROD && n > 300)
        for (size_t i = 0; i < count; i++) x[i] = i % 2 ? 2 : 0.5f;
      if (s % 3 == 2 && kind != BF_REDUCE_LOG_SUM && kind != BF_REDUCE_PROD && count) x[count / 2] = -1000;
      bf_reduce(pool, (bf_reduction)kind, outer, n, inner, x, y);
      for (size_t o = 0; o < outer; o++)
        for (size_t c = 0; c < inner; c++) {
          double exact = reduced((bf_reduction)kind, x + o * n * inner + c, n, inner);
          double value = (double)y[o * inner + c];
          bool is_close = isnan(exact) ? isnan(value) : isinf(exact) ? value == exact
                                                                     : fabs(value - exact) <= 2e-6 * (fabs(exact) + 0.1);
          CHECK(is_close, "reduction %d of %zu x %zu x %zu: %.9g, not %.9g", kind, outer, n, inner, value, exact);
        }
      free(x);
      free(y);
    }
}

static void extremes_keep_what_is_no_number(bf_pool *pool) {
  for (size_t at = 0; at < 40; at++) {
    float x[80], y[2];
    for (int i = 0; i < 80; i++) x[i] = (float)i;
    x[at] = NAN;
    bf_reduce(pool, BF_REDUCE_MAX, 1, 40, 1, x, y);
    CHECK(isnan(y[0]), "the maximum forgot element %zu", at);
    bf_reduce(pool, BF_REDUCE_MIN, 1, 40, 2, x, y);
    CHECK(isnan(y[at % 2]) && !isnan(y[1 - at % 2]), "the minimum forgot element %zu", at);
  }
}

static void the_extreme_is_found(bf_pool *pool) {
  check_random random = {25};
  for (int round = 0; round < 300; round++) {
    size_t outer = 1 + random_below(&random, 5), inner = round % 2 ? 1 : 1 + random_below(&random, 90);
    size_t n = 1 + random_below(&random, round % 7 == 0 ? 2000 : 60), count = outer * n * inner;
    bool greatest = random_below(&random, 2), last = random_below(&random, 2);
    float *x = check_alloc(count * 4);
    int64_t *y = check_alloc(outer * inner * 8);
    for (size_t i = 0; i < count; i++) x[i] = (float)random_below(&random, 12);
    if (round % 5 == 0) x[random_below(&random, count)] = NAN;
    bf_arg_reduce(pool, greatest, last, outer, n, inner, x, y);
    for (size_t o = 0; o < outer; o++)
      for (size_t c = 0; c < inner; c++) {
        const float *row = x + o * n * inner + c;
        size_t best = 0;
        for (size_t i = 1; i < n; i++) {
          float v = row[i * inner], b = row[best * inner];
          bool better = isnan(b) ? last && isnan(v)
                                 : isnan(v) || (greatest ? v > b : v < b) || (last && v == b);
          if (better) best = i;
        }
        CHECK(y[o * inner + c] == (int64_t)best, "arg %zu x %zu x %zu: %lld, not %zu", outer, n, inner,
              (long long)y[o * inner + c], best);
      }
    free(x);
    free(y);
  }
}

const bf_test rows_tests[] = {{"softmax rows sum to one", softmax_rows_sum_to_one},
                              {"softmax keeps what is no number", softmax_keeps_what_is_no_number},
                              {"rows are normalized", rows_are_normalized},
                              {"groups are normalized", groups_are_normalized},
                              {"reductions are accurate", reductions_are_accurate},
                              {"extremes keep what is no number", extremes_keep_what_is_no_number},
                              {"the extreme is found", the_extreme_is_found},
                              {NULL, NULL}};
