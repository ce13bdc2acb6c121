/* Activations over runs of numbers, inside a region of target_begin.inc.h with BF_PAIRED; defines
 * F32_ACTIVATE. */
#include "vector_math.inc.h"

BF_INLINE void activate(bf_activation activation, float a, float b, float *x, size_t count) {
  const vf va = v_splat(a), vb = v_splat(b);
  size_t i = 0;
  for (; i + VW <= count; i += VW) v_store(x + i, v_activate(activation, va, vb, v_load(x + i)));
  /* What lies behind the run is another's: sums of the next tile that are not whole yet. */
  if (i < count) v_store_some(x + i, v_activate(activation, va, vb, v_load_some(x + i, count - i)), count - i);
}

/* One loop for each, so that none asks again which it is. */
void F32_ACTIVATE(bf_activation activation, float a, float b, float *x, size_t count) {
#define BF_CASE(KIND)                                                                                        \
  case KIND: activate(KIND, a, b, x, count); break;
  switch (activation) {
  case BF_IDENTITY: break;
    BF_CASE(BF_RELU)
    BF_CASE(BF_CLAMP)
    BF_CASE(BF_LEAKY_RELU)
    BF_CASE(BF_SIGMOID)
    BF_CASE(BF_TANH)
    BF_CASE(BF_SILU)
    BF_CASE(BF_HARD_SIGMOID)
    BF_CASE(BF_HARD_SWISH)
    BF_CASE(BF_GELU_ERF)
    BF_CASE(BF_GELU_TANH)
    BF_CASE(BF_ELU)
    BF_CASE(BF_SOFTPLUS)
    BF_CASE(BF_MISH)
  }
#undef BF_CASE
}
