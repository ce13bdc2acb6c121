/* Between the files of the limits: what each instruction set has. */
#ifndef BF_LIMITS_PRIVATE_H
#define BF_LIMITS_PRIVATE_H

#include "bf_limits.h"

typedef double (*bf_peak_loop)(size_t repeats);
typedef void (*bf_stream_loop)(bf_stream kind, bool bypass, size_t bytes, char *a, const char *b,
                               const char *c);

#define BF_LOOPS(set)                                                                                    \
  double bf_limits_##set##_peak_f32(size_t repeats);                                                     \
  double bf_limits_##set##_peak_f64(size_t repeats);                                                     \
  void bf_limits_##set##_stream(bf_stream kind, bool bypass, size_t bytes, char *a, const char *b, const char *c)

BF_LOOPS(portable);
#if defined(__x86_64__)
BF_LOOPS(avx2);
BF_LOOPS(avx512);
double bf_limits_avx2_peak_int8(size_t repeats);
double bf_limits_avx2_vnni_peak_int8(size_t repeats);
double bf_limits_avx512_peak_int8(size_t repeats);
double bf_limits_avx512_vnni_peak_int8(size_t repeats);
double bf_limits_avx512_bf16_peak(size_t repeats);
#endif
#if defined(__aarch64__)
BF_LOOPS(neon);
double bf_limits_neon_peak_int8(size_t repeats);
double bf_limits_neon_dot_peak_int8(size_t repeats);
#endif

/* gcc builds these files for the tests; what is measured is what clang builds. */
#if defined(__clang__)
#define BF_UNROLLED _Pragma("unroll")
#define BF_NO_BUILTIN __attribute__((no_builtin))
#define BF_BYPASS(value, at) __builtin_nontemporal_store(value, at)
#define BF_DOTPROD __attribute__((target("dotprod")))
#else
#define BF_UNROLLED _Pragma("GCC unroll 64")
#define BF_NO_BUILTIN
#define BF_BYPASS(value, at) (*(at) = (value))
#define BF_DOTPROD __attribute__((target("arch=armv8.2-a+dotprod")))
#endif

#endif
