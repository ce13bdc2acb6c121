/* Rows of which one is -inf everywhere, or which hold +inf or what is not a number, come out as not a
 * number, as the formula has it. */

BF_INLINE float row_greatest(const float *x, size_t n) {
  vf most[4];
  BF_UNROLL_ALL
    for (int k = 0; k < 4; k++) most[k] = v_splat(-INFINITY);
  size_t i = 0;
  for (; i + 4 * VW <= n; i += 4 * VW)
    BF_UNROLL_ALL
    for (int k = 0; k < 4; k++) most[k] = v_greater(v_load(x + i + k * VW), most[k]);
  for (; i + VW <= n; i += VW) most[0] = v_greater(v_load(x + i), most[0]);
  if (i < n) {
    vf rest = v_load_part(x + i, n - i);
    most[1] = v_greater(v_select(v_lane_numbers() < (int32_t)(n - i), rest, v_splat(-INFINITY)), most[1]);
  }
  return v_greatest(v_greater(v_greater(most[0], most[1]), v_greater(most[2], most[3])));
}

/* The sum of exp(x - shift); the terms are stored where y is given. */
BF_INLINE float row_exp_sum(const float *x, size_t n, float shift, float *y) {
  vf sum[4] = {{0}};
  size_t i = 0;
  for (; i + 4 * VW <= n; i += 4 * VW)
    BF_UNROLL_ALL
    for (int k = 0; k < 4; k++) {
      vf e = v_exp_negative(v_load(x + i + k * VW) - shift);
      if (y) v_store(y + i + k * VW, e);
      sum[k] += e;
    }
  for (; i < n; i += VW) {
    size_t m = n - i;
    vf e = v_exp_negative(v_load_first(x + i, m) - shift);
    if (m < VW) e = v_select(v_lane_numbers() < (int32_t)m, e, (vf){0});
    if (y) v_store_first(y + i, e, m);
    sum[0] += e;
  }
  return v_sum((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

static void softmax_rows(void *context, size_t index, size_t thread) {
  (void)thread;
  const bf_softmax_job *job = context;
  size_t n = job->extent, start = index * job->group, end = start + job->group;
  if (end > job->outer) end = job->outer;
  for (size_t r = start; r < end; r++) {
    const float *x = job->x + r * n;
    float *y = job->y + r * n;
    float most = row_greatest(x, n);
    if (job->logarithm) {
      vf shift = v_splat(most), log_sum = v_splat(logf(row_exp_sum(x, n, most, NULL)));
      for (size_t i = 0; i < n; i += VW)
        v_store_first(y + i, (v_load_first(x + i, n - i) - shift) - log_sum, n - i);
    } else {
      float factor = 1 / row_exp_sum(x, n, most, y);
      for (size_t i = 0; i < n; i += VW) v_store_first(y + i, v_load_first(y + i, n - i) * factor, n - i);
    }
  }
}

BF_INLINE void softmax_lanes(size_t extent, size_t inner, size_t n, bool logarithm, const float *x, float *y) {
  vf most = v_splat(-INFINITY), sum = {0};
  for (size_t i = 0; i < extent; i++) most = v_greater(v_load_first(x + i * inner, n), most);
  for (size_t i = 0; i < extent; i++) {
    vf e = v_exp_negative(v_load_first(x + i * inner, n) - most);
    if (!logarithm) v_store_first(y + i * inner, e, n);
    sum += e;
  }
  if (logarithm) {
    vf log_sum = v_log(sum);
    for (size_t i = 0; i < extent; i++)
      v_store_first(y + i * inner, (v_load_first(x + i * inner, n) - most) - log_sum, n);
  } else {
    vf factor = 1.0f / sum;
    for (size_t i = 0; i < extent; i++) v_store_first(y + i * inner, v_load_first(y + i * inner, n) * factor, n);
  }
}

static void softmax_columns(void *context, size_t index, size_t thread) {
  (void)thread;
  const bf_softmax_job *job = context;
  size_t blocks = (job->inner + BF_COLUMN_BLOCK - 1) / BF_COLUMN_BLOCK, items = job->outer * blocks;
  size_t end = (index + 1) * job->group;
  if (end > items) end = items;
  for (size_t item = index * job->group; item < end; item++) {
    size_t column = item % blocks * BF_COLUMN_BLOCK, last = column + BF_COLUMN_BLOCK;
    size_t base = item / blocks * job->extent * job->inner;
    if (last > job->inner) last = job->inner;
    for (; column + VW <= last; column += VW)
      softmax_lanes(job->extent, job->inner, VW, job->logarithm, job->x + base + column,
                    job->y + base + column);
    if (column < last)
      softmax_lanes(job->extent, job->inner, last - column, job->logarithm, job->x + base + column,
                    job->y + base + column);
  }
}
