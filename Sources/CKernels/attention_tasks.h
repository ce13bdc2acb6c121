/* How attention is cut into tasks, and the tasks themselves, of which each instruction set has its own. */
#ifndef BF_ATTENTION_TASKS_H
#define BF_ATTENTION_TASKS_H

#include "bf_attention.h"

enum { BF_ATTENTION_DOT_ROWS = 4 };

/* Rows of queries against blocks of keys. Elements of a thread's scratch, in order: keys (transposed and
 * padded), values (padded), scores, sums, and the greatest score and the sum of exponentials of each row. */
typedef struct bf_attention_plan {
  bf_attention shape;
  size_t query_block, query_blocks;   /* rows a task */
  size_t key_block, key_stride;       /* keys at a time; padded */
  size_t chunks, chunk;               /* parts of the keys, combined at the end */
  size_t value_stride;                /* value size, padded */
  size_t keys, values, scores, sums, rows; /* offsets in a thread's scratch */
  size_t thread_floats, partial_floats;
  size_t items;
} bf_attention_plan;

void bf_plan_attention(const bf_attention *shape, size_t threads, bf_attention_plan *plan);

typedef struct bf_attention_job {
  const bf_attention_plan *plan;
  const float *query, *key, *value, *mask;
  float *output, *scratch, *partial;
} bf_attention_job;

extern const bf_task bf_attention_portable;
#if defined(__x86_64__)
extern const bf_task bf_attention_avx512, bf_attention_avx2;
#elif defined(__aarch64__)
extern const bf_task bf_attention_neon;
#endif

#endif
