#include <math.h>

#include "attention_tasks.h"

static size_t parts_of(size_t total, size_t part) { return (total + part - 1) / part; }
static size_t padded(size_t n) { return (n + 15) / 16 * 16; }
static size_t least(size_t a, size_t b) { return a < b ? a : b; }

void bf_plan_attention(const bf_attention *shape, size_t threads, bf_attention_plan *plan) {
  enum { QUERY_ROWS = 132, TILE_ROWS = 6, KEY_ELEMENTS = 1 << 14, KEYS = 256, CHUNK_KEYS = 128 };
  *plan = (bf_attention_plan){.shape = *shape};
  bf_attention *s = &plan->shape;
  size_t group = s->key_value_heads ? s->query_heads / s->key_value_heads : 0;
  if (s->query_length == 1 && group > 1) {
    /* One token: the heads that share keys are the rows. */
    s->query_length = group;
    s->query_heads = s->key_value_heads;
    if (s->is_causal) s->key_length = least(s->key_length, s->causal_start + 1);
    s->is_causal = false;
    bf_heads *of_queries[] = {&s->query, &s->output, &s->mask};
    for (int i = 0; i < 3; i++) {
      of_queries[i]->row = of_queries[i]->head;
      of_queries[i]->head *= (ptrdiff_t)group;
    }
  }
  size_t heads = s->batch * s->query_heads, rows = s->query_length;
  size_t blocks = parts_of(rows, QUERY_ROWS), wanted = heads ? parts_of(2 * threads, heads) : 1;
  if (threads > 1 && blocks < wanted) blocks = least(wanted, parts_of(rows, 4 * TILE_ROWS));
  if (blocks == 0) blocks = 1;
  plan->query_block = parts_of(parts_of(rows ? rows : 1, blocks), TILE_ROWS) * TILE_ROWS;
  plan->query_blocks = parts_of(rows, plan->query_block);
  size_t keys = KEY_ELEMENTS / (s->head_size ? s->head_size : 1) / 64 * 64;
  keys = keys < 64 ? 64 : keys > KEYS ? KEYS : keys;
  plan->key_block = least(keys, s->key_length);
  plan->key_stride = padded(plan->key_block);
  plan->chunks = 1;
  plan->chunk = s->key_length;
  size_t items = heads * plan->query_blocks;
  if (threads > 1 && rows <= BF_ATTENTION_DOT_ROWS && items > 0 && items < 2 * threads) {
    plan->chunks = least(parts_of(2 * threads, items), parts_of(s->key_length, CHUNK_KEYS));
    if (plan->chunks == 0) plan->chunks = 1;
    plan->chunk = parts_of(s->key_length, plan->chunks);
  }
  plan->items = items * plan->chunks;
  plan->value_stride = padded(s->value_size);
  size_t query_rows = plan->query_block;
  plan->keys = 0;
  plan->values = plan->keys + s->head_size * plan->key_stride;
  plan->scores = plan->values + plan->key_stride * plan->value_stride;
  plan->sums = plan->scores + query_rows * plan->key_stride;
  plan->rows = plan->sums + query_rows * plan->value_stride;
  plan->thread_floats = padded(plan->rows + 2 * query_rows);
  if (plan->chunks > 1) plan->partial_floats = query_rows * (plan->value_stride + 2);
}

size_t bf_f32_attention_scratch(const bf_attention *shape, size_t threads) {
  bf_attention_plan plan;
  bf_plan_attention(shape, threads ? threads : 1, &plan);
  return (plan.thread_floats * (threads ? threads : 1) + plan.partial_floats * plan.items) * sizeof(float);
}

/* Parts over the keys have their own greatest scores: each is brought to the common one. */
static void combine(const bf_attention_job *job) {
  const bf_attention_plan *plan = job->plan;
  const bf_attention *s = &plan->shape;
  for (size_t item = 0; item < plan->items / plan->chunks; item++) {
    size_t q0 = item % plan->query_blocks * plan->query_block, head = item / plan->query_blocks;
    float *output = job->output + (ptrdiff_t)(head / s->query_heads) * s->output.batch +
                    (ptrdiff_t)(head % s->query_heads) * s->output.head;
    for (size_t r = 0; r < plan->query_block && q0 + r < s->query_length; r++) {
      float *to = output + (ptrdiff_t)(q0 + r) * s->output.row;
      float most = -INFINITY, total = 0;
      for (size_t c = 0; c < plan->chunks; c++) {
        const float *rows = job->partial + (item * plan->chunks + c) * plan->partial_floats +
                            plan->query_block * plan->value_stride;
        if (rows[r] > most) most = rows[r];
      }
      for (size_t i = 0; i < s->value_size; i++) to[i] = 0;
      for (size_t c = 0; c < plan->chunks; c++) {
        const float *sums = job->partial + (item * plan->chunks + c) * plan->partial_floats;
        const float *rows = sums + plan->query_block * plan->value_stride;
        float factor = rows[r] == -INFINITY ? 0 : expf(rows[r] - most);
        total += factor * rows[plan->query_block + r];
        for (size_t i = 0; i < s->value_size; i++) to[i] += factor * sums[r * plan->value_stride + i];
      }
      float scale = total == 0 && s->blind_get_zero ? 0 : 1 / total;
      for (size_t i = 0; i < s->value_size; i++) to[i] *= scale;
    }
  }
}

static bf_task task(void) {
  bf_isa isa = bf_isa_current();
#if defined(__x86_64__)
  if (isa >= BF_ISA_AVX512) return bf_attention_avx512;
  if (isa >= BF_ISA_AVX2) return bf_attention_avx2;
#elif defined(__aarch64__)
  if (isa >= BF_ISA_NEON) return bf_attention_neon;
#endif
  (void)isa;
  return bf_attention_portable;
}

void bf_f32_attention(bf_pool *pool, const bf_attention *shape, const float *query, const float *key,
                      const float *value, const float *mask, float *output, void *scratch) {
  bf_attention_plan plan;
  size_t threads = bf_pool_threads(pool);
  bf_plan_attention(shape, threads, &plan);
  bf_attention_job job = {&plan, query, key, value, mask, output, scratch,
                          (float *)scratch + plan.thread_floats * threads};
  bf_pool_run(pool, plan.items, task(), &job);
  if (plan.chunks > 1) combine(&job);
}
