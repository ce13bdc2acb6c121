/* softmax(scale Q Kt + mask) V without materialised scores. */
#ifndef BF_ATTENTION_H
#define BF_ATTENTION_H

#include "bf_pool.h"

#if defined(__cplusplus)
extern "C" {
#endif

/* Element (batch, head, row, i) of an operand at batch*b + head*h + row*r + i; a stride of 0 broadcasts. */
typedef struct bf_heads {
  ptrdiff_t batch, head, row;
} bf_heads;

typedef struct bf_attention {
  size_t batch, query_heads, key_value_heads; /* query_heads is a multiple of key_value_heads */
  size_t query_length, key_length, head_size, value_size;
  float scale;
  float softcap;            /* c tanh(s / c) when positive */
  bool is_causal;           /* query i sees keys up to causal_start + i */
  size_t causal_start;
  bool blind_get_zero;      /* the result of a query that sees no key; NaN otherwise, as softmax of its row */
  bf_heads query, key, value, mask, output;
  bool key_is_transposed;   /* key element (row r, i) at batch*b + head*h + i*key.row + r */
} bf_attention;

size_t bf_f32_attention_scratch(const bf_attention *shape, size_t threads);
/* `mask` is added to the scores (row: query, column: key, contiguous); NULL for none. A query that sees
 * no key, or only masks of -inf, is blind. The scratch is 64-byte aligned. */
void bf_f32_attention(bf_pool *pool, const bf_attention *shape, const float *query, const float *key,
                      const float *value, const float *mask, float *output, void *scratch);

#if defined(__cplusplus)
}
#endif
#endif
