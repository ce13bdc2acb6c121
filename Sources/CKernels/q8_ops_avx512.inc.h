/* Vectors of 512 bits. Q8_DOT: with VNNI. */

typedef __m512i qi;
typedef __m512 qf;
typedef __m512i qb;
typedef __m512i qa;
enum { L = 16, NV = 4, MR = 6, DW_COLUMNS = 4, BLOCK_NV = 4, BLOCK_MR = 4, BLOCK_TILE = 2 };
#define NATIVE_IS_SIGNED false

Q8_INLINE qi qi_load(const int32_t *p) { return _mm512_loadu_si512(p); }
Q8_INLINE void qi_store(int32_t *p, qi v) { _mm512_storeu_si512(p, v); }
Q8_INLINE qi qi_set(int32_t v) { return _mm512_set1_epi32(v); }
Q8_INLINE qi qi_sub_mul(qi c, qi a, qi b) { return _mm512_sub_epi32(c, _mm512_mullo_epi32(a, b)); }
/* q8_fixed without a shift to the left, of numbers between -2^30 and 2^30, which can be doubled so that the
 * product's high half is the one asked for. Where it is shifted, a number below zero is one less before, and
 * all are half of the divisor more. */
Q8_INLINE qi qi_fixed(qi x, qi multiplier, qi right) {
  x = _mm512_add_epi32(x, x);
  const qi order = _mm512_setr_epi32(1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31);
  __m512i nudge = _mm512_set1_epi64(1LL << 31);
  __m512i even = _mm512_add_epi64(_mm512_mul_epi32(x, multiplier), nudge);
  __m512i odd = _mm512_mul_epi32(_mm512_srli_epi64(x, 32), _mm512_srli_epi64(multiplier, 32));
  qi high = _mm512_permutex2var_epi32(even, order, _mm512_add_epi64(odd, nudge));
  qi half = _mm512_srli_epi32(_mm512_sllv_epi32(qi_set(1), right), 1);
  __mmask16 is_less = _mm512_mask_cmplt_epi32_mask(_mm512_test_epi32_mask(right, right), high, _mm512_setzero_si512());
  qi sum = _mm512_add_epi32(high, half);
  return _mm512_srav_epi32(_mm512_mask_sub_epi32(sum, is_less, sum, qi_set(1)), right);
}
Q8_INLINE qf qi_float(qi v) { return _mm512_cvtepi32_ps(v); }
Q8_INLINE qi qf_round(qf v) { return _mm512_cvtps_epi32(v); }
Q8_INLINE qf qf_load(const float *p) { return _mm512_loadu_ps(p); }
Q8_INLINE void qf_store(float *p, qf v) { _mm512_storeu_ps(p, v); }
Q8_INLINE qf qf_set(float v) { return _mm512_set1_ps(v); }
Q8_INLINE qf qf_fma(qf a, qf b, qf c) { return _mm512_fmadd_ps(a, b, c); }
Q8_INLINE qf qf_add(qf a, qf b) { return _mm512_add_ps(a, b); }
Q8_INLINE qf qf_mul(qf a, qf b) { return _mm512_mul_ps(a, b); }
Q8_INLINE qf qf_min(qf a, qf b) { return _mm512_min_ps(a, b); }
Q8_INLINE qf qf_max(qf a, qf b) { return _mm512_max_ps(a, b); }

Q8_INLINE qb qb_load(const void *p) { return _mm512_loadu_si512(p); }
Q8_INLINE qb qb_set(uint32_t v) { return _mm512_set1_epi32((int)v); }
/* Kept whole: the compiler would rather flip the scalar, and broadcast it between registers. */
Q8_INLINE qb qb_broadcast(const uint8_t *p) {
  int32_t four;
  memcpy(&four, p, 4);
  qb v = _mm512_set1_epi32(four);
  __asm__("" : "+v"(v));
  return v;
}
Q8_INLINE qb qb_xor(qb a, qb b) { return _mm512_xor_si512(a, b); }
Q8_INLINE qb qb_low_nibbles(qb a) { return _mm512_and_si512(a, _mm512_set1_epi8(15)); }
Q8_INLINE qb qb_high_nibbles(qb a) { return qb_low_nibbles(_mm512_srli_epi16(a, 4)); }
Q8_INLINE qb qb_zip_low8(qb a, qb b) { return _mm512_unpacklo_epi8(a, b); }
Q8_INLINE qb qb_zip_high8(qb a, qb b) { return _mm512_unpackhi_epi8(a, b); }
Q8_INLINE qb qb_zip_low16(qb a, qb b) { return _mm512_unpacklo_epi16(a, b); }
Q8_INLINE qb qb_zip_high16(qb a, qb b) { return _mm512_unpackhi_epi16(a, b); }
Q8_INLINE __mmask64 qb_mask(size_t count) { return count >= 64 ? ~0ULL : (1ULL << count) - 1; }
Q8_INLINE qb qb_load_part(const void *p, size_t count) { return _mm512_maskz_loadu_epi8(qb_mask(count), p); }
Q8_INLINE void qb_store(void *p, qb v, size_t count) {
  if (count == 64)
    _mm512_storeu_si512(p, v);
  else if (count == 32)
    _mm256_storeu_si256(p, _mm512_castsi512_si256(v));
  else if (count == 16)
    _mm_storeu_si128(p, _mm512_castsi512_si128(v));
  else
    _mm512_mask_storeu_epi8(p, qb_mask(count), v);
}
/* Bytes of a row, as many as the lanes, widened. */
Q8_INLINE qi qi_widen(const uint8_t *p, uint8_t flip) {
  return _mm512_cvtepu8_epi32(_mm_xor_si128(_mm_loadu_si128((const __m128i *)p), _mm_set1_epi8((char)flip)));
}
/* Four vectors of integers to bytes, quarters interleaved by 128 bits. */
Q8_INLINE qb qb_narrow(qi a, qi b, qi c, qi d, const q8_result *r, const bool is_plain) {
  qb x = _mm512_packs_epi32(a, b), y = _mm512_packs_epi32(c, d);
  if (!is_plain) {
    qb zeros = _mm512_set1_epi16((short)r->zero_point);
    x = _mm512_adds_epi16(x, zeros);
    y = _mm512_adds_epi16(y, zeros);
  }
  qb bytes = _mm512_packus_epi16(x, y);
  if (!is_plain) {
    bytes = _mm512_max_epu8(bytes, _mm512_set1_epi8((char)r->low));
    bytes = _mm512_min_epu8(bytes, _mm512_set1_epi8((char)r->high));
  }
  return _mm512_xor_si512(bytes, _mm512_set1_epi8((char)r->flip));
}
Q8_INLINE qb qb_in_order(qb v) {
  const qb order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return _mm512_permutexvar_epi32(order, v);
}

Q8_INLINE qa qa_start(qi v) { return v; }
Q8_INLINE qi qa_sum(qa v) { return v; }
#if defined(Q8_DOT)
typedef qb qu;
typedef qb qs;
Q8_INLINE qu qu_from(qb v) { return v; }
Q8_INLINE qs qs_from(qb v) { return v; }
Q8_INLINE qa qa_dot(qa sum, qu u, qs s) { return _mm512_dpbusd_epi32(sum, u, s); }
#else
/* Even and odd bytes as 16 bits: their products are exact where bytes' saturate. */
typedef struct { __m512i even, odd; } qu, qs;
Q8_INLINE qu qu_from(qb v) {
  return (qu){_mm512_and_si512(v, _mm512_set1_epi16(255)), _mm512_srli_epi16(v, 8)};
}
Q8_INLINE qs qs_from(qb v) {
  return (qs){_mm512_srai_epi16(_mm512_slli_epi16(v, 8), 8), _mm512_srai_epi16(v, 8)};
}
Q8_INLINE qa qa_dot(qa sum, qu u, qs s) {
  sum = _mm512_add_epi32(sum, _mm512_madd_epi16(u.even, s.even));
  return _mm512_add_epi32(sum, _mm512_madd_epi16(u.odd, s.odd));
}
#endif
