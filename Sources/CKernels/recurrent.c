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

void bf_lstm_cell(size_t n, const float *gates, const float *peephole, float *cell, float *state) {
  functions()->lstm(n, gates, peephole, cell, state);
}

void bf_gru_cell(size_t n, const float *x, const float *h, float *state) { functions()->gru(n, x, h, state); }

void bf_gru_reset(size_t n, const float *gates, const float *state, float *kept) {
  functions()->gru_reset(n, gates, state, kept);
}

void bf_gru_update(size_t n, const float *gates, const float *candidate, float *state) {
  functions()->gru_update(n, gates, candidate, state);
}
