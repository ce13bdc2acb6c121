/* AVX2 with FMA; 16 registers: twelve sums, two operands. */
#if defined(__x86_64__)

#include <immintrin.h>

#define NAME(x) bf_limits_avx2_##x
#define TARGET __attribute__((target("avx2,fma")))
#define BYTES 32
#define CHAINS 12
#define FUSED(x, y, z) ((x) * (y) + (z))
#include "limits_vector.h"

TARGET double bf_limits_avx2_peak_int8(size_t repeats) {
  __m256i x = _mm256_set1_epi8(3);
  const __m256i y = _mm256_set1_epi8(2), ones = _mm256_set1_epi16(1);
  __m256i sum[CHAINS];
  BF_UNROLLED for (int i = 0; i < CHAINS; i++) sum[i] = _mm256_setzero_si256();
  for (size_t r = 0; r < repeats; r++) {
    BF_UNROLLED for (int i = 0; i < CHAINS; i++) {
      /* As if x were new: products that do not change would be computed once. */
      __asm__ volatile("" : "+x"(x));
      sum[i] = _mm256_add_epi32(sum[i], _mm256_madd_epi16(_mm256_maddubs_epi16(x, y), ones));
    }
  }
  BF_UNROLLED for (int i = 1; i < CHAINS; i++) sum[0] = _mm256_add_epi32(sum[0], sum[i]);
  volatile int sink = _mm256_extract_epi32(sum[0], 0);
  (void)sink;
  return (double)repeats * CHAINS * 64;
}

__attribute__((target("avx2,fma,avxvnni"))) double bf_limits_avx2_vnni_peak_int8(size_t repeats) {
  __m256i x = _mm256_set1_epi8(3);
  const __m256i y = _mm256_set1_epi8(2);
  __m256i sum[CHAINS];
  BF_UNROLLED for (int i = 0; i < CHAINS; i++) sum[i] = _mm256_setzero_si256();
  for (size_t r = 0; r < repeats; r++) {
    BF_UNROLLED for (int i = 0; i < CHAINS; i++) sum[i] = _mm256_dpbusd_avx_epi32(sum[i], x, y);
    __asm__ volatile("" : "+x"(x));
  }
  BF_UNROLLED for (int i = 1; i < CHAINS; i++) sum[0] = _mm256_add_epi32(sum[0], sum[i]);
  volatile int sink = _mm256_extract_epi32(sum[0], 0);
  (void)sink;
  return (double)repeats * CHAINS * 64;
}

#else
typedef int bf_limits_avx2_is_for_x86;
#endif
