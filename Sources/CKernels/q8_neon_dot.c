#include "q8_kernels.h"

#if defined(__aarch64__)
#include <arm_neon.h>
#include <string.h>

#define BF_TARGET_NEON_DOT
#define Q8_DOT
#include "target_begin.inc.h"
#include "vector_math.inc.h"
#include "q8_ops_neon.inc.h"
#include "q8_kernels.inc.h"
#include "target_end.inc.h"

const q8_kernels q8_neon_dot = Q8_TABLE(NULL);
#endif
