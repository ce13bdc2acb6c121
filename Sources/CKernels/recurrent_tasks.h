/* The cells of bf_recurrent.h; each instruction set has its own. */
#ifndef BF_RECURRENT_TASKS_H
#define BF_RECURRENT_TASKS_H

#include "bf_recurrent.h"

typedef struct bf_recurrent_functions {
  void (*lstm)(size_t n, const float *gates, const float *peephole, float *cell, float *state);
  void (*gru)(size_t n, const float *x, const float *h, float *state);
  void (*gru_reset)(size_t n, const float *gates, const float *state, float *kept);
  void (*gru_update)(size_t n, const float *gates, const float *candidate, float *state);
} bf_recurrent_functions;

extern const bf_recurrent_functions bf_recurrent_portable;
#if defined(__x86_64__)
extern const bf_recurrent_functions bf_recurrent_avx512, bf_recurrent_avx2;
#elif defined(__aarch64__)
extern const bf_recurrent_functions bf_recurrent_neon;
#endif

#endif
