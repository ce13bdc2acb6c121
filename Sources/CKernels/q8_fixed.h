#ifndef BF_Q8_FIXED_H
#define BF_Q8_FIXED_H

#include <stdint.h>

/* x * multiplier * 2^(shift - 31) as bf_fixed_scale says. The product's half is rounded up, which is what
 * the doubling high product with its rounding toward zero of a nudged product comes to; what is shifted out
 * after it, away from zero. */
static inline int32_t q8_fixed(int32_t x, int32_t multiplier, int32_t shift) {
  int32_t left = shift > 0 ? shift : 0, right = shift > 0 ? 0 : -shift;
  int64_t product = (int64_t)(int32_t)((uint32_t)x << left) * multiplier;
  int32_t high = (int32_t)((product + (1 << 30)) >> 31);
  int32_t mask = (int32_t)((1u << right) - 1), half = (mask >> 1) + (high < 0);
  return (high >> right) + ((high & mask) > half);
}

/* The byte of a number that has no zero point yet; `zero` and `flip` are those of the output's bytes. */
static inline uint8_t q8_fixed_byte(int32_t x, int32_t zero, uint8_t flip) {
  x = x < -zero ? -zero : x > 255 - zero ? 255 - zero : x;
  return (uint8_t)(x + zero) ^ flip;
}

#endif
