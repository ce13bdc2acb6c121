#include <math.h>

#include "rows_tasks.h"

static const bf_rows_tasks *tasks(void) {
  bf_isa isa = bf_isa_current();
#if defined(__x86_64__)
  if (isa >= BF_ISA_AVX512) return &bf_rows_avx512;
  if (isa >= BF_ISA_AVX2) return &bf_rows_avx2;
#elif defined(__aarch64__)
  if (isa >= BF_ISA_NEON) return &bf_rows_neon;
#endif
  (void)isa;
  return &bf_rows_portable;
}

static size_t parts_of(size_t total, size_t part) { return (total + part - 1) / part; }

/* Items of `elements` each that make a task: some 16 thousand elements, less where threads would idle. */
static size_t group_of(bf_pool *pool, size_t items, size_t elements) {
  enum { TASK_ELEMENTS = 1 << 14 };
  size_t even = parts_of(items, bf_pool_threads(pool) * 4), small = parts_of(TASK_ELEMENTS, elements + 1);
  return even > small ? even : small;
}

void bf_softmax(bf_pool *pool, size_t outer, size_t extent, size_t inner, bool logarithm, const float *x,
                float *y) {
  if (outer == 0 || extent == 0 || inner == 0) return;
  bool is_row = inner == 1;
  size_t items = is_row ? outer : outer * parts_of(inner, BF_COLUMN_BLOCK);
  size_t width = inner < BF_COLUMN_BLOCK ? inner : BF_COLUMN_BLOCK;
  bf_softmax_job job = {outer, extent, inner, group_of(pool, items, 4 * extent * width), logarithm, x, y};
  bf_pool_run(pool, parts_of(items, job.group), is_row ? tasks()->softmax_rows : tasks()->softmax_columns, &job);
}

void bf_normalize_rows(bf_pool *pool, size_t rows, size_t width, bool rms, float epsilon, const float *x,
                       const float *addend, const float *scale, const float *bias, float *sum, float *y,
                       float *mean, float *inverse_deviation) {
  if (rows == 0 || width == 0) return;
  bf_normalize_job job = {rows, width, group_of(pool, rows, width), rms, epsilon, x, addend, scale, bias,
                          sum,  y,     mean, inverse_deviation};
  bf_pool_run(pool, parts_of(rows, job.group), tasks()->normalize_rows, &job);
}

void bf_normalize_groups(bf_pool *pool, size_t batch, size_t pixels, size_t channels, size_t groups,
                         float epsilon, const float *x, const float *scale, const float *bias, float *y) {
  if (batch == 0 || pixels == 0 || channels == 0 || groups == 0) return;
  size_t per_group = channels / groups, together = BF_COLUMN_BLOCK / per_group;
  if (together == 0) together = 1;
  bf_groups_job job = {.batch = batch, .pixels = pixels, .channels = channels, .group_channels = per_group,
                       .part_channels = together * per_group, .epsilon = epsilon, .x = x, .scale = scale,
                       .bias = bias, .y = y};
  job.parts = parts_of(channels, job.part_channels);
  bf_pool_run(pool, batch * job.parts, tasks()->normalize_groups, &job);
}

/* ---- Reductions ------------------------------------------------------------------------------------- */

double bf_fold_identity(bf_fold fold) {
  switch (fold) {
  case BF_FOLD_MAX: return -INFINITY;
  case BF_FOLD_MIN: return INFINITY;
  case BF_FOLD_PRODUCT: return 1;
  default: return 0;
  }
}

double bf_fold_combine(bf_fold fold, double x, double y) {
  switch (fold) {
  case BF_FOLD_MAX: return x > y || x != x ? x : y;
  case BF_FOLD_MIN: return x < y || x != x ? x : y;
  case BF_FOLD_PRODUCT: return x * y;
  default: return x + y;
  }
}

static bf_fold fold_of(bf_reduction reduction) {
  switch (reduction) {
  case BF_REDUCE_MAX: return BF_FOLD_MAX;
  case BF_REDUCE_MIN: return BF_FOLD_MIN;
  case BF_REDUCE_PROD: return BF_FOLD_PRODUCT;
  case BF_REDUCE_L1: return BF_FOLD_ABS;
  case BF_REDUCE_L2:
  case BF_REDUCE_SUM_SQUARE: return BF_FOLD_SQUARE;
  case BF_REDUCE_LOG_SUM_EXP: return BF_FOLD_EXP;
  case BF_REDUCE_SUM:
  case BF_REDUCE_MEAN:
  case BF_REDUCE_LOG_SUM: break;
  }
  return BF_FOLD_SUM;
}

float bf_reduction_result(bf_reduction reduction, double folded, size_t extent, float shift) {
  switch (reduction) {
  case BF_REDUCE_MEAN: return (float)(folded / (double)extent);
  case BF_REDUCE_L2: return (float)sqrt(folded);
  case BF_REDUCE_LOG_SUM: return (float)log(folded);
  case BF_REDUCE_LOG_SUM_EXP: return (float)(log(folded) + (double)shift);
  default: return (float)folded;
  }
}

float bf_exp_shift(double greatest) { return isinf(greatest) ? 0 : (float)greatest; }

/* Few long rows: the parts of each are folded side by side, then with one another. */
static void reduce_long_rows(bf_pool *pool, bf_reduce_job *job) {
  double partial[BF_REDUCE_CHUNKS];
  float shift[BF_REDUCE_CHUNKS] = {0};
  job->partial = partial;
  job->shift = shift;
  bf_fold last = job->fold;
  for (int pass = last == BF_FOLD_EXP ? 0 : 1; pass < 2; pass++) {
    job->fold = pass == 0 ? BF_FOLD_MAX : last;
    bf_pool_run(pool, job->outer * job->chunks, tasks()->reduce_chunk, job);
    for (size_t row = 0; row < job->outer; row++) {
      double total = bf_fold_identity(job->fold);
      for (size_t c = 0; c < job->chunks; c++)
        total = bf_fold_combine(job->fold, total, partial[row * job->chunks + c]);
      if (pass == 0)
        shift[row] = bf_exp_shift(total);
      else
        job->y[row] = bf_reduction_result(job->reduction, total, job->extent, shift[row]);
    }
  }
}

void bf_reduce(bf_pool *pool, bf_reduction reduction, size_t outer, size_t extent, size_t inner,
               const float *x, float *y) {
  enum { LONG_ROW = 1 << 15 };
  if (outer == 0 || inner == 0) return;
  bf_reduce_job job = {.reduction = reduction, .fold = fold_of(reduction), .outer = outer, .extent = extent,
                       .inner = inner, .x = x, .y = y};
  size_t threads = bf_pool_threads(pool);
  if (inner == 1 && threads > 1 && outer < 2 * threads && outer <= BF_REDUCE_CHUNKS / 4 && extent >= LONG_ROW) {
    job.chunks = BF_REDUCE_CHUNKS / outer;
    if (job.chunks > 4 * threads) job.chunks = 4 * threads;
    job.chunk = parts_of(extent, job.chunks);
    reduce_long_rows(pool, &job);
    return;
  }
  size_t items = inner == 1 ? outer : outer * parts_of(inner, BF_COLUMN_BLOCK);
  size_t width = inner < BF_COLUMN_BLOCK ? inner : BF_COLUMN_BLOCK;
  job.group = group_of(pool, items, extent * width);
  bf_pool_run(pool, parts_of(items, job.group), inner == 1 ? tasks()->reduce_rows : tasks()->reduce_columns, &job);
}

void bf_arg_reduce(bf_pool *pool, bool greatest, bool last, size_t outer, size_t extent, size_t inner,
                   const float *x, int64_t *y) {
  if (outer == 0 || extent == 0 || inner == 0) return;
  bool is_row = inner == 1;
  size_t items = is_row ? outer : outer * parts_of(inner, BF_COLUMN_BLOCK);
  size_t width = inner < BF_COLUMN_BLOCK ? inner : BF_COLUMN_BLOCK;
  bf_arg_job job = {greatest, last, outer, extent, inner, group_of(pool, items, extent * width), x, y};
  bf_pool_run(pool, parts_of(items, job.group), is_row ? tasks()->arg_rows : tasks()->arg_columns, &job);
}
