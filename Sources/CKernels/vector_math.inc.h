/* Functions of a vector of VW floats, inside a region of target_begin.inc.h. Relative errors stay below 1e-6
 * (3e-7 mostly) while the result is above 1e-30, for GELU_TANH above 1e-3, for MISH 1e-6: their tails are as
 * inexact as their arguments (Tests/CKernelsC/vector_math_test.c); NaN gives NaN, infinities the limits. The polynomials are weighted minimax fits made for these ranges. */

typedef float vf __attribute__((vector_size(VW * 4)));
typedef int32_t vi __attribute__((vector_size(VW * 4)));
typedef uint32_t vu __attribute__((vector_size(VW * 4))); /* wraps */
typedef float vf_unaligned __attribute__((vector_size(VW * 4), aligned(4), may_alias));
typedef int32_t vi_unaligned __attribute__((vector_size(VW * 4), aligned(4), may_alias));

BF_INLINE vf v_load(const float *p) { return *(const vf_unaligned *)p; }
BF_INLINE void v_store(float *p, vf x) { *(vf_unaligned *)p = x; }
BF_INLINE vf v_splat(float x) { return x - (vf){0}; }
BF_INLINE vi v_splat_int(int32_t x) { return x - (vi){0}; }
/* The first `count` elements, at most VW; the others are 0. */
BF_INLINE vf v_load_some(const float *p, size_t count) {
#if BF_MASKS
  return (vf)_mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), p);
#else
  vf x = {0};
  for (size_t i = 0; i < VW; i++)
    if (i < count) x[i] = p[i];
  return x;
#endif
}
BF_INLINE void v_store_some(float *p, vf x, size_t count) {
#if BF_MASKS
  _mm512_mask_storeu_ps(p, (__mmask16)((1u << count) - 1), (__m512)x);
#else
  for (size_t i = 0; i < VW; i++)
    if (i < count) p[i] = x[i];
#endif
}

/* mask ? x : y; a comparison gives a mask of all or no bits. */
BF_INLINE vf v_select(vi mask, vf x, vf y) { return (vf)((mask & (vi)x) | (~mask & (vi)y)); }
/* NaN in x stays. */
BF_INLINE vf v_min(vf x, vf bound) { return v_select(x > bound, bound, x); }
BF_INLINE vf v_max(vf x, vf bound) { return v_select(x < bound, bound, x); }
BF_INLINE vf v_abs(vf x) { return (vf)((vi)x & 0x7fffffff); }
BF_INLINE vf v_copysign(vf magnitude, vf sign) {
  return (vf)(((vi)magnitude & 0x7fffffff) | ((vi)sign & (int32_t)0x80000000));
}
/* 1 / x for a normal x, within two units of the last place. */
BF_INLINE vf v_reciprocal(vf x) {
#if BF_MASKS
  vf r = (vf)_mm512_rcp14_ps((__m512)x);
  return r * (2.0f - x * r);
#elif VW == 32
  __m512 half[2];
  __builtin_memcpy(half, &x, sizeof x);
  half[0] = _mm512_rcp14_ps(half[0]);
  half[1] = _mm512_rcp14_ps(half[1]);
  vf r;
  __builtin_memcpy(&r, half, sizeof r);
  return r * (2.0f - x * r);
#else
  return 1.0f / x;
#endif
}
/* x 2^n for -252 <= n <= 254, rounded once where the result is normal. */
BF_INLINE vf v_scale(vf x, vi n) {
  vi half = n >> 1;
  return x * (vf)((vu)(half + 127) << 23) * (vf)((vu)(n - half + 127) << 23);
}

/* e^r - 1, and n, with x = n ln 2 + r. */
BF_INLINE vf v_exp_fraction(vf x, vi *n) {
  const vf magic = v_splat(12582912.0f); /* 1.5 * 2^23: its sum with x has x rounded in its low bits */
  vf shifted = x * 1.44269504f + magic;
  *n = (vi)((vu)shifted - (vu)magic);
  vf whole = shifted - magic;
  vf r = x - whole * 0.693359375f;
  r = r + whole * 2.12194440e-4f;
  vf p = r * 1.395171725e-3f + 8.369598410e-3f;
  p = p * r + 4.166618728e-2f;
  p = p * r + 1.666651289e-1f;
  p = p * r + 5.000000101e-01f;
  return p * (r * r) + r;
}
BF_INLINE vf v_exp(vf x) {
  vi n;
  vf e = v_exp_fraction(v_min(v_max(x, v_splat(-104.0f)), v_splat(89.0f)), &n) + 1.0f;
  return v_scale(e, n);
}
/* The same with x held between -87 and 88, where the power of two needs no care. */
BF_INLINE vf v_exp_bounded(vf x) {
  vi n;
  vf e = v_exp_fraction(v_min(v_max(x, v_splat(-87.0f)), v_splat(88.0f)), &n) + 1.0f;
  return (vf)((vu)e + ((vu)n << 23));
}
/* e^x - 1, also accurate near 0. */
BF_INLINE vf v_expm1(vf x) {
  vi n;
  vf bounded = v_min(v_max(x, v_splat(-104.0f)), v_splat(89.0f));
  vf e = v_exp_fraction(bounded, &n);
  /* 2^n e + (2^n - 1), in halves, because 2^128 is no number. */
  vf power = (vf)((vu)(n + 126) << 23);
  power = v_select(n < -25, (vf){0}, power);
  vf result = (power * e + (power - 0.5f)) * 2.0f;
  return v_select(v_abs(x) < 1e-9f, x, result);
}

/* log of a normal positive number, less what the caller corrects. */
BF_INLINE vf v_log_normal(vf x, vf exponent) {
  vi bits = (vi)((vu)x - 0x3f3504f3u); /* sqrt(1/2) */
  vi n = bits >> 23;
  vf f = (vf)((bits & 0x007fffff) + 0x3f3504f3) - 1.0f;
  vf p = f * -7.634429909e-02f + 1.276155036e-01f;
  p = p * f - 1.316019505e-01f;
  p = p * f + 1.420176247e-01f;
  p = p * f - 1.662335648e-01f;
  p = p * f + 2.000122667e-01f;
  p = p * f - 2.500082106e-01f;
  p = p * f + 3.333333171e-01f;
  vf square = f * f;
  const vf magic = v_splat(12582912.0f);
  vf e = (vf)((vu)n + (vu)magic) - magic + exponent;
  vf low = p * (square * f) + e * -2.12194440e-4f;
  return (low - 0.5f * square) + f + e * 0.693359375f;
}
BF_INLINE vf v_log(vf x) {
  vi small = x < 1.17549435e-38f;
  vf scaled = v_select(small, x * 8388608.0f, x);
  vf y = v_log_normal(scaled, v_select(small, v_splat(-23.0f), (vf){0}));
  y = v_select(x == v_splat(__builtin_inff()), x, y);
  y = v_select(x == (vf){0}, v_splat(-__builtin_inff()), y);
  y = v_select(x < (vf){0}, v_splat(__builtin_nanf("")), y);
  return v_select(x != x, x, y);
}
/* log(1 + x) for 0 <= x <= 1. */
BF_INLINE vf v_log1p_unit(vf x) {
  vf u = x + 1.0f;
  return v_log_normal(u, (vf){0}) + (x - (u - 1.0f)) / u;
}

/* 1 + e^-x with x held between -88 and 87. */
BF_INLINE vf v_one_plus_exp_of_minus(vf x) {
  const vf magic = v_splat(12582912.0f);
  x = v_min(v_max(x, v_splat(-88.0f)), v_splat(87.0f));
  vf shifted = x * -1.44269504f + magic, n = shifted - magic;
#if BF_FUSED
  vf r = x + n * 0.693147182f;
#else
  vf r = x + n * 0.693359375f;
  r = r - n * 2.12194440e-4f;
#endif
  /* e^-r */
  vf p = r * -8.312430393e-3f + 4.189098756e-2f;
  p = p * r - 1.666711817e-1f;
  p = p * r + 4.999922585e-1f;
  p = p * r - 1.0f;
  p = p * r + 1.0f;
  vf e = (vf)((vu)p + ((vu)shifted << 23));
  return e + 1.0f;
}
BF_INLINE vf v_sigmoid(vf x) { return 1.0f / v_one_plus_exp_of_minus(x); }
BF_INLINE vf v_tanh(vf x) {
  vf e = v_expm1(v_abs(x) * -2.0f);
  return v_copysign(-e / (e + 2.0f), x);
}
/* log(1 + e^x) */
BF_INLINE vf v_softplus(vf x) { return v_max(x, (vf){0}) + v_log1p_unit(v_exp_bounded(-v_abs(x))); }

/* e^(-half w w / 2) times a polynomial of (z - 2) / (z + 2): for half = 2 and z = w >= 0 it is 1 - erf z, for
 * half = 1 and z = w sqrt(1/2) the same without the rounding of that product in the exponent. */
BF_INLINE vf v_erfc_positive(vf z, vf w, float half) {
  z = v_min(z, v_splat(10.1f));
  w = v_min(w, v_splat(13.2f));
  vf t = (z - 2.0f) * v_reciprocal(z + 2.0f);
  vf p = t * 1.078492530e-04f + 6.363964047e-05f;
  p = p * t - 9.273262493e-04f;
  p = p * t - 8.550739088e-04f;
  p = p * t + 6.978593507e-03f;
  p = p * t + 3.734938047e-03f;
  p = p * t - 7.897601014e-02f;
  p = p * t + 2.416579489e-01f;
  p = p * t - 4.271859397e-01f;
  p = p * t + 2.553956812e-01f;
  /* half w w / 2 = sum + rest: what rounding loses is kept. */
  vf high = (vf)((vi)w & (int32_t)0xfffff000);
  vf square = high * high * (half * 0.5f);
  vf low = (w - high) * (w + high) * (half * 0.5f);
  vf sum = square + low;
  vf rest = low - (sum - square);
  vf e = v_exp_bounded(-sum);
  return (e - e * rest) * p;
}
BF_INLINE vf v_erf(vf x) {
  vf z = v_abs(x);
  vf square = x * x;
  vf p = square * -6.243538797e-04f + 5.039119168e-03f;
  p = p * square - 2.679560438e-02f;
  p = p * square + 1.128255503e-01f;
  p = p * square - 3.761255874e-01f;
  p = p * square + 1.283791586e-01f;
  vf far = v_copysign(1.0f - v_erfc_positive(z, z, 2.0f), x);
  return v_select(z < 0.84f, p * x + x, far);
}
/* x P(X <= x) of the normal distribution. */
BF_INLINE vf v_gelu_erf(vf x) {
  vf tail = v_erfc_positive(v_abs(x) * 0.707106781f, v_abs(x), 1.0f) * 0.5f;
  vf bounded = v_max(x, v_splat(-20.0f));
  return v_select(x < (vf){0}, bounded * tail, x - v_min(x, v_splat(20.0f)) * tail);
}
/* x sigmoid(a x), which goes to 0 where a x goes to -inf. */
BF_INLINE vf v_silu(vf x, vf a) {
  const vf least = -88.0f / a, infinity = v_splat(__builtin_inff());
  x = v_max(x, v_select(a > 0.0f, least, -infinity));
  x = v_min(x, v_select(a < 0.0f, least, infinity));
  return x / v_one_plus_exp_of_minus(a * x);
}
/* x (1 + tanh u) / 2 = x sigmoid(2 u), u = sqrt(2 / pi) (x + 0.044715 x^3) */
BF_INLINE vf v_gelu_tanh(vf x) {
  vf bounded = v_max(v_min(x, v_splat(20.0f)), v_splat(-20.0f));
  vf u = bounded * (bounded * bounded * 0.0713548163f + 1.59576912f);
  return v_max(x, v_splat(-20.0f)) / v_one_plus_exp_of_minus(u);
}
/* x tanh(log(1 + e^x)) = x n / (n + 2), n = e^x (e^x + 2) */
BF_INLINE vf v_mish(vf x) {
  vf e = v_exp_bounded(v_min(x, v_splat(20.0f)));
  vf n = e * (e + 2.0f);
  return v_max(x, v_splat(-88.0f)) * (n / (n + 2.0f));
}

BF_INLINE vf v_activate(bf_activation activation, vf a, vf b, vf x) {
  const vf zero = {0}, one = v_splat(1.0f);
  switch (activation) {
  case BF_IDENTITY: return x;
  case BF_RELU: return v_max(x, zero);
  case BF_CLAMP: return v_min(v_max(x, a), b);
  case BF_LEAKY_RELU: return v_select(x < zero, a * x, x);
  case BF_SIGMOID: return v_sigmoid(x);
  case BF_TANH: return v_tanh(x);
  case BF_SILU: return v_silu(x, a);
  case BF_HARD_SIGMOID: return v_min(v_max(a * x + b, zero), one);
  case BF_HARD_SWISH: return v_max(x, v_splat(-3.0f)) * v_min(v_max(x * (1.0f / 6.0f) + 0.5f, zero), one);
  case BF_GELU_ERF: return v_gelu_erf(x);
  case BF_GELU_TANH: return v_gelu_tanh(x);
  case BF_ELU: return v_select(x < zero, a * v_expm1(v_min(x, zero)), x);
  case BF_SOFTPLUS: return v_softplus(x);
  case BF_MISH: return v_mish(x);
  }
  return x;
}
