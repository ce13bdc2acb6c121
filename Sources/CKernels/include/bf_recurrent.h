/* One time step of gated cells of one batch entry, after the products: elementwise over n hidden elements.
 * float32; sigmoid for gates, tanh for what is new. Gates stand one behind the other, n elements each, in
 * ONNX's order. Operands do not overlap. */
#ifndef BF_RECURRENT_H
#define BF_RECURRENT_H

#include "bf_pool.h"

#if defined(__cplusplus)
extern "C" {
#endif

/* gates [4 n]: i, o, f, c, the sums of both products and biases. cell is updated in place; state receives the
 * output. peephole [3 n] (i, o, f) or NULL. */
void bf_lstm_cell(size_t n, const float *gates, const float *peephole, float *cell, float *state);
/* linear_before_reset: x [3 n] (z, r, h) from the input with its bias, h [3 n] from the state with its bias.
 * state is updated in place. */
void bf_gru_cell(size_t n, const float *x, const float *h, float *state);
/* Without linear_before_reset, in two parts. gates [2 n]: z, r, the sums of both products and biases. kept =
 * sigmoid(r) state is what the candidate's product takes. */
void bf_gru_reset(size_t n, const float *gates, const float *state, float *kept);
/* candidate [n]: the sum of both products, of the input and of kept, and biases. state is updated in place. */
void bf_gru_update(size_t n, const float *gates, const float *candidate, float *state);

#if defined(__cplusplus)
}
#endif
#endif
