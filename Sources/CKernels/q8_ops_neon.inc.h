/* Vectors of 128 bits of AArch64; both operands of a dot product are signed. Q8_DOT: with sdot. */

typedef int32x4_t qi;
typedef float32x4_t qf;
typedef uint8x16_t qb;
#if defined(Q8_DOT)
enum { L = 4, NV = 4, MR = 6, DW_COLUMNS = 4, BLOCK_NV = 4, BLOCK_MR = 4, BLOCK_TILE = 1 };
#else
enum { L = 4, NV = 2, MR = 4, DW_COLUMNS = 2, BLOCK_NV = 2, BLOCK_MR = 2, BLOCK_TILE = 1 };
#endif
#define NATIVE_IS_SIGNED true

Q8_INLINE qi qi_load(const int32_t *p) { return vld1q_s32(p); }
Q8_INLINE void qi_store(int32_t *p, qi v) { vst1q_s32(p, v); }
Q8_INLINE qi qi_set(int32_t v) { return vdupq_n_s32(v); }
Q8_INLINE qi qi_sub_mul(qi c, qi a, qi b) { return vmlsq_s32(c, a, b); }
/* q8_fixed without a shift to the left. The shift to the right rounds halves up: a number below zero is one
 * less before it, where there is one. */
Q8_INLINE qi qi_fixed(qi x, qi multiplier, qi right) {
  qi high = vqrdmulhq_s32(x, multiplier), back = vnegq_s32(right);
  return vrshlq_s32(vqaddq_s32(high, vshrq_n_s32(vandq_s32(high, back), 31)), back);
}
Q8_INLINE qf qi_float(qi v) { return vcvtq_f32_s32(v); }
Q8_INLINE qi qf_round(qf v) { return vcvtnq_s32_f32(v); }
Q8_INLINE qf qf_load(const float *p) { return vld1q_f32(p); }
Q8_INLINE void qf_store(float *p, qf v) { vst1q_f32(p, v); }
Q8_INLINE qf qf_set(float v) { return vdupq_n_f32(v); }
Q8_INLINE qf qf_fma(qf a, qf b, qf c) { return vfmaq_f32(c, a, b); }
Q8_INLINE qf qf_add(qf a, qf b) { return vaddq_f32(a, b); }
Q8_INLINE qf qf_mul(qf a, qf b) { return vmulq_f32(a, b); }
Q8_INLINE qf qf_min(qf a, qf b) { return vminq_f32(a, b); }
Q8_INLINE qf qf_max(qf a, qf b) { return vmaxq_f32(a, b); }

Q8_INLINE qb qb_load(const void *p) { return vld1q_u8(p); }
Q8_INLINE qb qb_set(uint32_t v) { return vreinterpretq_u8_u32(vdupq_n_u32(v)); }
Q8_INLINE qb qb_broadcast(const uint8_t *p) {
  uint32_t four;
  memcpy(&four, p, 4);
  return qb_set(four);
}
Q8_INLINE qb qb_xor(qb a, qb b) { return veorq_u8(a, b); }
Q8_INLINE qb qb_low_nibbles(qb a) { return vandq_u8(a, vdupq_n_u8(15)); }
Q8_INLINE qb qb_high_nibbles(qb a) { return vshrq_n_u8(a, 4); }
Q8_INLINE qb qb_zip_low8(qb a, qb b) { return vzip1q_u8(a, b); }
Q8_INLINE qb qb_zip_high8(qb a, qb b) { return vzip2q_u8(a, b); }
Q8_INLINE qb qb_zip_low16(qb a, qb b) {
  return vreinterpretq_u8_u16(vzip1q_u16(vreinterpretq_u16_u8(a), vreinterpretq_u16_u8(b)));
}
Q8_INLINE qb qb_zip_high16(qb a, qb b) {
  return vreinterpretq_u8_u16(vzip2q_u16(vreinterpretq_u16_u8(a), vreinterpretq_u16_u8(b)));
}
Q8_INLINE qb qb_load_part(const void *p, size_t count) {
  uint8_t bytes[16] = {0};
  memcpy(bytes, p, count);
  return qb_load(bytes);
}
Q8_INLINE void qb_store(void *p, qb v, size_t count) {
  if (count == 16) {
    vst1q_u8(p, v);
  } else if (count == 8) {
    vst1_u8(p, vget_low_u8(v));
  } else {
    uint8_t bytes[16];
    vst1q_u8(bytes, v);
    memcpy(p, bytes, count);
  }
}
Q8_INLINE qi qi_widen(const uint8_t *p, uint8_t flip) {
  uint32_t four;
  memcpy(&four, p, 4);
  uint8x8_t bytes = veor_u8(vreinterpret_u8_u32(vdup_n_u32(four)), vdup_n_u8(flip));
  return vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(vmovl_u8(bytes))));
}
Q8_INLINE qb qb_narrow(qi a, qi b, qi c, qi d, const q8_result *r, const bool is_plain) {
  int16x8_t x = vcombine_s16(vqmovn_s32(a), vqmovn_s32(b));
  int16x8_t y = vcombine_s16(vqmovn_s32(c), vqmovn_s32(d));
  if (!is_plain) {
    int16x8_t zeros = vdupq_n_s16((int16_t)r->zero_point);
    x = vqaddq_s16(x, zeros);
    y = vqaddq_s16(y, zeros);
  }
  qb bytes = vcombine_u8(vqmovun_s16(x), vqmovun_s16(y));
  if (!is_plain) bytes = vminq_u8(vmaxq_u8(bytes, vdupq_n_u8(r->low)), vdupq_n_u8(r->high));
  return veorq_u8(bytes, vdupq_n_u8(r->flip));
}
Q8_INLINE qb qb_in_order(qb v) { return v; }

#if defined(Q8_DOT)
typedef qi qa;
typedef int8x16_t qu;
typedef int8x16_t qs;
Q8_INLINE qa qa_start(qi v) { return v; }
Q8_INLINE qi qa_sum(qa v) { return v; }
Q8_INLINE qu qu_from(qb v) { return vreinterpretq_s8_u8(v); }
Q8_INLINE qs qs_from(qb v) { return vreinterpretq_s8_u8(v); }
Q8_INLINE qa qa_dot(qa sum, qu u, qs s) { return vdotq_s32(sum, u, s); }
#else
/* Two partial sums for each lane, added at the end: (0, 0, 1, 1) and (2, 2, 3, 3). */
typedef struct { int32x4_t low, high; } qa;
typedef int8x16_t qu;
typedef int8x16_t qs;
Q8_INLINE qa qa_start(qi v) {
  return (qa){vzip1q_s32(v, vdupq_n_s32(0)), vzip2q_s32(v, vdupq_n_s32(0))};
}
Q8_INLINE qi qa_sum(qa v) { return vpaddq_s32(v.low, v.high); }
Q8_INLINE qu qu_from(qb v) { return vreinterpretq_s8_u8(v); }
Q8_INLINE qs qs_from(qb v) { return vreinterpretq_s8_u8(v); }
Q8_INLINE qa qa_dot(qa sum, qu u, qs s) {
  sum.low = vpadalq_s16(sum.low, vmull_s8(vget_low_s8(u), vget_low_s8(s)));
  sum.high = vpadalq_s16(sum.high, vmull_high_s8(u, s));
  return sum;
}
#endif
