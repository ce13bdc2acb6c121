#include "q8_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define BF_TARGET_AVX2_VNNI
#define Q8_DOT _mm256_dpbusd_avx_epi32
#include "target_begin.inc.h"
#include "vector_math.inc.h"
#include "q8_ops_avx2.inc.h"
#include "q8_kernels.inc.h"
#include "target_end.inc.h"

const q8_kernels q8_avx2_vnni = Q8_TABLE(NULL);
#endif
