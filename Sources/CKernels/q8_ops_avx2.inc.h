/* Vectors of 256 bits. Q8_DOT: the intrinsic of a dot product, when there is one. */

typedef __m256i qi;
typedef __m256 qf;
typedef __m256i qb;
typedef __m256i qa;
#if defined(Q8_REGISTERS_32)
enum { L = 8, NV = 2, MR = 6, DW_COLUMNS = 4 };
#elif defined(Q8_DOT)
enum { L = 8, NV = 2, MR = 6, DW_COLUMNS = 2, BLOCK_NV = 2, BLOCK_MR = 2, BLOCK_TILE = 1 };
#else
enum { L = 8, NV = 2, MR = 4, DW_COLUMNS = 2, BLOCK_NV = 2, BLOCK_MR = 2, BLOCK_TILE = 1 };
#endif
#define NATIVE_IS_SIGNED false

Q8_INLINE qi qi_load(const int32_t *p) { return _mm256_loadu_si256((const __m256i *)p); }
Q8_INLINE void qi_store(int32_t *p, qi v) { _mm256_storeu_si256((__m256i *)p, v); }
Q8_INLINE qi qi_set(int32_t v) { return _mm256_set1_epi32(v); }
Q8_INLINE qi qi_sub_mul(qi c, qi a, qi b) { return _mm256_sub_epi32(c, _mm256_mullo_epi32(a, b)); }
/* q8_fixed without a shift to the left, of numbers between -2^30 and 2^30, which can be doubled so that the
 * product's high half is the one asked for. Where it is shifted, a number below zero is one less before, and
 * all are half of the divisor more. */
Q8_INLINE qi qi_fixed(qi x, qi multiplier, qi right) {
  x = _mm256_add_epi32(x, x);
  __m256i nudge = _mm256_set1_epi64x(1LL << 31);
  __m256i even = _mm256_add_epi64(_mm256_mul_epi32(x, multiplier), nudge);
  __m256i odd = _mm256_mul_epi32(_mm256_srli_epi64(x, 32), _mm256_srli_epi64(multiplier, 32));
  qi high = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), _mm256_add_epi64(odd, nudge), 0xaa);
  qi half = _mm256_srli_epi32(_mm256_sllv_epi32(qi_set(1), right), 1);
  qi less = _mm256_srai_epi32(_mm256_and_si256(high, _mm256_sub_epi32(_mm256_setzero_si256(), right)), 31);
  return _mm256_srav_epi32(_mm256_add_epi32(_mm256_add_epi32(high, half), less), right);
}
Q8_INLINE qf qi_float(qi v) { return _mm256_cvtepi32_ps(v); }
Q8_INLINE qi qf_round(qf v) { return _mm256_cvtps_epi32(v); }
Q8_INLINE qf qf_load(const float *p) { return _mm256_loadu_ps(p); }
Q8_INLINE void qf_store(float *p, qf v) { _mm256_storeu_ps(p, v); }
Q8_INLINE qf qf_set(float v) { return _mm256_set1_ps(v); }
Q8_INLINE qf qf_fma(qf a, qf b, qf c) { return _mm256_fmadd_ps(a, b, c); }
Q8_INLINE qf qf_add(qf a, qf b) { return _mm256_add_ps(a, b); }
Q8_INLINE qf qf_mul(qf a, qf b) { return _mm256_mul_ps(a, b); }
Q8_INLINE qf qf_min(qf a, qf b) { return _mm256_min_ps(a, b); }
Q8_INLINE qf qf_max(qf a, qf b) { return _mm256_max_ps(a, b); }

Q8_INLINE qb qb_load(const void *p) { return _mm256_loadu_si256(p); }
Q8_INLINE qb qb_set(uint32_t v) { return _mm256_set1_epi32((int)v); }
/* Kept whole: the compiler would rather flip the scalar, and broadcast it between registers. */
Q8_INLINE qb qb_broadcast(const uint8_t *p) {
  int32_t four;
  memcpy(&four, p, 4);
  qb v = _mm256_set1_epi32(four);
  __asm__("" : "+x"(v));
  return v;
}
Q8_INLINE qb qb_xor(qb a, qb b) { return _mm256_xor_si256(a, b); }
Q8_INLINE qb qb_low_nibbles(qb a) { return _mm256_and_si256(a, _mm256_set1_epi8(15)); }
Q8_INLINE qb qb_high_nibbles(qb a) { return qb_low_nibbles(_mm256_srli_epi16(a, 4)); }
Q8_INLINE qb qb_zip_low8(qb a, qb b) { return _mm256_unpacklo_epi8(a, b); }
Q8_INLINE qb qb_zip_high8(qb a, qb b) { return _mm256_unpackhi_epi8(a, b); }
Q8_INLINE qb qb_zip_low16(qb a, qb b) { return _mm256_unpacklo_epi16(a, b); }
Q8_INLINE qb qb_zip_high16(qb a, qb b) { return _mm256_unpackhi_epi16(a, b); }
Q8_INLINE qb qb_load_part(const void *p, size_t count) {
  uint8_t bytes[32] = {0};
  memcpy(bytes, p, count);
  return qb_load(bytes);
}
Q8_INLINE void qb_store(void *p, qb v, size_t count) {
  if (count == 32) {
    _mm256_storeu_si256(p, v);
  } else if (count == 16) {
    _mm_storeu_si128(p, _mm256_castsi256_si128(v));
  } else if (count == 8) {
    _mm_storel_epi64(p, _mm256_castsi256_si128(v));
  } else {
    uint8_t bytes[32];
    _mm256_storeu_si256((__m256i *)bytes, v);
    memcpy(p, bytes, count);
  }
}
Q8_INLINE qi qi_widen(const uint8_t *p, uint8_t flip) {
  return _mm256_cvtepu8_epi32(_mm_xor_si128(_mm_loadl_epi64((const __m128i *)p), _mm_set1_epi8((char)flip)));
}
Q8_INLINE qb qb_narrow(qi a, qi b, qi c, qi d, const q8_result *r, const bool is_plain) {
  qb x = _mm256_packs_epi32(a, b), y = _mm256_packs_epi32(c, d);
  if (!is_plain) {
    qb zeros = _mm256_set1_epi16((short)r->zero_point);
    x = _mm256_adds_epi16(x, zeros);
    y = _mm256_adds_epi16(y, zeros);
  }
  qb bytes = _mm256_packus_epi16(x, y);
  if (!is_plain) {
    bytes = _mm256_max_epu8(bytes, _mm256_set1_epi8((char)r->low));
    bytes = _mm256_min_epu8(bytes, _mm256_set1_epi8((char)r->high));
  }
  return _mm256_xor_si256(bytes, _mm256_set1_epi8((char)r->flip));
}
Q8_INLINE qb qb_in_order(qb v) {
  return _mm256_permutevar8x32_epi32(v, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

Q8_INLINE qa qa_start(qi v) { return v; }
Q8_INLINE qi qa_sum(qa v) { return v; }
#if defined(Q8_DOT)
typedef qb qu;
typedef qb qs;
Q8_INLINE qu qu_from(qb v) { return v; }
Q8_INLINE qs qs_from(qb v) { return v; }
Q8_INLINE qa qa_dot(qa sum, qu u, qs s) { return Q8_DOT(sum, u, s); }
#else
typedef struct { __m256i even, odd; } qu, qs;
Q8_INLINE qu qu_from(qb v) {
  return (qu){_mm256_and_si256(v, _mm256_set1_epi16(255)), _mm256_srli_epi16(v, 8)};
}
Q8_INLINE qs qs_from(qb v) {
  return (qs){_mm256_srai_epi16(_mm256_slli_epi16(v, 8), 8), _mm256_srai_epi16(v, 8)};
}
Q8_INLINE qa qa_dot(qa sum, qu u, qs s) {
  sum = _mm256_add_epi32(sum, _mm256_madd_epi16(u.even, s.even));
  return _mm256_add_epi32(sum, _mm256_madd_epi16(u.odd, s.odd));
}
#endif
