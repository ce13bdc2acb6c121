/* What is not a number counts as the extreme, as in NumPy. */

BF_INLINE vi is_better(vf x, vf best, bool greatest, bool last) {
  if (last) return ~(greatest ? (vi)(x < best) : (vi)(x > best)) & ((best == best) | (x != x));
  return ~(greatest ? (vi)(x <= best) : (vi)(x >= best)) & (best == best);
}

BF_INLINE bool is_better_one(float x, float best, bool greatest, bool last) {
  if (last) return !(greatest ? x < best : x > best) && (best == best || x != x);
  return !(greatest ? x <= best : x >= best) && best == best;
}

BF_INLINE int64_t arg_row(const float *x, size_t n, bool greatest, bool last) {
  size_t best = 0, i = 1;
  if (n >= 2 * VW) {
    vf value = v_load(x);
    vi at = v_lane_numbers(), lanes = at;
    for (i = VW; i + VW <= n; i += VW) {
      vf next = v_load(x + i);
      vi better = is_better(next, value, greatest, last);
      value = v_select(better, next, value);
      at = v_select_int(better, lanes + (int32_t)i, at);
    }
    best = (size_t)at[0];
    for (int lane = 1; lane < VW; lane++) {
      size_t other = (size_t)at[lane];
      /* In the order of their places, so that ties fall as in a loop over all. */
      size_t earlier = other < best ? other : best, later = other < best ? best : other;
      best = is_better_one(x[later], x[earlier], greatest, last) ? later : earlier;
    }
  }
  for (; i < n; i++)
    if (is_better_one(x[i], x[best], greatest, last)) best = i;
  return (int64_t)best;
}

static void arg_rows(void *context, size_t index, size_t thread) {
  (void)thread;
  const bf_arg_job *job = context;
  size_t n = job->extent, end = (index + 1) * job->group;
  if (end > job->outer) end = job->outer;
  for (size_t r = index * job->group; r < end; r++) {
    const float *x = job->x + r * n;
    if (job->greatest)
      job->y[r] = job->last ? arg_row(x, n, true, true) : arg_row(x, n, true, false);
    else
      job->y[r] = job->last ? arg_row(x, n, false, true) : arg_row(x, n, false, false);
  }
}

static void arg_columns(void *context, size_t index, size_t thread) {
  (void)thread;
  const bf_arg_job *job = context;
  size_t blocks = (job->inner + BF_COLUMN_BLOCK - 1) / BF_COLUMN_BLOCK, items = job->outer * blocks;
  size_t end = (index + 1) * job->group;
  if (end > items) end = items;
  for (size_t item = index * job->group; item < end; item++) {
    size_t outer = item / blocks, column = item % blocks * BF_COLUMN_BLOCK, stop = column + BF_COLUMN_BLOCK;
    if (stop > job->inner) stop = job->inner;
    for (; column < stop; column += VW) {
      size_t n = stop - column < VW ? stop - column : VW;
      const float *x = job->x + outer * job->extent * job->inner + column;
      vf value = v_load_first(x, n);
      vi at = {0};
      for (size_t i = 1; i < job->extent; i++) {
        vf next = v_load_first(x + i * job->inner, n);
        vi better = is_better(next, value, job->greatest, job->last);
        value = v_select(better, next, value);
        at = v_select_int(better, v_splat_int((int32_t)i), at);
      }
      for (size_t lane = 0; lane < n; lane++) job->y[outer * job->inner + column + lane] = at[lane];
    }
  }
}
