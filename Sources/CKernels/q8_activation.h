/* Activations of rows of real numbers. */
#ifndef Q8_ACTIVATION_H
#define Q8_ACTIVATION_H

#include <math.h>

#include "bf_contraction.h"

static inline float q8_activated(bf_activation activation, float a, float b, float x) {
  switch (activation) {
  case BF_IDENTITY: return x;
  case BF_RELU: return x > 0 ? x : 0;
  case BF_CLAMP: return x < a ? a : x > b ? b : x;
  case BF_LEAKY_RELU: return x < 0 ? a * x : x;
  case BF_SIGMOID: return 1 / (1 + expf(-x));
  case BF_TANH: return tanhf(x);
  case BF_SILU: return x / (1 + expf(-a * x));
  case BF_HARD_SIGMOID: return fminf(fmaxf(a * x + b, 0), 1);
  case BF_HARD_SWISH: return x * fminf(fmaxf(x / 6 + 0.5f, 0), 1);
  case BF_GELU_ERF: return 0.5f * x * (1 + erff(x * 0.70710678f));
  case BF_GELU_TANH: return 0.5f * x * (1 + tanhf(0.79788456f * (x + 0.044715f * x * x * x)));
  case BF_ELU: return x < 0 ? a * expm1f(x) : x;
  case BF_SOFTPLUS: return fmaxf(x, 0) + log1pf(expf(-fabsf(x)));
  case BF_MISH: return x * tanhf(fmaxf(x, 0) + log1pf(expf(-fabsf(x))));
  }
  return x;
}

/* The switch stands outside the loops, so that the simple ones become vector code. */
static inline void q8_activate(bf_activation activation, float a, float b, size_t count, float *x) {
#define Q8_EACH(kind)                                                                       \
  case kind:                                                                                \
    for (size_t i = 0; i < count; i++) x[i] = q8_activated(kind, a, b, x[i]);               \
    return
  switch (activation) {
  case BF_IDENTITY: return;
    Q8_EACH(BF_RELU);
    Q8_EACH(BF_CLAMP);
    Q8_EACH(BF_LEAKY_RELU);
    Q8_EACH(BF_HARD_SIGMOID);
    Q8_EACH(BF_HARD_SWISH);
  case BF_SIGMOID:
  case BF_TANH:
  case BF_SILU:
  case BF_GELU_ERF:
  case BF_GELU_TANH:
  case BF_ELU:
  case BF_SOFTPLUS:
  case BF_MISH:
    for (size_t i = 0; i < count; i++) x[i] = q8_activated(activation, a, b, x[i]);
  }
#undef Q8_EACH
}

#endif
