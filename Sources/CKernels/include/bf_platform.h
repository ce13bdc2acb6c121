/* Instruction sets: found once, at run time. */
#ifndef BF_PLATFORM_H
#define BF_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__cplusplus)
extern "C" {
#endif

/* Ordered: on one architecture a later one includes the earlier. */
typedef enum bf_isa {
  BF_ISA_PORTABLE = 0,    /* the compiler's vector extensions at the target's baseline */
  BF_ISA_NEON = 10,       /* AArch64 baseline */
  BF_ISA_NEON_DOT = 11,   /* with sdot/udot */
  BF_ISA_AVX2 = 20,       /* AVX2 + FMA */
  BF_ISA_AVX2_VNNI = 21,  /* with AVX-VNNI */
  BF_ISA_AVX512 = 22,     /* F, BW, DQ, VL */
  BF_ISA_AVX512_VNNI = 23,/* with VNNI */
  BF_ISA_AVX512_BF16 = 24 /* with VNNI and BF16 */
} bf_isa;

/* Whether this host has the instruction set. */
bool bf_isa_has(bf_isa isa);
/* The best instruction set of this host. */
bf_isa bf_isa_best(void);
/* The one in use on this thread: the best, unless another was chosen. A kernel asks once, on its caller's
 * thread; parts of its job that run on other threads are told. */
bf_isa bf_isa_current(void);
/* Chooses a set that this host supports for this thread's calls, for tests; false (and no change) when it
 * does not. Weights packed under one set are valid only under it. */
bool bf_isa_choose(bf_isa isa);
/* "avx512-vnni". */
const char *bf_isa_name(bf_isa isa);

#if defined(__cplusplus)
}
#endif
#endif
