/* Opens a region whose functions are compiled for one instruction set. The including file defines one of
 * BF_TARGET_PORTABLE, _NEON, _AVX2, _AVX512 (and _AVX512_VNNI, _AVX512_BF16, _AVX2_VNNI, _NEON_DOT) first, and
 * has included every system header it needs: what those define inside the region would change its target.
 * Gives VW, the floats in a vector, and BF_REGISTERS, the vector registers. BF_PAIRED, if defined, doubles VW. */
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if defined(BF_TARGET_AVX512) || defined(BF_TARGET_AVX512_VNNI) || defined(BF_TARGET_AVX512_BF16)
#define VW 16
#define BF_REGISTERS 32
#elif defined(BF_TARGET_AVX2) || defined(BF_TARGET_AVX2_VNNI)
#define VW 8
#define BF_REGISTERS 16
#elif defined(BF_TARGET_NEON) || defined(BF_TARGET_NEON_DOT)
#define VW 4
#define BF_REGISTERS 32
#else
#define VW 4
#define BF_REGISTERS 16
#endif

#if defined(BF_TARGET_AVX512)
#define BF_TARGET_NAME "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"
#elif defined(BF_TARGET_AVX512_VNNI)
#define BF_TARGET_NAME "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma"
#elif defined(BF_TARGET_AVX512_BF16)
#define BF_TARGET_NAME "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512bf16,avx2,fma"
#elif defined(BF_TARGET_AVX2)
#define BF_TARGET_NAME "avx2,fma"
#elif defined(BF_TARGET_AVX2_VNNI)
#define BF_TARGET_NAME "avx2,fma,avxvnni"
#elif defined(BF_TARGET_NEON_DOT) && defined(__clang__)
#define BF_TARGET_NAME "dotprod"
#elif defined(BF_TARGET_NEON_DOT)
#define BF_TARGET_NAME "arch=armv8.2-a+dotprod"
#endif

/* Two registers to a vector: chains of dependent instructions then run in pairs. */
#if defined(BF_PAIRED) && VW == 16
#undef VW
#define VW 32
#elif defined(BF_PAIRED) && VW == 8
#undef VW
#define VW 16
#elif defined(BF_PAIRED)
#undef VW
#define VW 8
#endif

/* Functions over vectors are inlined always: how they would be passed does not matter. */
#pragma GCC diagnostic ignored "-Wpsabi"

/* Whether a product and a sum are rounded once. */
#if defined(BF_TARGET_PORTABLE) && !defined(__aarch64__) && !defined(__FMA__)
#define BF_FUSED 0
#else
#define BF_FUSED 1
#endif
/* Whether a vector is a register of 16 floats with masks. */
#define BF_MASKS (VW == 16 && BF_REGISTERS == 32)

#define BF_PRAGMA(text) _Pragma(#text)
#if defined(__clang__)
#define BF_UNROLL(n) BF_PRAGMA(clang loop unroll_count(n))
#define BF_UNROLL_ALL BF_PRAGMA(clang loop unroll(full))
#if defined(BF_TARGET_NAME)
#define BF_PUSH(names) BF_PRAGMA(clang attribute push(__attribute__((target(names))), apply_to = function))
BF_PUSH(BF_TARGET_NAME)
#endif
#else
#define BF_UNROLL(n) BF_PRAGMA(GCC unroll n)
#define BF_UNROLL_ALL BF_PRAGMA(GCC unroll 64)
#if defined(BF_TARGET_NAME)
#define BF_PUSH(names) BF_PRAGMA(GCC target(names))
BF_PRAGMA(GCC push_options)
BF_PUSH(BF_TARGET_NAME)
#endif
#endif
#define BF_INLINE static inline __attribute__((always_inline, unused))
