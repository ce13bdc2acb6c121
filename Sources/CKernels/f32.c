#include "f32.h"

#include <float.h>
#include <math.h>

const f32_kernels *f32_current(void) {
  switch (bf_isa_current()) {
#if defined(__x86_64__)
  case BF_ISA_AVX2:
  case BF_ISA_AVX2_VNNI: return &f32_avx2;
  case BF_ISA_AVX512:
  case BF_ISA_AVX512_VNNI:
  case BF_ISA_AVX512_BF16: return &f32_avx512;
#elif defined(__aarch64__)
  case BF_ISA_NEON:
  case BF_ISA_NEON_DOT: return &f32_neon;
#endif
  default: return &f32_portable;
  }
}

/* The bounds that an activation is, if it is no more than that. */
static bool clamp_of(bf_activation activation, float a, float b, float *low, float *high) {
  *low = -INFINITY;
  *high = INFINITY;
  if (activation == BF_RELU) *low = 0;
  if (activation == BF_CLAMP) {
    *low = a;
    *high = b;
  }
  return activation == BF_IDENTITY || activation == BF_RELU || activation == BF_CLAMP;
}

f32_epilogue f32_prepare(const bf_epilogue *epilogue, float scale) {
  f32_epilogue e = {.scale = scale};
  if (epilogue) e.epilogue = *epilogue;
  const bf_epilogue *f = &e.epilogue;
  bool first = clamp_of(f->activation, f->a, f->b, &e.low, &e.high);
  bool second =
      clamp_of(f->residual_activation, f->residual_a, f->residual_b, &e.residual_low, &e.residual_high);
  e.is_plain = first && (second || !f->residual);
  if (!f->residual) {
    e.residual_low = -INFINITY;
    e.residual_high = INFINITY;
  }
  return e;
}

f32_target f32_target_at(const f32_epilogue *e, float *c, ptrdiff_t c_stride, size_t row, size_t column,
                         size_t columns) {
  const bf_epilogue *f = &e->epilogue;
  return (f32_target){
      .epilogue = e,
      .c = c,
      .c_stride = c_stride,
      .bias = f->bias ? f->bias + column : NULL,
      .residual = f->residual ? f->residual + (ptrdiff_t)row * f->residual_stride + column : NULL,
      .residual_stride = f->residual_stride,
      .columns = columns,
  };
}

size_t f32_packed_floats(const f32_kernels *kernels, size_t k, size_t n) {
  return k * f32_ceil(n, kernels->vector) * kernels->vector;
}

/* Bytes of a panel's part that stay in the second-level cache while the rows of a block pass by. */
enum { PANEL_BYTES = 256 << 10 };

void f32_run_panel(const f32_kernels *kernels, const f32_block *block, const float *b, ptrdiff_t b_stride,
                   size_t first_column, size_t columns) {
  float partial[F32_BLOCK_ROWS * F32_MAX_PANEL] __attribute__((aligned(64)));
  size_t vectors = f32_ceil(columns, kernels->vector), width = vectors * kernels->vector;
  size_t max_rows = kernels->max_rows[vectors - 1];
  size_t tiles = f32_ceil(block->row_count, max_rows);
  /* Part of k: some taps, or some of the numbers of one tap. */
  size_t limit = PANEL_BYTES / (width * sizeof(float));
  size_t taps_step = block->taps, k_step = block->k;
  if (tiles > 1 && block->taps * block->k > limit + limit / 2) {
    taps_step = f32_max(1, f32_min(block->taps, limit / f32_max(1, block->k)));
    if (block->k > limit + limit / 2) k_step = f32_ceil(block->k, f32_ceil(block->k, limit));
  }
  f32_tile t = {.row_step = block->row_step, .b_stride = b_stride};
  size_t tap = 0, i = 0;
  bool is_first = true;
  do {
    t.taps = f32_min(taps_step, block->taps - tap);
    t.k = f32_min(k_step, block->k - i);
    t.b = b + (ptrdiff_t)(tap * block->k + i) * b_stride;
    t.offset = block->offset + (ptrdiff_t)i;
    t.is_first = is_first;
    size_t next_tap = tap, next_i = i + t.k;
    if (next_i >= block->k) {
      next_i = 0;
      next_tap += t.taps;
    }
    t.is_last = next_tap >= block->taps;
    /* While a part is at work, the panel's next one comes nearer, a quarter with each tile; or, if all of the
     * panel is one part, the rows of the next tile. */
    const char *next_part = (const char *)(t.b + (ptrdiff_t)(t.taps * t.k) * b_stride);
    for (size_t tile = 0; tile < tiles; tile++) {
      size_t row = f32_part(block->row_count, tile, tiles), end = f32_part(block->row_count, tile + 1, tiles);
      t.rows = block->rows + tap * block->row_step + row;
      if (block->is_new && end < block->row_count && block->taps == 1) {
        t.ahead = (const char *)(t.rows[end - row] + t.offset);
        t.ahead_step = (ptrdiff_t)((end - row) * sizeof(float));
      } else {
        t.ahead = next_part + f32_min(tile, 3) * t.taps * t.k * 64;
        t.ahead_step = tile < 4 && tiles > 1 ? 64 : 0;
      }
      t.partial = partial + row * width;
      t.target = f32_target_at(block->epilogue, block->c + (ptrdiff_t)row * block->c_stride + first_column,
                               block->c_stride, block->row + row, first_column, columns);
      kernels->tile[vectors - 1][end - row - 1](&t);
    }
    tap = next_tap;
    i = next_i;
    is_first = false;
  } while (tap < block->taps);
}

void f32_run_block(const f32_kernels *kernels, const f32_block *block) {
  size_t panel = f32_panel_columns(kernels);
  f32_block part = *block;
  for (size_t p = block->first_panel; p < block->end_panel; p++) {
    size_t columns = f32_min(panel, block->n - p * panel);
    size_t width = f32_ceil(columns, kernels->vector) * kernels->vector;
    part.is_new = p == block->first_panel;
    f32_run_panel(kernels, &part, block->packed + p * panel * block->taps * block->k, (ptrdiff_t)width, p * panel,
                  columns);
  }
}

/* Multiplications that are worth handing to another thread, and parts of a job for each thread. */
enum { CHUNK_WORK = 1 << 18, CHUNKS_PER_THREAD = 6 };
/* Bytes of the left operand that stay in the second-level cache. */
enum { ROWS_BYTES = 512 << 10 };

f32_plan f32_make_plan(const f32_kernels *kernels, size_t threads, size_t rows, size_t n, size_t k, size_t row_bytes,
                       size_t max_rows) {
  size_t panels = f32_ceil(n, f32_panel_columns(kernels));
  size_t tile_rows = kernels->max_rows[f32_min(kernels->panel, f32_ceil(n, kernels->vector)) - 1];
  size_t block = f32_min(f32_min(max_rows, F32_BLOCK_ROWS), f32_max(2 * tile_rows, ROWS_BYTES / f32_max(1, row_bytes)));
  f32_plan plan = {.row_blocks = f32_max(1, f32_ceil(rows, block)), .panel_groups = 1};
  if (threads > 1) {
    double work = (double)rows * (double)n * (double)k;
    size_t chunks = CHUNKS_PER_THREAD * threads;
    if (work < (double)chunks * CHUNK_WORK) chunks = (size_t)(work / CHUNK_WORK);
    if (plan.row_blocks < chunks) plan.panel_groups = f32_min(panels, f32_ceil(chunks, plan.row_blocks));
    if (plan.row_blocks * plan.panel_groups < chunks)
      plan.row_blocks = f32_max(plan.row_blocks,
                                f32_min(f32_ceil(rows, tile_rows), f32_ceil(chunks, plan.panel_groups)));
  }
  return plan;
}
