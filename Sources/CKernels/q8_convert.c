#include <math.h>

#include "q8_kernels.h"

/* Elements that a thread takes at a time. */
enum { PART = 32768, MOST_PARTS = 256 };

typedef struct q8_stream {
  const q8_kernels *kernels;
  size_t count, part;
  int op;
  const void *x, *y;
  const bf_affine *x_affine, *y_affine, *out_affine;
  const uint8_t *table;
  void *out;
  float low[MOST_PARTS], high[MOST_PARTS];
} q8_stream;

static size_t parts(q8_stream *s) {
  s->part = q8_max(PART, q8_round_up(q8_ceil(s->count, MOST_PARTS), 64));
  return q8_ceil(s->count, s->part);
}

static void quantize_part(void *context, size_t index, size_t thread) {
  (void)thread;
  const q8_stream *s = context;
  size_t first = index * s->part, count = q8_min(s->part, s->count - first);
  s->kernels->quantize(count, (const float *)s->x + first, s->out_affine, (uint8_t *)s->out + first);
}

void bf_quantize(bf_pool *pool, size_t count, const float *x, const bf_affine *affine, void *q) {
  q8_stream s = {.kernels = q8_current(), .count = count, .x = x, .out_affine = affine, .out = q};
  size_t n = parts(&s);
  bf_pool_run(pool, n, quantize_part, &s);
}

static void dequantize_part(void *context, size_t index, size_t thread) {
  (void)thread;
  const q8_stream *s = context;
  size_t first = index * s->part, count = q8_min(s->part, s->count - first);
  s->kernels->dequantize(count, (const uint8_t *)s->x + first, s->x_affine, (float *)s->out + first);
}

void bf_dequantize(bf_pool *pool, size_t count, const void *q, const bf_affine *affine, float *x) {
  q8_stream s = {.kernels = q8_current(), .count = count, .x = q, .x_affine = affine, .out = x};
  size_t n = parts(&s);
  bf_pool_run(pool, n, dequantize_part, &s);
}

static void range_part(void *context, size_t index, size_t thread) {
  (void)thread;
  q8_stream *s = context;
  size_t first = index * s->part, count = q8_min(s->part, s->count - first);
  s->kernels->range(count, (const float *)s->x + first, &s->low[index], &s->high[index]);
}

void bf_dynamic_range(bf_pool *pool, size_t count, const float *x, float *scale, int32_t *zero_point) {
  q8_stream s = {.kernels = q8_current(), .count = count, .x = x};
  size_t n = parts(&s);
  bf_pool_run(pool, n, range_part, &s);
  float low = 0, high = 0;
  for (size_t i = 0; i < n; i++) {
    low = fminf(low, s.low[i]);
    high = fmaxf(high, s.high[i]);
  }
  *scale = low == high ? 1 : (high - low) / 255;
  *zero_point = (int32_t)rintf(fminf(fmaxf(-low / *scale, 0), 255));
}

static void binary_part(void *context, size_t index, size_t thread) {
  (void)thread;
  const q8_stream *s = context;
  size_t first = index * s->part, count = q8_min(s->part, s->count - first);
  s->kernels->binary(count, s->op, (const uint8_t *)s->x + first, s->x_affine, (const uint8_t *)s->y + first,
                     s->y_affine, s->out_affine, (uint8_t *)s->out + first);
}

void bf_q8_binary(bf_pool *pool, size_t count, int op, const void *x, const bf_affine *x_affine, const void *y,
                  const bf_affine *y_affine, const bf_affine *out_affine, void *out) {
  q8_stream s = {.kernels = q8_current(), .count = count, .op = op, .x = x, .y = y, .x_affine = x_affine,
                 .y_affine = y_affine, .out_affine = out_affine, .out = out};
  size_t n = parts(&s);
  bf_pool_run(pool, n, binary_part, &s);
}

static void table_part(void *context, size_t index, size_t thread) {
  (void)thread;
  const q8_stream *s = context;
  size_t first = index * s->part, count = q8_min(s->part, s->count - first);
  const uint8_t *x = (const uint8_t *)s->x + first;
  uint8_t *out = (uint8_t *)s->out + first;
  for (size_t i = 0; i < count; i++) out[i] = s->table[x[i]];
}

void bf_byte_table(bf_pool *pool, size_t count, const void *x, const uint8_t table[256], void *out) {
  q8_stream s = {.count = count, .x = x, .table = table, .out = out};
  size_t n = parts(&s);
  bf_pool_run(pool, n, table_part, &s);
}
