#include "check.h"

static void expect(bf_pool *pool, const bf_attention *s, const float *q, const float *k, const float *v,
                   const float *mask, float *output, size_t output_count, int number) {
  void *scratch = check_alloc(bf_f32_attention_scratch(s, bf_pool_threads(pool)));
  for (size_t i = 0; i < output_count; i++) output[i] = -77;
  bf_f32_attention(pool, s, q, k, v, mask, output, scratch);
  free(scratch);
  double *weight = check_alloc((s->key_length + 1) * sizeof *weight);
  size_t group = s->query_heads / s->key_value_heads;
  for (size_t b = 0; b < s->batch; b++)
    for (size_t h = 0; h < s->query_heads; h++)
      for (size_t i = 0; i < s->query_length; i++) {
#define ROW(operand, which, r)                                                                                \
  ((ptrdiff_t)b * s->operand.batch + (ptrdiff_t)(which) * s->operand.head + (ptrdiff_t)(r) * s->operand.row)
        double most = -INFINITY, sum = 0;
        for (size_t r = 0; r < s->key_length; r++) {
          double dot = 0;
          for (size_t e = 0; e < s->head_size; e++) {
            ptrdiff_t at = s->key_is_transposed ? ROW(key, h / group, e) + (ptrdiff_t)r
                                                : ROW(key, h / group, r) + (ptrdiff_t)e;
            dot += (double)q[ROW(query, h, i) + (ptrdiff_t)e] * (double)k[at];
          }
          dot *= (double)s->scale;
          if (s->softcap > 0) dot = (double)s->softcap * tanh(dot / (double)s->softcap);
          if (mask) dot += (double)mask[ROW(mask, h, i) + (ptrdiff_t)r];
          if (s->is_causal && r > i + s->causal_start) dot = -INFINITY;
          weight[r] = dot;
          if (dot > most) most = dot;
        }
        for (size_t r = 0; r < s->key_length; r++) sum += weight[r] = exp(weight[r] - most);
        for (size_t e = 0; e < s->value_size; e++) {
          double exact = 0;
          for (size_t r = 0; r < s->key_length; r++)
            exact += weight[r] / sum * (double)v[ROW(value, h / group, r) + (ptrdiff_t)e];
          double value = (double)output[ROW(output, h, i) + (ptrdiff_t)e];
          bool is_blind = most == -INFINITY;
          if (is_blind && s->blind_get_zero) exact = 0;
          CHECK(isnan(exact) ? isnan(value) : fabs(value - exact) < 4e-6,
                "attention %d: q %zu k %zu head %zu/%zu, row %zu: %.8g, not %.8g", number, s->query_length,
                s->key_length, s->head_size, s->value_size, i, value, exact);
        }
      }
  free(weight);
}

static void outputs_are_weighted_means(bf_pool *pool) {
  check_random random = {41};
  static const size_t sizes[] = {16, 24, 64, 40, 80, 128, 256, 5};
  for (int round = 0; round < 60; round++) {
    bf_attention s = {.batch = 1 + random_below(&random, 2), .key_value_heads = 1 + random_below(&random, 2)};
    s.query_heads = s.key_value_heads * (1 + random_below(&random, 3));
    s.head_size = sizes[random_below(&random, 8)];
    s.value_size = random_below(&random, 3) ? s.head_size : sizes[random_below(&random, 8)];
    s.key_length = 1 + random_below(&random, round % 6 == 0 ? 400 : 90);
    size_t kind = random_below(&random, 4);
    s.query_length = kind == 0 ? 1 : kind == 1 ? 1 + random_below(&random, 5) : 1 + random_below(&random, 160);
    s.scale = 1 / sqrtf((float)s.head_size);
    s.softcap = random_below(&random, 4) ? 0 : 0.5f;
    s.is_causal = random_below(&random, 3) == 0;
    s.causal_start = random_below(&random, 2) ? random_below(&random, 40)
                     : s.key_length > s.query_length ? s.key_length - s.query_length : 0;
    s.blind_get_zero = random_below(&random, 2);
    s.key_is_transposed = random_below(&random, 3) == 0;
    bool heads_last = random_below(&random, 2);
    size_t counts[4];
    bf_heads *operands[] = {&s.query, &s.key, &s.value, &s.output};
    for (int o = 0; o < 4; o++) {
      size_t heads = o == 0 || o == 3 ? s.query_heads : s.key_value_heads;
      size_t rows = o == 0 || o == 3 ? s.query_length : s.key_length, width = o < 2 ? s.head_size : s.value_size;
      if (o == 1 && s.key_is_transposed) {
        size_t swapped = rows;
        rows = width;
        width = swapped;
      }
      bool split = heads_last && !(o == 1 && s.key_is_transposed);
      operands[o]->row = (ptrdiff_t)(split ? heads * width : width);
      operands[o]->head = (ptrdiff_t)(split ? width : rows * width);
      operands[o]->batch = (ptrdiff_t)(heads * rows * width);
      counts[o] = s.batch * heads * rows * width;
    }
    float *buffer[4];
    for (int o = 0; o < 4; o++) {
      buffer[o] = check_alloc(counts[o] * 4);
      random_fill(&random, buffer[o], counts[o]);
    }
    for (size_t i = 0; i < counts[0]; i++) buffer[0][i] *= 4;
    float *mask = NULL;
    if (random_below(&random, 2)) {
      bool by_head = random_below(&random, 2), by_row = random_below(&random, 2);
      s.mask = (bf_heads){by_head ? (ptrdiff_t)(s.query_heads * s.query_length * s.key_length) : 0,
                          by_head ? (ptrdiff_t)(s.query_length * s.key_length) : 0,
                          by_row ? (ptrdiff_t)s.key_length : 0};
      size_t count = s.batch * s.query_heads * s.query_length * s.key_length;
      mask = check_alloc(count * 4);
      for (size_t i = 0; i < count; i++)
        mask[i] = random_below(&random, 5) ? random_float(&random) : random_below(&random, 2) ? -INFINITY : -30;
    }
    expect(pool, &s, buffer[0], buffer[1], buffer[2], mask, buffer[3], counts[3], round);
    for (int o = 0; o < 4; o++) free(buffer[o]);
    free(mask);
  }
}

static void no_keys_or_queries(bf_pool *pool) {
  bf_attention s = {.batch = 1, .query_heads = 2, .key_value_heads = 2, .query_length = 0, .key_length = 5,
                    .head_size = 16, .value_size = 16, .scale = 1};
  void *scratch = check_alloc(bf_f32_attention_scratch(&s, bf_pool_threads(pool)));
  bf_f32_attention(pool, &s, NULL, NULL, NULL, NULL, NULL, scratch);
  free(scratch);
}

const bf_test attention_tests[] = {{"outputs are weighted means", outputs_are_weighted_means},
                                   {"no keys or queries", no_keys_or_queries},
                                   {NULL, NULL}};
