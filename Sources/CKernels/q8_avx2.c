#include "q8_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "q8_ops_avx2.inc.h"
#include "q8_kernels.inc.h"

void q8_depthwise_avx2(const q8_depthwise_row *row) { depthwise(row); }
#pragma clang attribute pop

const q8_kernels q8_avx2 = Q8_TABLE(NULL);
#endif
