#include <string.h>

#include "q8_kernels.h"

/* Bounds of what a part keeps on its stack. */
enum { PART_ROWS = 16, PART_PANELS = 8, PART_DIGITS = 16384, LEAST_SEGMENT = 16, MOST_SEGMENT = 256 };

typedef struct block_header {
  uint32_t has_zero_points;
  uint8_t unused[60];
} block_header;

/* A panel of columns is blocks along k: weights, then a scale and a zero point for each column. */
typedef struct block_layout {
  size_t width, panels, blocks, weight_bytes, block_bytes;
} block_layout;

static block_layout layout_of(const bf_block_quantized *shape, bool has_zero_points) {
  block_layout l = {.width = q8_current()->block_panel};
  l.panels = q8_ceil(shape->n, l.width);
  l.blocks = q8_ceil(shape->k, shape->block_size);
  l.weight_bytes = l.width * shape->block_size * (size_t)shape->bits / 8;
  l.block_bytes = q8_round_up(l.weight_bytes + l.width * (has_zero_points ? 5 : 4), 16);
  return l;
}

size_t bf_block_packed_bytes(const bf_block_quantized *shape) {
  block_layout l = layout_of(shape, true);
  return sizeof(block_header) + l.panels * l.blocks * l.block_bytes;
}

static uint8_t weight_of(const uint8_t *block, size_t k, int bits) {
  return bits == 8 ? block[k] : (block[k / 2] >> (k % 2 * 4)) & 15;
}

void bf_block_pack(const bf_block_quantized *shape, const uint8_t *b, const float *scales,
                   const uint8_t *zero_points, void *packed) {
  block_layout l = layout_of(shape, zero_points != NULL);
  const size_t size = shape->block_size, source_bytes = size * (size_t)shape->bits / 8;
  const size_t zero_bytes = (l.blocks * (size_t)shape->bits + 7) / 8;
  const uint8_t flip = shape->bits == 8 && q8_current()->native_is_signed ? 0x80 : 0;
  *(block_header *)packed = (block_header){.has_zero_points = zero_points != NULL};
  uint8_t *to = (uint8_t *)packed + sizeof(block_header);
  memset(to, 0, l.panels * l.blocks * l.block_bytes);
  for (size_t n = 0; n < shape->n; n++)
    for (size_t block = 0; block < l.blocks; block++) {
      size_t column = n % l.width;
      uint8_t *start = to + (n / l.width * l.blocks + block) * l.block_bytes;
      const uint8_t *from = b + (n * l.blocks + block) * source_bytes;
      for (size_t k = 0; k < size; k++) {
        uint8_t w = weight_of(from, k, shape->bits);
        if (shape->bits == 8)
          start[(k / 4 * l.width + column) * 4 + k % 4] = w ^ flip;
        else
          start[(k / 8 * l.width + column) * 4 + k % 4] |= (uint8_t)(w << (k / 4 % 2 * 4));
      }
      memcpy(start + l.weight_bytes + column * 4, scales + n * l.blocks + block, 4);
      if (zero_points)
        start[l.weight_bytes + l.width * 4 + column] =
            weight_of(zero_points + n * zero_bytes, block, shape->bits);
    }
}

typedef struct block_job {
  const q8_kernels *kernels;
  const bf_block_quantized *shape;
  block_layout layout;
  bool has_zero_points;
  size_t m, segment, part_rows, part_panels, panel_parts;
  const float *a;
  ptrdiff_t a_stride, c_stride;
  const uint8_t *panels;
  float *c;
  const bf_epilogue *epilogue;
} block_job;

static void put_row(const block_job *j, size_t row, size_t column, size_t count, float *x) {
  const bf_epilogue *e = j->epilogue;
  if (e) {
    if (e->bias)
      for (size_t i = 0; i < count; i++) x[i] += e->bias[column + i];
    j->kernels->activate(e->activation, e->a, e->b, count, x);
    if (e->residual) {
      const float *residual = e->residual + (ptrdiff_t)row * e->residual_stride + column;
      for (size_t i = 0; i < count; i++) x[i] += residual[i];
      j->kernels->activate(e->residual_activation, e->residual_a, e->residual_b, count, x);
    }
  }
  memcpy(j->c + (ptrdiff_t)row * j->c_stride + column, x, count * sizeof *x);
}

static void run_part(void *context, size_t index, size_t thread) {
  (void)thread;
  const block_job *j = context;
  const block_layout *l = &j->layout;
  _Alignas(64) int8_t digits[3 * PART_DIGITS];
  _Alignas(64) float sums[PART_PANELS][PART_ROWS * Q8_MAX_PANEL];
  float scales[PART_DIGITS / LEAST_SEGMENT];
  int32_t digit_sums[PART_DIGITS / LEAST_SEGMENT * 3], starts[PART_DIGITS / LEAST_SEGMENT * 3];
  /* Signed kernels take 128 from all bytes, and the zero points, where none are given, from sums at once. */
  const int32_t bias = j->kernels->native_is_signed && j->shape->bits == 8 ? 128 : 0;
  const int32_t start = j->has_zero_points ? bias : bias - (1 << (j->shape->bits - 1));
  size_t first_row = index / j->panel_parts * j->part_rows, rows = q8_min(j->part_rows, j->m - first_row);
  size_t first_panel = index % j->panel_parts * j->part_panels;
  size_t panels = q8_min(j->part_panels, l->panels - first_panel);
  size_t segments_per_block = j->shape->block_size / j->segment, segments = l->blocks * segments_per_block;
  size_t most = q8_max(PART_DIGITS / rows / j->segment, 1);
  memset(sums, 0, panels * sizeof *sums);
  for (size_t first = 0; first < segments; first += most) {
    size_t count = q8_min(most, segments - first);
    for (size_t r = 0; r < rows; r++)
      for (size_t s = 0; s < count; s++) {
        size_t k = (first + s) * j->segment, at = r * count + s;
        size_t length = k < j->shape->k ? q8_min(j->segment, j->shape->k - k) : 0;
        const float *x = j->a + (ptrdiff_t)(first_row + r) * j->a_stride + (length ? k : 0);
        scales[at] = j->kernels->split_digits(length, x, j->segment, digits + 3 * j->segment * at,
                                             digit_sums + 3 * at);
        for (size_t d = 0; d < 3; d++) starts[3 * at + d] = start * digit_sums[3 * at + d];
      }
    q8_block_panel p = {.rows = rows,
                        .row_stride = 3 * j->segment * count,
                        .digits = digits,
                        .scales = scales,
                        .digit_sums = digit_sums,
                        .starts = starts,
                        .segments = count,
                        .segment = j->segment,
                        .segments_per_block = segments_per_block,
                        .first_segment = first % segments_per_block,
                        .bits = j->shape->bits,
                        .block_bytes = l->block_bytes,
                        .weight_bytes = l->weight_bytes,
                        .has_zero_points = j->has_zero_points};
    for (size_t i = 0; i < panels; i++) {
      p.packed = j->panels + ((first_panel + i) * l->blocks + first / segments_per_block) * l->block_bytes;
      p.sums = sums[i];
      j->kernels->block(&p);
    }
  }
  for (size_t i = 0; i < panels; i++) {
    size_t column = (first_panel + i) * l->width;
    for (size_t r = 0; r < rows; r++)
      put_row(j, first_row + r, column, q8_min(l->width, j->shape->n - column), sums[i] + r * l->width);
  }
}

void bf_block_gemm(bf_pool *pool, const bf_block_quantized *shape, size_t m, const float *a, ptrdiff_t a_stride,
                   const void *packed, float *c, ptrdiff_t c_stride, const bf_epilogue *epilogue) {
  bool has_zero_points = ((const block_header *)packed)->has_zero_points != 0;
  block_job j = {.kernels = q8_current(), .shape = shape, .layout = layout_of(shape, has_zero_points),
                 .has_zero_points = has_zero_points, .m = m, .segment = q8_min(shape->block_size, MOST_SEGMENT),
                 .a = a, .a_stride = a_stride, .c_stride = c_stride,
                 .panels = (const uint8_t *)packed + sizeof(block_header), .c = c, .epilogue = epilogue};
  if (m == 0 || shape->n == 0) return;
  size_t threads = bf_pool_threads(pool);
  j.part_rows = q8_min(m, PART_ROWS);
  size_t row_parts = q8_ceil(m, j.part_rows);
  size_t parts = q8_max(q8_ceil(threads > 1 ? 4 * threads : 1, row_parts), 1);
  j.part_panels = q8_max(q8_min(j.layout.panels / parts, PART_PANELS), 1);
  j.panel_parts = q8_ceil(j.layout.panels, j.part_panels);
  bf_pool_run(pool, row_parts * j.panel_parts, run_part, &j);
}
