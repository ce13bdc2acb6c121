#include "q8_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), apply_to = function)
#define Q8_DOT
#include "q8_ops_avx512.inc.h"
#include "q8_kernels.inc.h"
#pragma clang attribute pop

const q8_kernels q8_avx512_vnni = Q8_TABLE(q8_depthwise_avx512_vnni_256);
#endif
