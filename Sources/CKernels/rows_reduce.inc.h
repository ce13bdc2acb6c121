/* Folds of rows and of columns: blocks in float, their results in double. */

BF_INLINE vf fold_start(bf_fold fold) {
  return fold == BF_FOLD_MAX   ? v_splat(-INFINITY)
         : fold == BF_FOLD_MIN ? v_splat(INFINITY)
                               : v_splat(fold == BF_FOLD_PRODUCT ? 1 : 0);
}

BF_INLINE vf fold_in(bf_fold fold, vf sum, vf x, vf shift) {
  switch (fold) {
  case BF_FOLD_SUM: return sum + x;
  case BF_FOLD_ABS: return sum + v_abs(x);
  case BF_FOLD_SQUARE: return sum + x * x;
  case BF_FOLD_EXP: return sum + v_exp(x - shift);
  case BF_FOLD_DEVIATION: return sum + (x - shift) * (x - shift);
  case BF_FOLD_MAX: return v_maximum(sum, x);
  case BF_FOLD_MIN: return v_minimum(sum, x);
  case BF_FOLD_PRODUCT: return sum * x;
  }
  return sum;
}

BF_INLINE float fold_lanes(bf_fold fold, const vf *sum) {
  switch (fold) {
  case BF_FOLD_MAX: {
    vf most = v_maximum(v_maximum(sum[0], sum[1]), v_maximum(sum[2], sum[3]));
    return v_any(most != most) ? NAN : v_greatest(most);
  }
  case BF_FOLD_MIN: {
    vf least = v_minimum(v_minimum(sum[0], sum[1]), v_minimum(sum[2], sum[3]));
    return v_any(least != least) ? NAN : -v_greatest(-least);
  }
  default: return v_sum((sum[0] + sum[1]) + (sum[2] + sum[3]));
  }
}

BF_INLINE double fold_row(bf_fold fold, const float *x, size_t n, float shift) {
  double total = bf_fold_identity(fold);
  if (fold == BF_FOLD_PRODUCT) {
    /* In order, and in double: parts of a product may leave the range that the whole stays in. */
    for (size_t i = 0; i < n; i++) total *= (double)x[i];
    return total;
  }
  for (size_t start = 0; start < n; start += SUM_BLOCK) {
    size_t end = start + SUM_BLOCK < n ? start + SUM_BLOCK : n, i = start;
    vf sum[4];
    BF_UNROLL_ALL
    for (int k = 0; k < 4; k++) sum[k] = fold_start(fold);
    for (; i + 4 * VW <= end; i += 4 * VW)
      BF_UNROLL_ALL
    for (int k = 0; k < 4; k++)
        sum[k] = fold_in(fold, sum[k], v_load(x + i + k * VW), v_splat(shift));
    for (; i + VW <= end; i += VW) sum[0] = fold_in(fold, sum[0], v_load(x + i), v_splat(shift));
    if (i < end) {
      vf more = fold_in(fold, sum[1], v_load_part(x + i, end - i), v_splat(shift));
      sum[1] = v_select(v_lane_numbers() < (int32_t)(end - i), more, sum[1]);
    }
    total = bf_fold_combine(fold, total, (double)fold_lanes(fold, sum));
  }
  return total;
}

#define EACH_FOLD(fold, call)                                                                                \
  switch (fold) {                                                                                            \
  case BF_FOLD_SUM: call(BF_FOLD_SUM); break;                                                                \
  case BF_FOLD_ABS: call(BF_FOLD_ABS); break;                                                                \
  case BF_FOLD_SQUARE: call(BF_FOLD_SQUARE); break;                                                          \
  case BF_FOLD_EXP: call(BF_FOLD_EXP); break;                                                                \
  case BF_FOLD_DEVIATION: call(BF_FOLD_DEVIATION); break;                                                    \
  case BF_FOLD_MAX: call(BF_FOLD_MAX); break;                                                                \
  case BF_FOLD_MIN: call(BF_FOLD_MIN); break;                                                                \
  case BF_FOLD_PRODUCT: call(BF_FOLD_PRODUCT); break;                                                        \
  }

static double fold_any_row(bf_fold fold, const float *x, size_t n, float shift) {
  double total = 0;
#define FOLD_ROW(kind) total = fold_row(kind, x, n, shift)
  EACH_FOLD(fold, FOLD_ROW)
  return total;
}

static void reduce_rows(void *context, size_t index, size_t thread) {
  (void)thread;
  const bf_reduce_job *job = context;
  size_t end = (index + 1) * job->group;
  if (end > job->outer) end = job->outer;
  for (size_t r = index * job->group; r < end; r++) {
    const float *x = job->x + r * job->extent;
    float shift = 0;
    if (job->fold == BF_FOLD_EXP) shift = bf_exp_shift(fold_any_row(BF_FOLD_MAX, x, job->extent, 0));
    job->y[r] =
        bf_reduction_result(job->reduction, fold_any_row(job->fold, x, job->extent, shift), job->extent, shift);
  }
}

static void reduce_chunk(void *context, size_t index, size_t thread) {
  (void)thread;
  const bf_reduce_job *job = context;
  size_t row = index / job->chunks, start = index % job->chunks * job->chunk;
  size_t n = start >= job->extent ? 0 : job->extent - start;
  job->partial[index] = fold_any_row(job->fold, job->x + row * job->extent + (n ? start : 0),
                                     n < job->chunk ? n : job->chunk, job->shift ? job->shift[row] : 0);
}

/* `vectors` registers side by side, the last of them with `lanes` columns. */
BF_INLINE void fold_vectors(bf_fold fold, int vectors, size_t lanes, size_t rows, size_t stride, const float *x,
                       const float *shift, double *out) {
  enum { ROW_BLOCK = 256 };
  vf by[4] = {{0}};
  if (fold == BF_FOLD_EXP || fold == BF_FOLD_DEVIATION)
    BF_UNROLL_ALL
    for (int k = 0; k < vectors; k++) by[k] = v_load_first(shift + k * VW, lanes);
  for (int c = 0; c < vectors * VW; c++) out[c] = bf_fold_identity(fold);
  for (size_t start = 0; start < rows; start += ROW_BLOCK) {
    size_t end = start + ROW_BLOCK < rows ? start + ROW_BLOCK : rows;
    vf sum[4];
    BF_UNROLL_ALL
    for (int k = 0; k < vectors; k++) sum[k] = fold_start(fold);
    for (size_t r = start; r < end; r++)
      BF_UNROLL_ALL
    for (int k = 0; k < vectors; k++)
        sum[k] = fold_in(fold, sum[k], v_load_first(x + r * stride + k * VW, lanes), by[k]);
    BF_UNROLL_ALL
    for (int k = 0; k < vectors; k++)
      BF_UNROLL_ALL
    for (int lane = 0; lane < VW; lane++)
        out[k * VW + lane] = bf_fold_combine(fold, out[k * VW + lane], (double)sum[k][lane]);
  }
}

/* At most BF_COLUMN_BLOCK columns; `out` has room for that many. */
static void fold_columns(bf_fold fold, size_t width, size_t rows, size_t stride, const float *x,
                         const float *shift, double *out) {
  size_t c = 0;
#define FOLD_FOUR(kind) fold_vectors(kind, 4, VW, rows, stride, x + c, shift + c, out + c)
#define FOLD_ONE(kind) fold_vectors(kind, 1, VW, rows, stride, x + c, shift + c, out + c)
#define FOLD_PART(kind) fold_vectors(kind, 1, width - c, rows, stride, x + c, shift + c, out + c)
  for (; c + 4 * VW <= width; c += 4 * VW) EACH_FOLD(fold, FOLD_FOUR)
  for (; c + VW <= width; c += VW) EACH_FOLD(fold, FOLD_ONE)
  if (c < width) EACH_FOLD(fold, FOLD_PART)
}

/* Columns that fill less than a block are folded several rows at a time. */
static void fold_narrow(bf_fold fold, size_t width, size_t rows, size_t stride, const float *x,
                        const float *shift, double *out) {
  size_t fused = stride == width ? BF_COLUMN_BLOCK / width : 1;
  if (fused < 2 || rows < 2 * fused) {
    fold_columns(fold, width, rows, stride, x, shift, out);
    return;
  }
  double wide[BF_COLUMN_BLOCK];
  float by[BF_COLUMN_BLOCK] = {0};
  size_t whole = rows / fused;
  for (size_t c = 0; c < fused * width; c++) by[c] = shift[c % width];
  fold_columns(fold, fused * width, whole, fused * width, x, by, wide);
  fold_columns(fold, width, rows - whole * fused, stride, x + whole * fused * width, shift, out);
  for (size_t c = 0; c < fused * width; c++)
    out[c % width] = bf_fold_combine(fold, out[c % width], wide[c]);
}

static void reduce_columns(void *context, size_t index, size_t thread) {
  (void)thread;
  const bf_reduce_job *job = context;
  size_t blocks = (job->inner + BF_COLUMN_BLOCK - 1) / BF_COLUMN_BLOCK, items = job->outer * blocks;
  size_t end = (index + 1) * job->group;
  if (end > items) end = items;
  for (size_t item = index * job->group; item < end; item++) {
    size_t outer = item / blocks, column = item % blocks * BF_COLUMN_BLOCK;
    size_t width = job->inner - column < BF_COLUMN_BLOCK ? job->inner - column : BF_COLUMN_BLOCK;
    const float *x = job->x + outer * job->extent * job->inner + column;
    double folded[BF_COLUMN_BLOCK];
    float shift[BF_COLUMN_BLOCK] = {0};
    if (job->fold == BF_FOLD_EXP) {
      fold_narrow(BF_FOLD_MAX, width, job->extent, job->inner, x, shift, folded);
      for (size_t c = 0; c < width; c++) shift[c] = bf_exp_shift(folded[c]);
    }
    fold_narrow(job->fold, width, job->extent, job->inner, x, shift, folded);
    for (size_t c = 0; c < width; c++)
      job->y[outer * job->inner + column + c] =
          bf_reduction_result(job->reduction, folded[c], job->extent, shift[c]);
  }
}
