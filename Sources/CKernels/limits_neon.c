/* AArch64; 32 registers: 24 sums. */
#if defined(__aarch64__)

#include <arm_neon.h>

#define NAME(x) bf_limits_neon_##x
#define TARGET
#define BYTES 16
#define CHAINS 24
#define FUSED(x, y, z) ((x) * (y) + (z))
#include "limits_vector.h"

double bf_limits_neon_peak_int8(size_t repeats) {
  int8x8_t x = vdup_n_s8(3);
  const int8x8_t y = vdup_n_s8(2);
  int32x4_t sum[CHAINS];
  BF_UNROLLED for (int i = 0; i < CHAINS; i++) sum[i] = vdupq_n_s32(0);
  for (size_t r = 0; r < repeats; r++) {
    BF_UNROLLED for (int i = 0; i < CHAINS; i++) {
      /* As if x were new: products that do not change would be computed once. */
      __asm__ volatile("" : "+w"(x));
      sum[i] = vpadalq_s16(sum[i], vmull_s8(x, y));
    }
  }
  BF_UNROLLED for (int i = 1; i < CHAINS; i++) sum[0] = vaddq_s32(sum[0], sum[i]);
  volatile int32_t sink = vgetq_lane_s32(sum[0], 0);
  (void)sink;
  return (double)repeats * CHAINS * 16;
}

BF_DOTPROD double bf_limits_neon_dot_peak_int8(size_t repeats) {
  int8x16_t x = vdupq_n_s8(3);
  const int8x16_t y = vdupq_n_s8(2);
  int32x4_t sum[CHAINS];
  BF_UNROLLED for (int i = 0; i < CHAINS; i++) sum[i] = vdupq_n_s32(0);
  for (size_t r = 0; r < repeats; r++) {
    BF_UNROLLED for (int i = 0; i < CHAINS; i++) sum[i] = vdotq_s32(sum[i], x, y);
    __asm__ volatile("" : "+w"(x));
  }
  BF_UNROLLED for (int i = 1; i < CHAINS; i++) sum[0] = vaddq_s32(sum[0], sum[i]);
  volatile int32_t sink = vgetq_lane_s32(sum[0], 0);
  (void)sink;
  return (double)repeats * CHAINS * 32;
}

#else
typedef int bf_limits_neon_is_for_aarch64;
#endif
