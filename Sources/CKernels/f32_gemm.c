#include "f32.h"

size_t bf_f32_packed_bytes(size_t k, size_t n) {
  return f32_packed_floats(f32_current(), k, n) * sizeof(float);
}

void bf_f32_pack(const float *b, ptrdiff_t row_stride, ptrdiff_t column_stride, size_t k, size_t n, float *packed) {
  const f32_kernels *kernels = f32_current();
  size_t panel = f32_panel_columns(kernels);
  for (size_t j = 0; j < n; j += panel) {
    size_t columns = f32_min(panel, n - j);
    kernels->pack(b + (ptrdiff_t)j * column_stride, row_stride, column_stride, k, columns,
                  f32_ceil(columns, kernels->vector) * kernels->vector, packed + j * k);
  }
}

typedef struct gemm_job {
  const f32_kernels *kernels;
  f32_plan plan;
  f32_epilogue epilogue;
  size_t m, n, k;
  const float *a, *packed;
  float *c;
  ptrdiff_t a_stride, c_stride;
} gemm_job;

static void run_chunk(void *context, size_t index, size_t thread) {
  (void)thread;
  const gemm_job *job = context;
  size_t group = index / job->plan.row_blocks, part = index % job->plan.row_blocks;
  size_t row = f32_part(job->m, part, job->plan.row_blocks), end = f32_part(job->m, part + 1, job->plan.row_blocks);
  size_t panels = f32_ceil(job->n, f32_panel_columns(job->kernels));
  const float *rows[F32_BLOCK_ROWS];
  for (size_t i = row; i < end; i++) rows[i - row] = job->a + (ptrdiff_t)i * job->a_stride;
  f32_block block = {
      .rows = rows,
      .row_count = end - row,
      .taps = 1,
      .k = job->k,
      .n = job->n,
      .packed = job->packed,
      .first_panel = f32_part(panels, group, job->plan.panel_groups),
      .end_panel = f32_part(panels, group + 1, job->plan.panel_groups),
      .c = job->c + (ptrdiff_t)row * job->c_stride,
      .c_stride = job->c_stride,
      .row = row,
      .epilogue = &job->epilogue,
  };
  f32_run_block(job->kernels, &block);
}

void bf_f32_gemm(bf_pool *pool, size_t m, size_t n, size_t k, const float *a, ptrdiff_t a_stride,
                 const float *packed, float *c, ptrdiff_t c_stride, const bf_epilogue *epilogue) {
  if (m == 0 || n == 0) return;
  const f32_kernels *kernels = f32_current();
  gemm_job job = {
      .kernels = kernels,
      .plan = f32_make_plan(kernels, bf_pool_threads(pool), m, n, k, k * sizeof(float), F32_BLOCK_ROWS),
      .epilogue = f32_prepare(epilogue, 1),
      .m = m, .n = n, .k = k,
      .a = a, .a_stride = a_stride, .packed = packed, .c = c, .c_stride = c_stride,
  };
  bf_pool_run(pool, job.plan.row_blocks * job.plan.panel_groups, run_chunk, &job);
}

/* ---- Both operands of the run --------------------------------------------------------------------- */

/* Up to so many rows, columns of b that lie along k are multiplied where they are. */
enum { DOT_ROWS = 3 };

typedef struct batched_job {
  const f32_kernels *kernels;
  const bf_batched_gemm *shape;
  f32_plan plan;
  f32_epilogue epilogue;
  const float *a, *b;
  float *c;
  unsigned char *scratch;
  size_t thread_bytes;
} batched_job;

static bool uses_dots(const bf_batched_gemm *shape) {
  return shape->m <= DOT_ROWS && shape->b.row == 1 && (shape->b.column != 1 || shape->n == 1) && shape->a.column == 1;
}

static void run_batched_chunk(void *context, size_t index, size_t thread) {
  const batched_job *job = context;
  const bf_batched_gemm *shape = job->shape;
  const f32_kernels *kernels = job->kernels;
  size_t part = index % job->plan.row_blocks;
  size_t group = index / job->plan.row_blocks % job->plan.panel_groups;
  size_t batch = index / job->plan.row_blocks / job->plan.panel_groups;
  ptrdiff_t outer = (ptrdiff_t)(batch / shape->inner), inner = (ptrdiff_t)(batch % shape->inner);
  const float *a = job->a + outer * shape->a.outer + inner * shape->a.inner;
  const float *b = job->b + outer * shape->b.outer + inner * shape->b.inner;
  float *c = job->c + outer * shape->c.outer + inner * shape->c.inner;
  size_t panel = f32_panel_columns(kernels), panels = f32_ceil(shape->n, panel);
  size_t first = f32_part(panels, group, job->plan.panel_groups);
  size_t last = f32_part(panels, group + 1, job->plan.panel_groups);
  size_t row = f32_part(shape->m, part, job->plan.row_blocks), end = f32_part(shape->m, part + 1, job->plan.row_blocks);
  if (uses_dots(shape)) {
    size_t column = first * panel, columns = f32_min(last * panel, shape->n) - column;
    for (size_t i = row; i < end; i++) {
      f32_target target =
          f32_target_at(&job->epilogue, c + (ptrdiff_t)i * shape->c.row + column, shape->c.row, 0, column, columns);
      kernels->dot(a + (ptrdiff_t)i * shape->a.row, b + (ptrdiff_t)column * shape->b.column, shape->b.column, shape->k,
                   &target);
    }
    return;
  }
  float *packed = (float *)(job->scratch + thread * job->thread_bytes);
  float *a_rows = packed + shape->k * panel;
  const float *rows[F32_BLOCK_ROWS];
  for (size_t i = row; i < end; i++) {
    rows[i - row] = a + (ptrdiff_t)i * shape->a.row;
    if (shape->a.column != 1) {
      float *copy = a_rows + (i - row) * shape->k;
      for (size_t j = 0; j < shape->k; j++) copy[j] = rows[i - row][(ptrdiff_t)j * shape->a.column];
      rows[i - row] = copy;
    }
  }
  f32_block block = {
      .rows = rows,
      .row_count = end - row,
      .taps = 1,
      .k = shape->k,
      .n = shape->n,
      .c = c + (ptrdiff_t)row * shape->c.row,
      .c_stride = shape->c.row,
      .epilogue = &job->epilogue,
  };
  for (size_t p = first; p < last; p++) {
    size_t columns = f32_min(panel, shape->n - p * panel);
    size_t width = f32_ceil(columns, kernels->vector) * kernels->vector;
    const float *source = b + (ptrdiff_t)(p * panel) * shape->b.column;
    if (shape->b.column == 1 && width == columns) {
      f32_run_panel(kernels, &block, source, shape->b.row, p * panel, columns);
    } else {
      kernels->pack(source, shape->b.row, shape->b.column, shape->k, columns, width, packed);
      f32_run_panel(kernels, &block, packed, (ptrdiff_t)width, p * panel, columns);
    }
  }
}

static size_t batched_thread_bytes(const f32_kernels *kernels, const bf_batched_gemm *shape) {
  size_t a_rows = shape->a.column == 1 ? 0 : f32_min(shape->m, F32_BLOCK_ROWS);
  return f32_aligned(shape->k * (f32_panel_columns(kernels) + a_rows) * sizeof(float));
}

size_t bf_f32_batched_gemm_scratch(const bf_batched_gemm *shape, size_t threads) {
  return threads * batched_thread_bytes(f32_current(), shape);
}

void bf_f32_batched_gemm(bf_pool *pool, const bf_batched_gemm *shape, const float *a, const float *b, float *c,
                         const bf_epilogue *epilogue, void *scratch) {
  size_t batches = shape->outer * shape->inner;
  if (batches == 0 || shape->m == 0 || shape->n == 0) return;
  const f32_kernels *kernels = f32_current();
  batched_job job = {
      .kernels = kernels,
      .shape = shape,
      .epilogue = f32_prepare(epilogue, shape->scale),
      .a = a, .b = b, .c = c,
      .scratch = scratch,
      .thread_bytes = batched_thread_bytes(kernels, shape),
  };
  job.epilogue.epilogue.residual = NULL;
  /* Parts of one product are cut only when the batch does not give each thread several products. */
  size_t threads = bf_pool_threads(pool);
  job.plan = f32_make_plan(kernels, batches >= 4 * threads ? 1 : threads, shape->m, shape->n, shape->k, shape->k * 4,
                           F32_BLOCK_ROWS);
  bf_pool_run(pool, batches * job.plan.row_blocks * job.plan.panel_groups, run_batched_chunk, &job);
}
