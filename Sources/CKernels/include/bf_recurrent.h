/* One time step of gated cells, after the products: elementwise over batch x hidden. float32. */
#ifndef BF_RECURRENT_H
#define BF_RECURRENT_H

#include "bf_pool.h"

#if defined(__cplusplus)
extern "C" {
#endif

/* ONNX order of gates i, o, f, c; sigmoid, tanh, tanh. gates: batch x 4 hidden, the sum of both products
 * and biases. cell is updated in place; hidden receives the output. peephole [3 hidden] (i, o, f) or NULL. */
void bf_lstm_cell(size_t batch, size_t hidden_size, const float *gates, ptrdiff_t gates_stride,
                  const float *peephole, float *cell, float *hidden, ptrdiff_t hidden_stride);
/* ONNX order z, r, h; linear_before_reset. x: batch x 3 hidden from the input with its bias; h: batch x 3
 * hidden from the state with its bias; previous (rows of hidden_size) and next state. */
void bf_gru_cell(size_t batch, size_t hidden_size, const float *x, ptrdiff_t x_stride, const float *h,
                 ptrdiff_t h_stride, const float *previous, float *next, ptrdiff_t next_stride);

#if defined(__cplusplus)
}
#endif
#endif
