#include "recurrent_tasks.h"

static const bf_recurrent_functions *functions(void) {
  bf_isa isa = bf_isa_current();
#if defined(__x86_64__)
  if (isa >= BF_ISA_AVX512) return &bf_recurrent_avx512;
  if (isa >= BF_ISA_AVX2) return &bf_recurrent_avx2;
#elif defined(__aarch64__)
  if (isa >= BF_ISA_NEON) return &bf_recurrent_neon;
#endif
  (void)isa;
  return &bf_recurrent_portable;
}

void bf_lstm_cell(size_t batch, size_t n, const float *gates, ptrdiff_t gates_stride, const float *peephole,
                  float *cell, float *hidden, ptrdiff_t hidden_stride) {
  const bf_recurrent_functions *cells = functions();
  for (size_t b = 0; b < batch; b++)
    cells->lstm(n, gates + (ptrdiff_t)b * gates_stride, peephole, cell + b * n,
                hidden + (ptrdiff_t)b * hidden_stride);
}

void bf_gru_cell(size_t batch, size_t n, const float *x, ptrdiff_t x_stride, const float *h, ptrdiff_t h_stride,
                 const float *previous, float *next, ptrdiff_t next_stride) {
  const bf_recurrent_functions *cells = functions();
  for (size_t b = 0; b < batch; b++)
    cells->gru(n, x + (ptrdiff_t)b * x_stride, h + (ptrdiff_t)b * h_stride, previous + b * n,
               next + (ptrdiff_t)b * next_stride);
}
