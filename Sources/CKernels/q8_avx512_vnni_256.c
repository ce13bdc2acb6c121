/* Depthwise kernels of 32 channels: a block of 64 would waste half its work on the last ones. */
#include "q8_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define BF_TARGET_AVX512_VNNI
#define Q8_REGISTERS_32
#define Q8_DOT _mm256_dpbusd_epi32
#include "target_begin.inc.h"
#include "vector_math.inc.h"
#include "q8_ops_avx2.inc.h"
#include "q8_finish.inc.h"
#include "q8_depthwise.inc.h"

void q8_depthwise_avx512_vnni_256(const q8_depthwise_row *row) { depthwise(row); }
#include "target_end.inc.h"
#endif
