/* AVX-512; 32 registers: 24 sums. */
#if defined(__x86_64__)

#include <immintrin.h>

#define NAME(x) bf_limits_avx512_##x
#define TARGET __attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")))
#define BYTES 64
#define CHAINS 24
#define FUSED(x, y, z) ((x) * (y) + (z))
#include "limits_vector.h"

#define BF_INTEGER_LOOP(step)                                                                            \
  __m512i x = _mm512_set1_epi8(3);                                                                       \
  const __m512i y = _mm512_set1_epi8(2), ones = _mm512_set1_epi16(1);                                    \
  (void)ones;                                                                                            \
  __m512i sum[CHAINS];                                                                                   \
  BF_UNROLLED for (int i = 0; i < CHAINS; i++) sum[i] = _mm512_setzero_si512();                    \
  for (size_t r = 0; r < repeats; r++) {                                                                 \
    BF_UNROLLED for (int i = 0; i < CHAINS; i++) {                                                 \
      __asm__ volatile("" : "+v"(x));                                                                    \
      sum[i] = step;                                                                                     \
    }                                                                                                    \
  }                                                                                                      \
  BF_UNROLLED for (int i = 1; i < CHAINS; i++) sum[0] = _mm512_add_epi32(sum[0], sum[i]);          \
  volatile int sink = _mm512_reduce_add_epi32(sum[0]);                                                   \
  (void)sink;                                                                                            \
  return (double)repeats * CHAINS * 128

TARGET double bf_limits_avx512_peak_int8(size_t repeats) {
  BF_INTEGER_LOOP(_mm512_add_epi32(sum[i], _mm512_madd_epi16(_mm512_maddubs_epi16(x, y), ones)));
}

__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))) double
bf_limits_avx512_vnni_peak_int8(size_t repeats) {
  BF_INTEGER_LOOP(_mm512_dpbusd_epi32(sum[i], x, y));
}

__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16"))) double
bf_limits_avx512_bf16_peak(size_t repeats) {
  /* 2^-7, so that no sum overflows. */
  const __m512bh x = (__m512bh)_mm512_set1_epi16(0x3c00), y = x;
  __m512 sum[CHAINS];
  BF_UNROLLED for (int i = 0; i < CHAINS; i++) sum[i] = _mm512_setzero_ps();
  for (size_t r = 0; r < repeats; r++) {
    BF_UNROLLED for (int i = 0; i < CHAINS; i++) sum[i] = _mm512_dpbf16_ps(sum[i], x, y);
  }
  BF_UNROLLED for (int i = 1; i < CHAINS; i++) sum[0] = _mm512_add_ps(sum[0], sum[i]);
  volatile float sink = _mm512_reduce_add_ps(sum[0]);
  (void)sink;
  return (double)repeats * CHAINS * 64;
}

#else
typedef int bf_limits_avx512_is_for_x86;
#endif
