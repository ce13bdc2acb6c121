#include "q8_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define BF_TARGET_AVX512
#include "target_begin.inc.h"
#include "vector_math.inc.h"
#include "q8_ops_avx512.inc.h"
#include "q8_kernels.inc.h"
#include "target_end.inc.h"

const q8_kernels q8_avx512 = Q8_TABLE(q8_depthwise_avx2);
#endif
