#include "q8_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define BF_TARGET_AVX2
#include "target_begin.inc.h"
#include "vector_math.inc.h"
#include "q8_ops_avx2.inc.h"
#include "q8_kernels.inc.h"

void q8_depthwise_avx2(const q8_depthwise_row *row) { depthwise(row); }
#include "target_end.inc.h"

const q8_kernels q8_avx2 = Q8_TABLE(NULL);
#endif
