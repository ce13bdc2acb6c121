/* Blocks of queries against blocks of keys with a running maximum; included once for each instruction set. */
#include "attention_product.inc.h"

/* Scores become weights exp(score - greatest), of which the first n of `width` are seen. Returns the factor
 * that the row's earlier sums need. */
BF_INLINE float weigh_row(const bf_attention *s, float *row, size_t n, size_t width, const float *mask,
                          float *greatest, float *total) {
  vf most = v_splat(-INFINITY), sum = {0};
  for (size_t j = 0; j < n; j += VW) {
    vf x = v_load(row + j) * s->scale;
    if (s->softcap > 0) x = v_tanh(x / s->softcap) * s->softcap;
    if (mask) x += v_load_first(mask + j, n - j);
    if (n - j < VW) x = v_select(v_lane_numbers() < (int32_t)(n - j), x, v_splat(-INFINITY));
    v_store(row + j, x);
    most = v_greater(x, most);
  }
  float now = v_greatest(most), before = *greatest;
  if (now < before) now = before;
  for (size_t j = (n + VW - 1) / VW * VW; j < width; j += VW) v_store(row + j, (vf){0});
  if (now == -INFINITY) {
    /* Nothing seen so far; a row that is no number stays so through its sum. */
    for (size_t j = 0; j < n; j += VW) {
      vf x = v_load(row + j);
      x = v_select(x == x, (vf){0}, x);
      sum += x;
      v_store(row + j, x);
    }
    *total += v_sum(sum);
    return 1;
  }
  for (size_t j = 0; j < n; j += VW) {
    vf e = v_exp_negative(v_load(row + j) - now);
    sum += e;
    v_store(row + j, e);
  }
  float factor = before == now ? 1 : expf(before - now);
  *greatest = now;
  *total = *total * factor + v_sum(sum);
  return factor;
}

/* The keys of a block with one row for each element of the head, padded with zeros to whole vectors. */
BF_INLINE void pack_keys(const bf_attention *s, const float *key, size_t keys, float *to, size_t stride) {
  if (s->key_is_transposed)
    for (size_t i = 0; i < s->head_size; i++)
      memcpy(to + i * stride, key + (ptrdiff_t)i * s->key.row, keys * sizeof *to);
  else
    bf_transpose_plane(sizeof *to, s->head_size, keys, (const char *)key,
                       s->key.row * (ptrdiff_t)sizeof *to, (char *)to, (ptrdiff_t)(stride * sizeof *to));
  if (keys % VW != 0)
    for (size_t i = 0; i < s->head_size; i++)
      for (size_t j = keys; j < (keys + VW - 1) / VW * VW; j++) to[i * stride + j] = 0;
}

static void attend(void *context, size_t index, size_t thread) {
  const bf_attention_job *job = context;
  const bf_attention_plan *plan = job->plan;
  const bf_attention *s = &plan->shape;
  size_t chunk = index % plan->chunks, block = index / plan->chunks;
  size_t q0 = block % plan->query_blocks * plan->query_block, head = block / plan->query_blocks;
  size_t rows = s->query_length - q0 < plan->query_block ? s->query_length - q0 : plan->query_block;
  ptrdiff_t b = (ptrdiff_t)(head / s->query_heads), h = (ptrdiff_t)(head % s->query_heads);
  ptrdiff_t shared = h / (ptrdiff_t)(s->query_heads / s->key_value_heads);
  const float *query = job->query + b * s->query.batch + h * s->query.head + (ptrdiff_t)q0 * s->query.row;
  const float *key = job->key + b * s->key.batch + shared * s->key.head;
  const float *value = job->value + b * s->value.batch + shared * s->value.head;
  const float *mask =
      job->mask ? job->mask + b * s->mask.batch + h * s->mask.head + (ptrdiff_t)q0 * s->mask.row : NULL;
  float *output = job->output + b * s->output.batch + h * s->output.head + (ptrdiff_t)q0 * s->output.row;
  float *scratch = job->scratch + thread * plan->thread_floats;
  float *keys = scratch + plan->keys, *values = scratch + plan->values, *scores = scratch + plan->scores;
  float *sums = scratch + plan->sums, *greatest = scratch + plan->rows;
  if (plan->chunks > 1) {
    sums = job->partial + index * plan->partial_floats;
    greatest = sums + plan->query_block * plan->value_stride;
  }
  float *total = greatest + plan->query_block;
  ptrdiff_t score_row = (ptrdiff_t)plan->key_stride, sum_row = (ptrdiff_t)plan->value_stride;
  size_t width = (s->value_size + VW - 1) / VW * VW;
  for (size_t r = 0; r < rows; r++) {
    greatest[r] = -INFINITY;
    total[r] = 0;
    for (size_t i = 0; i < width; i++) sums[r * plan->value_stride + i] = 0;
  }
  /* The first query sees keys before `first_end`, each further one another. */
  size_t first_end = q0 + s->causal_start + 1;
  size_t end = (chunk + 1) * plan->chunk < s->key_length ? (chunk + 1) * plan->chunk : s->key_length;
  if (s->is_causal) {
    size_t last_end = first_end + rows - 1;
    if (last_end < end) end = last_end;
  }
  for (size_t k0 = chunk * plan->chunk; k0 < end; k0 += plan->key_block) {
    size_t n = end - k0 < plan->key_block ? end - k0 : plan->key_block, whole = (n + VW - 1) / VW * VW;
    const float *from = key + (ptrdiff_t)k0 * (s->key_is_transposed ? 1 : s->key.row);
    if (rows <= BF_ATTENTION_DOT_ROWS && !s->key_is_transposed) {
      dot_scores(rows, n, s->head_size, query, s->query.row, from, s->key.row, scores, score_row);
    } else if (rows <= BF_ATTENTION_DOT_ROWS && n % VW == 0) {
      product(rows, n, false, s->head_size, query, s->query.row, from, s->key.row, scores, score_row);
    } else {
      pack_keys(s, from, n, keys, plan->key_stride);
      product(rows, whole, false, s->head_size, query, s->query.row, keys, score_row, scores, score_row);
    }
    for (size_t r = 0; r < rows; r++) {
      size_t seen = n;
      if (s->is_causal) {
        size_t row_end = first_end + r;
        seen = row_end <= k0 ? 0 : row_end - k0 < n ? row_end - k0 : n;
      }
      float factor =
          weigh_row(s, scores + r * plan->key_stride, seen, whole,
                    mask ? mask + (ptrdiff_t)r * s->mask.row + k0 : NULL, &greatest[r], &total[r]);
      if (factor != 1)
        for (size_t i = 0; i < width; i += VW) {
          float *sum = sums + r * plan->value_stride + i;
          v_store(sum, v_load(sum) * factor);
        }
    }
    const float *right = value + (ptrdiff_t)k0 * s->value.row;
    ptrdiff_t right_row = s->value.row;
    if (width != s->value_size) {
      for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < width; i++)
          values[j * plan->value_stride + i] = i < s->value_size ? right[(ptrdiff_t)j * right_row + (ptrdiff_t)i] : 0;
      right = values;
      right_row = sum_row;
    }
    product(rows, width, true, n, scores, score_row, right, right_row, sums, sum_row);
  }
  if (plan->chunks > 1) return;
  for (size_t r = 0; r < rows; r++) {
    float factor = total[r] == 0 && s->blind_get_zero ? 0 : 1 / total[r];
    for (size_t i = 0; i < s->value_size; i += VW)
      v_store_first(output + (ptrdiff_t)r * s->output.row + i,
                    v_load(sums + r * plan->value_stride + i) * factor, s->value_size - i);
  }
}

const bf_task TASKS = attend;
