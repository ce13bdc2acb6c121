#include <math.h>

#include "bf_elementwise.h"

static float clamp(float x, float least, float greatest) {
  x = x < least ? least : x;
  return x > greatest ? greatest : x;
}

float bf_activate(bf_activation activation, float a, float b, float x) {
  double w = (double)x;
  switch (activation) {
  case BF_IDENTITY: return x;
  case BF_RELU: return x < 0 ? 0 : x;
  case BF_CLAMP: return clamp(x, a, b);
  case BF_LEAKY_RELU: return x < 0 ? a * x : x;
  case BF_SIGMOID: return (float)(1 / (1 + exp(-w)));
  case BF_TANH: return (float)tanh(w);
  case BF_SILU: {
    double s = 1 / (1 + exp(-(double)a * w));
    return (float)(s == 0 ? 0 : w * s);
  }
  case BF_HARD_SIGMOID: return clamp(a * x + b, 0, 1);
  case BF_HARD_SWISH: return x < -3 ? 0 : x * clamp(x / 6 + 0.5f, 0, 1);
  case BF_GELU_ERF: return (float)(x < -40 ? 0 : 0.5 * w * erfc(-w * 0.70710678118654752));
  case BF_GELU_TANH: {
    double u = 0.79788456080286536 * (w + 0.044715 * w * w * w), s = 1 / (1 + exp(-2 * u));
    return (float)(s == 0 ? 0 : w * s);
  }
  case BF_ELU: return x < 0 ? (float)((double)a * expm1(w)) : x;
  case BF_SOFTPLUS: return (float)((x > 0 ? w : 0) + log1p(exp(-fabs(w))));
  case BF_MISH: return (float)(x < -200 ? 0 : w * tanh((x > 0 ? w : 0) + log1p(exp(-fabs(w)))));
  }
  return x;
}
