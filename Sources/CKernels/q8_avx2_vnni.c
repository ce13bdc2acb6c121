#include "q8_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,avxvnni"))), apply_to = function)
#define Q8_DOT _mm256_dpbusd_avx_epi32
#include "q8_ops_avx2.inc.h"
#include "q8_kernels.inc.h"
#pragma clang attribute pop

const q8_kernels q8_avx2_vnni = Q8_TABLE(NULL);
#endif
