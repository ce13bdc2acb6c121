/* Two passes over a row that stays in the first cache. Sums of long rows are taken in blocks. */
enum { SUM_BLOCK = 8192 };

/* Σ (x - shift), or of its square. */
BF_INLINE double row_moment(const float *x, size_t n, float shift, bool squared) {
  double total = 0;
  for (size_t start = 0; start < n; start += SUM_BLOCK) {
    size_t end = start + SUM_BLOCK < n ? start + SUM_BLOCK : n, i = start;
    vf sum[4] = {{0}};
    for (; i + 4 * VW <= end; i += 4 * VW)
      BF_UNROLL_ALL
    for (int k = 0; k < 4; k++) {
        vf d = v_load(x + i + k * VW) - shift;
        if (squared)
          sum[k] += d * d;
        else
          sum[k] += d;
      }
    for (; i < end; i += VW) {
      vf d = v_load_first(x + i, end - i) - shift;
      if (end - i < VW) d = v_select(v_lane_numbers() < (int32_t)(end - i), d, (vf){0});
      if (squared)
        sum[0] += d * d;
      else
        sum[0] += d;
    }
    total += (double)v_sum((sum[0] + sum[1]) + (sum[2] + sum[3]));
  }
  return total;
}

static void normalize_rows(void *context, size_t index, size_t thread) {
  (void)thread;
  const bf_normalize_job *job = context;
  size_t n = job->width, start = index * job->group, end = start + job->group;
  if (end > job->rows) end = job->rows;
  for (size_t r = start; r < end; r++) {
    const float *x = job->x + r * n;
    float *y = job->y + r * n;
    if (job->addend) {
      float *sum = job->sum ? job->sum + r * n : y;
      const float *addend = job->addend + r * n;
      for (size_t i = 0; i < n; i += VW)
        v_store_first(sum + i, v_load_first(x + i, n - i) + v_load_first(addend + i, n - i), n - i);
      x = sum;
    } else if (job->sum) {
      memcpy(job->sum + r * n, x, n * sizeof *x);
    }
    float mean = job->rms ? 0 : (float)(row_moment(x, n, 0, false) / (double)n);
    float variance = (float)(row_moment(x, n, mean, true) / (double)n);
    float factor = 1 / sqrtf(variance + job->epsilon);
    const float *scale = job->scale, *bias = job->bias;
    size_t i = 0;
    if (scale && bias)
      for (; i + VW <= n; i += VW)
        v_store(y + i, ((v_load(x + i) - mean) * factor) * v_load(scale + i) + v_load(bias + i));
    for (; i < n; i += VW) {
      vf value = (v_load_first(x + i, n - i) - mean) * factor;
      if (scale) value *= v_load_first(scale + i, n - i);
      if (bias) value += v_load_first(bias + i, n - i);
      v_store_first(y + i, value, n - i);
    }
    if (job->mean) job->mean[r] = mean;
    if (job->inverse_deviation) job->inverse_deviation[r] = factor;
  }
}
