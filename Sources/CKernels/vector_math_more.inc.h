/* More of a vector of VW floats, after vector_math.inc.h: parts of vectors, whole numbers, powers, angles. */

/* Elements of the first `count` lanes, 0 < count < VW; the others are 0 and nothing beyond them is touched. */
BF_INLINE vi v_lane_numbers(void) {
  vi lanes = {0};
  BF_UNROLL_ALL
  for (int i = 0; i < VW; i++) lanes[i] = i;
  return lanes;
}
BF_INLINE vf v_load_part(const float *p, size_t count) {
#if VW == 16
  return (vf)_mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), p);
#elif VW == 8
  return (vf)_mm256_maskload_ps(p, (__m256i)(v_lane_numbers() < (int32_t)count));
#else
  vf x = {p[0], 0, 0, 0};
  if (count > 1) x[1] = p[1];
  if (count > 2) x[2] = p[2];
  return x;
#endif
}
BF_INLINE void v_store_part(float *p, vf x, size_t count) {
#if VW == 16
  _mm512_mask_storeu_ps(p, (__mmask16)((1u << count) - 1), (__m512)x);
#elif VW == 8
  _mm256_maskstore_ps(p, (__m256i)(v_lane_numbers() < (int32_t)count), (__m256)x);
#else
  p[0] = x[0];
  if (count > 1) p[1] = x[1];
  if (count > 2) p[2] = x[2];
#endif
}
/* A whole vector where at least VW elements are left, otherwise a part. */
BF_INLINE vf v_load_first(const float *p, size_t count) {
  return count >= VW ? v_load(p) : v_load_part(p, count);
}
BF_INLINE void v_store_first(float *p, vf x, size_t count) {
  if (count >= VW)
    v_store(p, x);
  else
    v_store_part(p, x, count);
}

BF_INLINE vi v_select_int(vi mask, vi x, vi y) { return (mask & x) | (~mask & y); }
/* y where either is not a number. */
BF_INLINE vf v_greater(vf x, vf y) { return v_select(x > y, x, y); }
/* Not a number where either is. */
BF_INLINE vf v_maximum(vf x, vf y) { return v_select((x > y) | (x != x), x, y); }
BF_INLINE vf v_minimum(vf x, vf y) { return v_select((x < y) | (x != x), x, y); }

/* Halves against each other down to four lanes, and on. */
#if VW == 16
#define V_FOLD(x, by)                                                                                        \
  vf by##_8 = by(x, __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));    \
  vf by##_4 = by(by##_8, __builtin_shufflevector(by##_8, by##_8, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8,  \
                                                 9, 10, 11))
#elif VW == 8
#define V_FOLD(x, by) vf by##_4 = by(x, __builtin_shufflevector(x, x, 4, 5, 6, 7, 0, 1, 2, 3))
#else
#define V_FOLD(x, by) vf by##_4 = x
#endif
#define V_ADD(x, y) ((x) + (y))
BF_INLINE float v_sum(vf x) {
  V_FOLD(x, V_ADD);
  return (V_ADD_4[0] + V_ADD_4[2]) + (V_ADD_4[1] + V_ADD_4[3]);
}
/* The greatest lane; one that is not a number may be passed over. */
BF_INLINE float v_greatest(vf x) {
  V_FOLD(x, v_greater);
  float a = v_greater_4[0], b = v_greater_4[1], c = v_greater_4[2], d = v_greater_4[3];
  a = a > b ? a : b;
  c = c > d ? c : d;
  return a > c ? a : c;
}
BF_INLINE bool v_any(vi mask) {
#if VW == 16
  return _mm512_movepi32_mask((__m512i)mask) != 0;
#elif VW == 8
  return _mm256_movemask_ps((__m256)mask) != 0;
#else
  int32_t any = 0;
  BF_UNROLL_ALL
  for (int i = 0; i < VW; i++) any |= mask[i];
  return any != 0;
#endif
}

/* To the nearest whole number, halves to the even one; the sign of zero is kept. */
BF_INLINE vf v_round(vf x) {
  vf magnitude = v_abs(x);
  vf rounded = (magnitude + 8388608.0f) - 8388608.0f;
  return v_copysign(v_select(magnitude < 8388608.0f, rounded, magnitude), x);
}
BF_INLINE vf v_floor(vf x) {
  vf near = v_round(x);
  return v_select(near > x, near - 1.0f, near);
}
BF_INLINE vf v_ceil(vf x) {
  vf near = v_round(x);
  return v_select(near < x, v_copysign(near + 1.0f, x), near);
}
BF_INLINE vf v_sqrt(vf x) {
#if VW == 16
  return (vf)_mm512_sqrt_ps((__m512)x);
#elif VW == 8
  return (vf)_mm256_sqrt_ps((__m256)x);
#else
  BF_UNROLL_ALL
  for (int i = 0; i < VW; i++) x[i] = sqrtf(x[i]);
  return x;
#endif
}

/* e^x for x <= 0 with half the work of v_exp: below -87.3 the result is 0 where it would be subnormal. */
BF_INLINE vf v_exp_negative(vf x) {
  vi n;
  vi gone = x < -87.3f;
  vf e = v_exp_fraction(v_select(gone, v_splat(-87.3f), x), &n) + 1.0f;
  return (vf)((vi)(e * (vf)((n + 127) << 23)) & ~gone);
}

/* ---- In double, where float would lose what the result needs ---------------------------------------- */

typedef double vd __attribute__((vector_size(VW * 8)));
typedef int64_t vl __attribute__((vector_size(VW * 8)));

/* 2^23 of the exponent and the quarter turn: x = n pi/2 + r for |x| < 2^20. */
BF_INLINE vf v_turn(vf x, vi *quarter) {
  vd wide = __builtin_convertvector(x, vd);
  const vd magic = 6755399441055744.0 - (vd){0}; /* 1.5 * 2^52 */
  vd shifted = wide * 0.63661977236758134 + magic;
  *quarter = __builtin_convertvector((vl)shifted - (vl)magic, vi);
  vd r = wide - (shifted - magic) * 1.5707963267948966;
  r -= (shifted - magic) * 6.1232339957367660e-17;
  return __builtin_convertvector(r, vf);
}
/* Of |r| <= pi/4, by the Taylor series, whose rest there is below 2e-9. */
BF_INLINE vf v_sin_near(vf r) {
  vf s = r * r;
  vf p = s * 2.7557319e-6f - 1.9841270e-4f;
  p = p * s + 8.3333333e-3f;
  p = p * s - 1.6666667e-1f;
  return p * s * r + r;
}
BF_INLINE vf v_cos_near(vf r) {
  vf s = r * r;
  vf p = s * -2.7557319e-7f + 2.4801587e-5f;
  p = p * s - 1.3888889e-3f;
  p = p * s + 4.1666667e-2f;
  return p * s * s + (1.0f - 0.5f * s);
}
/* sin(x + ahead pi/2); angles beyond 2^20 go to libm. */
BF_INLINE vf v_sin_ahead(vf x, int ahead) {
  vi quarter;
  vi far = ~(v_abs(x) < 1048576.0f);
  vf r = v_turn(v_select(far, (vf){0}, x), &quarter);
  quarter += ahead;
  vf y = v_select((quarter & 1) != 0, v_cos_near(r), v_sin_near(r));
  y = (vf)((vi)y ^ ((quarter & 2) << 30));
  if (v_any(far))
    for (int i = 0; i < VW; i++)
      if (far[i]) y[i] = ahead ? cosf(x[i]) : sinf(x[i]);
  return y;
}
BF_INLINE vf v_sin(vf x) { return v_sin_ahead(x, 0); }
BF_INLINE vf v_cos(vf x) { return v_sin_ahead(x, 1); }

/* x^y = 2^(y log2 x) in double for normal positive x and results in range; libm has the rest. */
BF_INLINE vf v_pow(vf x, vf y) {
  vi odd = ~((x >= 1.17549435e-38f) & (x < __builtin_inff()) & (v_abs(y) < 1e6f));
  vf base = v_select(odd, v_splat(1.0f), x);
  vi bits = (vi)base - 0x3f3504f3; /* sqrt(1/2) */
  vi exponent = bits >> 23;
  vd m = __builtin_convertvector((vf)((bits & 0x007fffff) + 0x3f3504f3), vd);
  /* log m = 2 artanh t, t = (m - 1) / (m + 1) within 0.1716; the series' rest is below 2e-12. */
  vd t = (m - 1.0) / (m + 1.0), s = t * t;
  vd p = s * (2.0 / 13) + 2.0 / 11;
  p = p * s + 2.0 / 9;
  p = p * s + 2.0 / 7;
  p = p * s + 2.0 / 5;
  p = p * s + 2.0 / 3;
  vd log2 = (p * s * t + 2.0 * t) * 1.4426950408889634 + __builtin_convertvector(exponent, vd);
  vd e = log2 * __builtin_convertvector(v_select(odd, (vf){0}, y), vd);
  vl high = e > 200.0, low = e < -200.0;
  e = (vd)(((vl)e & ~(high | low)) | (high & (vl)(200.0 - (vd){0})) | (low & (vl)(-200.0 - (vd){0})));
  const vd magic = 6755399441055744.0 - (vd){0};
  vd shifted = e + magic;
  vd r = (e - (shifted - magic)) * 0.69314718055994531;
  vd q = r * (1.0 / 40320) + 1.0 / 5040;
  q = q * r + 1.0 / 720;
  q = q * r + 1.0 / 120;
  q = q * r + 1.0 / 24;
  q = q * r + 1.0 / 6;
  q = q * r + 0.5;
  q = q * r * r + r + 1.0;
  vl power = ((vl)shifted - (vl)magic + 1023) << 52;
  vf z = __builtin_convertvector(q * (vd)power, vf);
  if (v_any(odd))
    for (int i = 0; i < VW; i++)
      if (odd[i]) z[i] = powf(x[i], y[i]);
  return z;
}
