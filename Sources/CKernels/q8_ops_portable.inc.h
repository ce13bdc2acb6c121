/* Vectors of four, in plain C. */

typedef struct { int32_t v[4]; } qi;
typedef struct { float v[4]; } qf;
typedef struct { uint8_t v[16]; } qb;
typedef qi qa;
typedef qb qu;
typedef qb qs;
enum { L = 4, NV = 2, MR = 2, DW_COLUMNS = 1, BLOCK_NV = 2, BLOCK_MR = 1, BLOCK_TILE = 1 };
#define NATIVE_IS_SIGNED false
#define EACH(n, type, body) type r; for (int i = 0; i < n; i++) body; return r

Q8_INLINE qi qi_load(const int32_t *p) { EACH(4, qi, r.v[i] = p[i]); }
Q8_INLINE void qi_store(int32_t *p, qi v) { memcpy(p, v.v, sizeof v.v); }
Q8_INLINE qi qi_set(int32_t v) { EACH(4, qi, r.v[i] = v); }
Q8_INLINE qi qi_sub_mul(qi c, qi a, qi b) {
  EACH(4, qi, r.v[i] = (int32_t)((uint32_t)c.v[i] - (uint32_t)a.v[i] * (uint32_t)b.v[i]));
}
Q8_INLINE qi qi_fixed(qi x, qi multiplier, qi right) {
  EACH(4, qi, r.v[i] = q8_fixed(x.v[i], multiplier.v[i], -right.v[i]));
}
Q8_INLINE qf qi_float(qi v) { EACH(4, qf, r.v[i] = (float)v.v[i]); }
Q8_INLINE qi qf_round(qf v) { EACH(4, qi, r.v[i] = (int32_t)__builtin_rintf(v.v[i])); }
Q8_INLINE qf qf_load(const float *p) { EACH(4, qf, r.v[i] = p[i]); }
Q8_INLINE void qf_store(float *p, qf v) { memcpy(p, v.v, sizeof v.v); }
Q8_INLINE qf qf_set(float v) { EACH(4, qf, r.v[i] = v); }
Q8_INLINE qf qf_fma(qf a, qf b, qf c) { EACH(4, qf, r.v[i] = a.v[i] * b.v[i] + c.v[i]); }
Q8_INLINE qf qf_add(qf a, qf b) { EACH(4, qf, r.v[i] = a.v[i] + b.v[i]); }
Q8_INLINE qf qf_mul(qf a, qf b) { EACH(4, qf, r.v[i] = a.v[i] * b.v[i]); }
Q8_INLINE qf qf_min(qf a, qf b) { EACH(4, qf, r.v[i] = a.v[i] < b.v[i] ? a.v[i] : b.v[i]); }
Q8_INLINE qf qf_max(qf a, qf b) { EACH(4, qf, r.v[i] = a.v[i] > b.v[i] ? a.v[i] : b.v[i]); }

Q8_INLINE qb qb_load(const void *p) {
  qb r;
  memcpy(r.v, p, 16);
  return r;
}
Q8_INLINE qb qb_set(uint32_t v) {
  qb r;
  for (int i = 0; i < 4; i++) memcpy(r.v + 4 * i, &v, 4);
  return r;
}
Q8_INLINE qb qb_broadcast(const uint8_t *p) {
  uint32_t four;
  memcpy(&four, p, 4);
  return qb_set(four);
}
Q8_INLINE qb qb_xor(qb a, qb b) { EACH(16, qb, r.v[i] = a.v[i] ^ b.v[i]); }
Q8_INLINE qb qb_low_nibbles(qb a) { EACH(16, qb, r.v[i] = a.v[i] & 15); }
Q8_INLINE qb qb_high_nibbles(qb a) { EACH(16, qb, r.v[i] = a.v[i] >> 4); }
Q8_INLINE qb qb_zip_low8(qb a, qb b) { EACH(16, qb, r.v[i] = i % 2 ? b.v[i / 2] : a.v[i / 2]); }
Q8_INLINE qb qb_zip_high8(qb a, qb b) { EACH(16, qb, r.v[i] = i % 2 ? b.v[8 + i / 2] : a.v[8 + i / 2]); }
Q8_INLINE qb qb_zip_low16(qb a, qb b) {
  EACH(16, qb, r.v[i] = i / 2 % 2 ? b.v[i / 4 * 2 + i % 2] : a.v[i / 4 * 2 + i % 2]);
}
Q8_INLINE qb qb_zip_high16(qb a, qb b) {
  EACH(16, qb, r.v[i] = i / 2 % 2 ? b.v[8 + i / 4 * 2 + i % 2] : a.v[8 + i / 4 * 2 + i % 2]);
}
Q8_INLINE qb qb_load_part(const void *p, size_t count) {
  qb r = {{0}};
  memcpy(r.v, p, count);
  return r;
}
Q8_INLINE void qb_store(void *p, qb v, size_t count) { memcpy(p, v.v, count); }
Q8_INLINE qi qi_widen(const uint8_t *p, uint8_t flip) { EACH(4, qi, r.v[i] = p[i] ^ flip); }
Q8_INLINE uint8_t narrowed(int32_t v, const q8_result *r) {
  v = v < -32768 ? -32768 : v > 32767 ? 32767 : v;
  v += r->zero_point;
  return (uint8_t)((v < r->low ? r->low : v > r->high ? r->high : (uint8_t)v) ^ r->flip);
}
Q8_INLINE qb qb_narrow(qi a, qi b, qi c, qi d, const q8_result *result, const bool is_plain) {
  (void)is_plain;
  qb r;
  for (int i = 0; i < 4; i++) {
    r.v[i] = narrowed(a.v[i], result);
    r.v[4 + i] = narrowed(b.v[i], result);
    r.v[8 + i] = narrowed(c.v[i], result);
    r.v[12 + i] = narrowed(d.v[i], result);
  }
  return r;
}
Q8_INLINE qb qb_in_order(qb v) { return v; }

Q8_INLINE qa qa_start(qi v) { return v; }
Q8_INLINE qi qa_sum(qa v) { return v; }
Q8_INLINE qu qu_from(qb v) { return v; }
Q8_INLINE qs qs_from(qb v) { return v; }
Q8_INLINE qa qa_dot(qa sum, qu u, qs s) {
  for (int i = 0; i < 4; i++) {
    int32_t dot = 0;
    for (int j = 0; j < 4; j++) dot += u.v[4 * i + j] * (int8_t)s.v[4 * i + j];
    sum.v[i] = (int32_t)((uint32_t)sum.v[i] + (uint32_t)dot);
  }
  return sum;
}
